//! A sliding window over a reader: what has been read and is not used up yet.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that are asked of a reader at a time.
const CHUNK: usize = 512 * 1024;

/// The most bytes that can be pending.
const LARGEST: usize = 4 << 20;

/// Bytes of a reader that are not used up yet.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl Buffer {
    /// Makes room and reads once.
    ///
    /// # Errors
    /// What the reader reports; the bytes before are kept, and nothing more will come.
    pub fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        self.make_room();
        loop {
            match reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(count) => {
                    self.end = (self.end + count).min(self.bytes.len());
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
    }

    /// Reads until `wanted` bytes are pending, the source ends, or `cancelled` is set.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn fill_to(&mut self, wanted: usize, reader: &mut dyn Read, cancelled: &AtomicBool) -> io::Result<()> {
        while self.pending().len() < wanted && !self.ended && !cancelled.load(Ordering::Relaxed) {
            self.fill(reader)?;
        }
        Ok(())
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < CHUNK / 2 {
            self.bytes.resize((self.bytes.len() * 2).clamp(CHUNK, LARGEST), 0);
        }
    }

    /// What has been read and is not used up.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Uses up the first `count` of the pending bytes, or all of them if there are fewer.
    pub fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Gives away the first `count` of the pending bytes, or all of them if there are fewer, as if they were used up; goes
    /// on in the memory of `spare`. Copies no more than what stays.
    pub fn give_away(&mut self, count: usize, mut spare: Vec<u8>) -> Vec<u8> {
        let count = count.min(self.end - self.start);
        let rest = self.end - self.start - count;
        spare.resize(spare.len().max(rest), 0);
        spare[..rest].copy_from_slice(&self.bytes[self.start + count..self.end]);
        let mut bytes = std::mem::replace(&mut self.bytes, spare);
        bytes.truncate(self.start + count);
        bytes.drain(..self.start);
        (self.start, self.end) = (0, rest);
        self.offset += count as u64;
        bytes
    }

    /// Offset in the source of the first pending byte.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the source has ended or failed: what is pending is all that is left.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            self.0.read(&mut into[..count])
        }
    }

    #[test]
    fn gives_every_byte_once() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * CHUNK / 2).collect();
        let mut buffer = Buffer::default();
        let mut reader = &bytes[..];
        let mut seen = Vec::new();
        while !buffer.ended() {
            buffer.fill(&mut reader).expect("memory can be read");
            let take = buffer.pending().len() * 2 / 3 + usize::from(buffer.ended());
            seen.extend_from_slice(&buffer.pending()[..take]);
            buffer.consume(take);
            assert_eq!(buffer.offset(), seen.len() as u64);
        }
        seen.extend_from_slice(buffer.pending());
        assert_eq!(seen, bytes);
    }

    #[test]
    fn gives_away_what_is_used_and_goes_on_with_the_rest() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5 * CHUNK).collect();
        let (mut buffer, mut reader, mut seen, mut spare) = (Buffer::default(), &bytes[..], Vec::new(), Vec::new());
        while !buffer.ended() {
            buffer.fill(&mut reader).expect("memory can be read");
            buffer.consume(buffer.pending().len().min(1));
            seen.extend(bytes.get(seen.len()).filter(|_| buffer.offset() > seen.len() as u64));
            let given = buffer.give_away(buffer.pending().len() * 2 / 3, spare);
            seen.extend_from_slice(&given);
            assert_eq!(buffer.offset(), seen.len() as u64);
            spare = given;
        }
        seen.extend_from_slice(buffer.pending());
        assert!(seen == bytes);
    }

    #[test]
    fn waits_for_as_much_as_is_wanted() {
        let mut buffer = Buffer::default();
        buffer.fill_to(3, &mut Trickle(b"abcdef"), &AtomicBool::new(false)).expect("memory can be read");
        assert_eq!(buffer.pending(), b"abc");
    }
}
