//! Splits bytes into lines.

use crate::place::{PRINT_MAX, Print};

/// A line longer than this goes on in pieces. The LogVM keeps less of it anyway.
pub const PIECE_MAX: usize = 64 * 1024;

/// Finds lines in bytes that come in any pieces, in bounded memory.
#[derive(Debug, Default)]
pub struct LineSplitter {
    partial: Vec<u8>,
    /// Whether an earlier piece of the line was given already.
    inside: bool,
    /// Bytes of the source up to the end of what was given.
    offset: u64,
}

/// A line with its newline, or a piece of a line that is too long.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether the line begins here.
    pub begins: bool,
    /// Bytes of the source up to the end of this piece.
    pub offset: u64,
    /// The print of the place at `offset`.
    pub print: Print,
}

impl LineSplitter {
    /// Goes on at `offset` of a source, at the start of a line.
    pub fn at(offset: u64) -> Self {
        LineSplitter { offset, ..LineSplitter::default() }
    }

    /// Takes the next bytes and gives each line that they complete.
    pub fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            for part in part.chunks(PIECE_MAX) {
                self.part(part, each);
            }
        }
    }

    /// The source ends: gives what is left, completed with a newline.
    pub fn finish(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        if self.partial.is_empty() && !self.inside {
            return;
        }
        let mut last = std::mem::take(&mut self.partial);
        self.offset += last.len() as u64;
        let print = Print::of(&last);
        last.push(b'\n');
        each(Piece { bytes: &last, begins: !self.inside, offset: self.offset, print });
        self.inside = false;
    }

    fn part(&mut self, part: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        let complete = part.ends_with(b"\n");
        if self.partial.is_empty() && complete {
            return self.give(part, each);
        }
        self.partial.extend_from_slice(part);
        if complete || self.partial.len() >= PIECE_MAX {
            let piece = std::mem::take(&mut self.partial);
            self.give(&piece, each);
        }
    }

    fn give(&mut self, bytes: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        self.offset += bytes.len() as u64;
        let tail = &bytes[bytes.len().saturating_sub(PRINT_MAX)..];
        each(Piece { bytes, begins: !self.inside, offset: self.offset, print: Print::of(tail) });
        self.inside = !bytes.ends_with(b"\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(Vec<u8>, u64)> {
        let mut splitter = LineSplitter::at(100);
        let mut all = Vec::new();
        pieces.iter().for_each(|piece| splitter.feed(piece, &mut |line| all.push((line.bytes.to_vec(), line.offset))));
        splitter.finish(&mut |line| all.push((line.bytes.to_vec(), line.offset)));
        all
    }

    #[test]
    fn lines_are_found_in_any_pieces() {
        let text = b"one\n\ntwo\r\nthree";
        for size in 1..=text.len() {
            let expected = [(&b"one\n"[..], 104), (b"\n", 105), (b"two\r\n", 110), (b"three\n", 115)];
            let found = lines(&text.chunks(size).collect::<Vec<_>>());
            assert_eq!(found.iter().map(|(line, end)| (&**line, *end)).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_line_without_end_holds_no_memory() {
        let mut splitter = LineSplitter::default();
        let (mut given, mut begun) = (0, 0);
        (0..1000).for_each(|_| {
            splitter.feed(&[0; 10_000], &mut |piece| {
                given += piece.bytes.len();
                begun += usize::from(piece.begins);
            });
        });
        assert!(splitter.partial.capacity() <= 2 * PIECE_MAX + 10_000);
        assert_eq!((given + splitter.partial.len(), begun), (10_000_000, 1));
    }
}
