//! Text logs: one record a line, whatever the bytes.

mod line;

pub use line::{Line, parse_line};

use memchr::memchr_iter;

use super::time::Hints;
use super::{Body, Decoder, Entry, Sink, Window};

/// A line's times, head and nf_log fields are looked for in its first 16 KiB. LogVM's lines are at most 8 KiB; a longer
/// line is still one record.
pub const HEAD: usize = 16 << 10;

/// Decodes a text log. Every line, empty ones and a last one without newline too, becomes one record.
#[derive(Debug, Default)]
pub struct TextDecoder {
    hints: Hints,
    unfinished: Option<Unfinished>,
}

/// A line that is longer than [`HEAD`] and whose end has not been seen yet.
#[derive(Debug)]
struct Unfinished {
    offset: u64,
    length: u64,
    head: Vec<u8>,
}

impl TextDecoder {
    /// Starts to decode a source of which `hints` are known.
    #[must_use]
    pub fn new(hints: Hints) -> Self {
        Self { hints, unfinished: None }
    }

    /// Hands over the line that takes `line.len()` bytes plus those of its newline.
    fn whole(&self, offset: u64, line: &[u8], newline: u64, sink: &mut dyn Sink) {
        let head = line.get(..HEAD).unwrap_or(line);
        self.emit(offset, line.len() as u64 + newline, head, sink);
    }

    fn emit(&self, offset: u64, length: u64, head: &[u8], sink: &mut dyn Sink) {
        let line = parse_line(head, &self.hints);
        let body = line.nft().map_or(Body::Text, Body::Nft);
        let Line { received, claimed, level, .. } = line;
        sink.entry(Entry { offset, length, received, claimed, level, body });
    }

    /// Goes on with a line whose start was in an earlier window; how many bytes that takes.
    fn go_on(&mut self, window: &Window<'_>, sink: &mut dyn Sink) -> usize {
        let Some(mut line) = self.unfinished.take() else { return 0 };
        let newline = memchr::memchr(b'\n', window.bytes);
        let used = newline.map_or(window.bytes.len(), |at| at + 1);
        line.length += used as u64;
        if newline.is_some() || window.last {
            self.emit(line.offset, line.length, &line.head, sink);
        } else {
            self.unfinished = Some(line);
        }
        used
    }

    /// Deals with what stands behind the last newline; how many of its bytes are used.
    fn remainder(&mut self, offset: u64, rest: &[u8], last: bool, sink: &mut dyn Sink) -> usize {
        if rest.is_empty() || (!last && rest.len() < HEAD) {
            return 0;
        }
        if last {
            self.whole(offset, rest, 0, sink);
        } else {
            let head = rest.get(..HEAD).unwrap_or(rest).to_vec();
            self.unfinished = Some(Unfinished { offset, length: rest.len() as u64, head });
        }
        rest.len()
    }
}

impl Decoder for TextDecoder {
    fn decode(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut used = self.go_on(&window, sink);
        let start = used;
        for newline in memchr_iter(b'\n', window.bytes.get(start..).unwrap_or_default()) {
            let end = start + newline;
            self.whole(window.offset + used as u64, window.bytes.get(used..end).unwrap_or_default(), 1, sink);
            used = end + 1;
        }
        let rest = window.bytes.get(used..).unwrap_or_default();
        used + self.remainder(window.offset + used as u64, rest, window.last, sink)
    }

    /// Each line is decoded by itself.
    fn may_split_at_newlines(&self) -> bool {
        self.unfinished.is_none()
    }
}

#[cfg(test)]
mod tests;
