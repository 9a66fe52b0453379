//! journald's export format, stored byte for byte.
//!
//! Entries end with an empty line. It is where a segment is closed and where storing begins again after something was
//! dropped, so that each file can be read by itself. But a field may hold an empty line as well, and nothing here looks
//! into fields: an entry may be cut in two. The parts of a session one after the other are always what was sent.

use std::time::SystemTime;

use crate::dropped::Amount;
use crate::recorder::Recorder;
use crate::stop::Stop;

/// How far a segment may grow beyond its size while it waits for an empty line, in bytes.
const PATIENCE: u64 = 1024 * 1024;

/// Stores an export.
#[derive(Default)]
pub struct ExportIntake {
    /// The last two bytes of the input so far.
    tail: [u8; 2],
    accepted: u64,
}

impl ExportIntake {
    /// Stores `bytes`.
    pub fn take(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let stored = if recorder.is_dropping() {
            self.resume(bytes, received, recorder)
        } else if recorder.is_full() {
            self.turn(bytes, received, recorder)
        } else {
            self.store(bytes, received, recorder)
        };
        self.tail = tail(self.tail, bytes);
        stored
    }

    /// Bytes of the input that are stored.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Whether the input so far ends with an entry.
    pub fn is_whole(&self) -> bool {
        self.tail == *b"\n\n"
    }

    fn store(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        let amount = Amount { bytes: bytes.len() as u64, lines: 0 };
        if recorder.append(received, bytes, amount)? {
            self.accepted += amount.bytes;
        } else {
            recorder.close()?;
        }
        Ok(())
    }

    /// Begins the next part of the session after an entry, or where none ends for too long.
    fn turn(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let overdue = recorder.overhang() > PATIENCE;
        match boundary(self.tail, bytes).or(overdue.then_some(0)) {
            None => self.store(bytes, received, recorder),
            Some(end) => {
                let (before, after) = bytes.split_at(end);
                self.store(before, received, recorder)?;
                recorder.close()?;
                self.store(after, received, recorder)
            }
        }
    }

    /// Tries to store again what comes after an entry.
    fn resume(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let again = if recorder.waits() { None } else { boundary(self.tail, bytes) };
        let (dropped, rest) = bytes.split_at(again.unwrap_or(bytes.len()));
        recorder.skip(Amount { bytes: dropped.len() as u64, lines: 0 });
        self.store(rest, received, recorder)
    }
}

/// The first place in `bytes`, which follow `tail`, that comes after an empty line.
fn boundary(tail: [u8; 2], bytes: &[u8]) -> Option<usize> {
    let [_, last] = tail;
    if tail == *b"\n\n" {
        return Some(0);
    }
    if last == b'\n' && bytes.first() == Some(&b'\n') {
        return Some(1);
    }
    bytes.windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2)
}

fn tail([_, last]: [u8; 2], bytes: &[u8]) -> [u8; 2] {
    match bytes {
        [] => [0, last],
        [only] => [last, *only],
        [.., before, end] => [*before, *end],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_is_found_wherever_the_input_is_cut() {
        let bytes = b"A=1\n\nB=2\n\n";
        for cut in 1..=5 {
            let (before, after) = bytes.split_at(cut);
            let found = boundary([0, 0], before).or_else(|| boundary(tail([0, 0], before), after).map(|at| at + cut));
            assert_eq!(found, Some(5), "cut at {cut}");
        }
        assert_eq!(boundary([0, 0], b"A=1\n"), None);
        assert_eq!(boundary([0, 0], b"\n"), None);
    }

    #[test]
    fn single_bytes_are_remembered() {
        assert_eq!(tail(tail([0, 0], b"\n"), b"\n"), *b"\n\n");
        assert_eq!(boundary(*b"x\n", b"\nrest"), Some(1));
        assert_eq!(boundary(*b"\n\n", b"rest"), Some(0));
    }
}
