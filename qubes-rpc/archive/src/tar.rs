//! Writes tar archives as a stream: ustar headers (POSIX.1-1988), PAX records (POSIX.1-2001) where those do not reach.

use std::io::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a block; every header and every member is a whole number of them.
pub const BLOCK: usize = 512;

/// Longest path that a plain header holds without its prefix field.
const NAME: usize = 100;

/// The first size that does not fit eleven octal digits.
const LARGE: u64 = 1 << 33;

/// A tar archive being written. Members follow one another: [`Writer::start`], its bytes, [`Writer::end`].
#[derive(Debug)]
pub struct Writer<W> {
    inner: W,
    left: u64,
    padding: usize,
}

impl<W: Write> Writer<W> {
    /// Starts an archive.
    pub fn new(inner: W) -> Self {
        Self { inner, left: 0, padding: 0 }
    }

    /// Starts a member of exactly `size` bytes.
    ///
    /// # Errors
    /// When the reader is gone.
    pub fn start(&mut self, path: &str, size: u64, modified: SystemTime) -> io::Result<()> {
        let records = records(path, size);
        if !records.is_empty() {
            self.inner.write_all(&header("pax", records.len() as u64, UNIX_EPOCH, b'x'))?;
            self.inner.write_all(&records)?;
            self.inner.write_all(&[0; BLOCK][..padding(records.len() as u64)])?;
        }
        self.inner.write_all(&header(path, size, modified, b'0'))?;
        (self.left, self.padding) = (size, padding(size));
        Ok(())
    }

    /// Bytes that the member still wants.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Writes bytes of the member; those beyond its size are refused.
    ///
    /// # Errors
    /// When the reader is gone, or more comes than was announced.
    pub fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::InvalidInput)?;
        self.inner.write_all(bytes)
    }

    /// Ends the member.
    ///
    /// # Errors
    /// When the reader is gone, or bytes are missing.
    pub fn end(&mut self) -> io::Result<()> {
        if self.left != 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.inner.write_all(&[0; BLOCK][..std::mem::take(&mut self.padding)])
    }

    /// A record that says nothing and that every reader skips: it tells whether there still is a reader.
    ///
    /// # Errors
    /// When the reader is gone.
    pub fn heartbeat(&mut self) -> io::Result<()> {
        let record = record("comment", "heartbeat");
        self.inner.write_all(&header("pax", record.len() as u64, UNIX_EPOCH, b'g'))?;
        self.inner.write_all(&record)?;
        self.inner.write_all(&[0; BLOCK][..padding(record.len() as u64)])?;
        self.inner.flush()
    }

    /// Hands everything so far to the reader.
    ///
    /// # Errors
    /// When the reader is gone.
    pub fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// When the reader is gone.
    pub fn finish(mut self) -> io::Result<W> {
        self.inner.write_all(&[0; 2 * BLOCK])?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}

/// Zero bytes after `size` up to a whole block.
fn padding(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

/// PAX records for what a plain header cannot say.
fn records(path: &str, size: u64) -> Vec<u8> {
    let mut records = Vec::new();
    if path.len() > NAME || !path.is_ascii() {
        records.extend(record("path", path));
    }
    if size >= LARGE {
        records.extend(record("size", &size.to_string()));
    }
    records
}

/// `<length> <key>=<value>\n`, where the length counts its own digits too.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length += 1;
    }
    format!("{length} {key}={value}\n").into_bytes()
}

fn header(path: &str, size: u64, modified: SystemTime, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let name = &path.as_bytes()[..path.len().min(NAME)];
    block[..name.len()].copy_from_slice(name);
    octal(&mut block[100..108], 0o600);
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    octal(&mut block[124..136], if size < LARGE { size } else { 0 });
    let seconds = modified.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    octal(&mut block[136..148], seconds.min(LARGE - 1));
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum = block.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut block[148..155], sum);
    block
}

/// Fills the field with octal digits and a closing NUL.
fn octal(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    for (place, byte) in field[..digits].iter_mut().rev().enumerate() {
        *byte = b'0' + (value >> (3 * place) & 7) as u8;
    }
    field[digits] = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record("path", "abc"), b"12 path=abc\n");
        for length in 80..120 {
            let text = record("path", &"x".repeat(length));
            let written: usize = std::str::from_utf8(&text).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert_eq!(written, text.len());
        }
    }

    #[test]
    fn a_member_has_the_size_it_announced() {
        let mut tar = Writer::new(Vec::new());
        tar.start("a", 3, UNIX_EPOCH).unwrap();
        assert!(tar.end().is_err());
        tar.data(b"abc").unwrap();
        assert!(tar.data(b"d").is_err());
    }

    #[test]
    fn blocks_are_whole() {
        let mut tar = Writer::new(Vec::new());
        for size in [0, 1, 511, 512, 513] {
            tar.start(&"ü".repeat(size), size as u64, UNIX_EPOCH).unwrap();
            tar.data(&vec![b'x'; size]).unwrap();
            tar.end().unwrap();
        }
        tar.heartbeat().unwrap();
        assert_eq!(tar.finish().unwrap().len() % BLOCK, 0);
    }

    #[test]
    fn large_sizes_are_records() {
        assert_eq!(records("a", LARGE), record("size", "8589934592"));
        assert_eq!(records("a", LARGE - 1), b"");
    }
}
