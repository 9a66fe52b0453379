//! Bytes that must be counted before they can be sent: in memory while few, in a file without a name when many.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};

/// Bytes kept in memory.
const MEMORY: usize = 1 << 20;

/// A growing text that is read once, from its start, when it is complete.
#[derive(Debug)]
pub struct Spool<F> {
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    make: F,
    length: u64,
}

impl<F: Fn() -> io::Result<File>> Spool<F> {
    /// An empty text; `make` gives a file when memory is not enough.
    pub fn new(make: F) -> Self {
        Self { memory: Vec::new(), file: None, make, length: 0 }
    }

    /// Bytes so far.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends.
    ///
    /// # Errors
    /// When the disk is full, or no file can be made.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if self.file.is_none() && self.memory.len() + bytes.len() > MEMORY {
            let mut file = BufWriter::new((self.make)()?);
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Reads it from the start; this may be asked again.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn read(&mut self) -> io::Result<Box<dyn BufRead + '_>> {
        let Some(file) = &mut self.file else { return Ok(Box::new(self.memory.as_slice())) };
        file.flush()?;
        let file = file.get_mut();
        file.rewind()?;
        Ok(Box::new(BufReader::new(file.take(self.length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_came_however_much() {
        for count in [0, 10, 200_000] {
            let mut spool = Spool::new(tempfile::tempfile);
            (0..count).for_each(|number| spool.push(format!("{number}\n").as_bytes()).unwrap());
            assert_eq!(spool.file.is_some(), count > 100_000);
            for _ in 0..2 {
                let lines: Vec<_> = spool.read().unwrap().lines().map(Result::unwrap).collect();
                assert!(lines.iter().map(|line| line.parse::<usize>().unwrap()).eq(0..count));
            }
        }
    }
}
