//! Which lines of a piece of text are selected.

use std::ops::Range;

use memchr::{memchr, memrchr};
use regex::bytes::Regex;

/// After this many hits that turned out to span lines, a piece is searched line by line: a pattern such as `a[^b]*b`
/// would else run over the rest of the piece from every line.
const SPANNING_HITS: u32 = 16;

/// The selected lines of a piece, in order; ranges are without the newline.
pub struct Lines<'a> {
    regex: &'a Regex,
    piece: &'a [u8],
    invert: bool,
    at: usize,
    hit: Option<Range<usize>>,
    searched: bool,
    spanning: u32,
}

impl<'a> Lines<'a> {
    pub const fn new(regex: &'a Regex, piece: &'a [u8], invert: bool) -> Self {
        Self { regex, piece, invert, at: 0, hit: None, searched: false, spanning: 0 }
    }

    /// The line that starts at `start`.
    fn line(&self, start: usize) -> Range<usize> {
        start..memchr(b'\n', &self.piece[start..]).map_or(self.piece.len(), |length| start + length)
    }

    /// The first line at or after `from` in which the pattern matches.
    fn matching(&mut self, mut from: usize) -> Option<Range<usize>> {
        while from < self.piece.len() {
            let line = if self.spanning < SPANNING_HITS {
                // No match ends before this one: the lines before it have none.
                let end = self.regex.shortest_match_at(self.piece, from)?;
                let start = memrchr(b'\n', &self.piece[from..end]).map_or(from, |newline| from + newline + 1);
                if start >= self.piece.len() {
                    return None;
                }
                self.line(start)
            } else {
                self.line(from)
            };
            if self.regex.is_match(&self.piece[line.clone()]) {
                return Some(line);
            }
            self.spanning += 1;
            from = line.end + 1;
        }
        None
    }

    fn next_hit(&mut self) -> Option<Range<usize>> {
        if !self.searched {
            self.hit = self.matching(self.at);
            self.searched = true;
        }
        self.hit.clone()
    }

    fn advance(&mut self, line: Range<usize>) -> Range<usize> {
        self.at = line.end + 1;
        line
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.at < self.piece.len() {
            let hit = self.next_hit();
            let at_hit = hit.as_ref().is_some_and(|hit| hit.start == self.at);
            if at_hit || !self.invert {
                self.searched = false;
                let line = self.advance(hit?);
                if !self.invert {
                    return Some(line);
                }
            } else {
                let line = self.line(self.at);
                return Some(self.advance(line));
            }
        }
        None
    }
}
