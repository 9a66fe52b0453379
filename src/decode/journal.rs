//! The Journal Export Format (systemd's JOURNAL_EXPORT_FORMATS), as `journalctl -o export` writes it.
//!
//! What counts as an entry is what systemd-journal-remote imports. Fields are looked at one at a time, so memory is
//! bounded however large an entry is.

mod entry;
mod field;

pub use field::{Fields, fields};

use memchr::memchr;

use super::{Decoder, Reject, Sink, Window};
use entry::Pending;
use field::Head;

/// An entry beyond this size is rejected (systemd's `ENTRY_SIZE_MAX`).
pub const ENTRY_SIZE_MAX: u64 = 770 << 20;
/// A binary field that claims more than this is taken for corrupt (systemd's `DATA_SIZE_MAX`).
pub const DATA_SIZE_MAX: u64 = 768 << 20;
/// Fields of an entry beyond this number are not looked at (systemd's `ENTRY_FIELD_COUNT_MAX`).
pub const FIELDS_MAX: usize = 1024;
/// Values that are longer than this are passed over unread.
const VALUE_MAX: usize = 64 << 10;

/// Decodes a journal export. Lines that are no fields are rejected when they stand between entries, and stay in the
/// bytes of an entry when they stand within one. Behind a corrupt field everything is rejected up to the next blank
/// line or `__CURSOR=`.
#[derive(Debug, Default)]
pub struct JournalDecoder {
    state: State,
    entry: Option<Pending>,
    debris: Option<Debris>,
    /// An entry without a time of its own has that of the entry before; the first one must have one.
    had_time: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// At the start of a field.
    #[default]
    Field,
    /// Within a text field that is too long to be looked at.
    LongText,
    /// Within a binary field that is too long to be looked at; so many bytes remain before its newline.
    LongData(u64),
    /// At the start of a line behind a corrupt field.
    Lost,
    /// Within such a line.
    LostLine,
}

/// Bytes that will be rejected once it is known where they end.
#[derive(Debug)]
struct Debris {
    offset: u64,
    reason: String,
}

impl JournalDecoder {
    /// Starts to decode an export.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Uses up the next piece of `bytes`, which start at `offset`; `None` when more are needed.
    fn step(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn Sink) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        match self.state {
            State::Field => self.field(bytes, offset, sink),
            State::LongText => Some(self.rest_of_line(bytes, State::Field)),
            State::LongData(0) => Some(self.end_of_data(bytes, offset, sink)),
            State::LongData(left) => {
                let used = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.state = State::LongData(left - used as u64);
                Some(used)
            }
            State::Lost => self.lost_line(bytes, offset, sink),
            State::LostLine => Some(self.rest_of_line(bytes, State::Lost)),
        }
    }

    fn rest_of_line(&mut self, bytes: &[u8], next: State) -> usize {
        let Some(newline) = memchr(b'\n', bytes) else { return bytes.len() };
        self.state = next;
        newline + 1
    }

    fn field(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn Sink) -> Option<usize> {
        match field::head(bytes, VALUE_MAX)? {
            Head::Blank => {
                self.blank_line(offset, sink);
                Some(1)
            }
            Head::NoField { length, ends } => {
                self.foreign_line(offset);
                self.state = if ends { State::Field } else { State::LongText };
                Some(length)
            }
            Head::Text { name, value, length, ends } => {
                self.entry(offset, sink).take(name, value);
                self.state = if ends { State::Field } else { State::LongText };
                Some(length)
            }
            Head::Data { name, start, size } => self.data(bytes, offset, name, start, size, sink),
        }
    }

    /// A binary field: its name, its size, and from `start` on its data and a newline.
    fn data(
        &mut self,
        bytes: &[u8],
        offset: u64,
        name: &[u8],
        start: usize,
        size: u64,
        sink: &mut dyn Sink,
    ) -> Option<usize> {
        if size > DATA_SIZE_MAX {
            self.lose(offset, format!("a field at {offset} claims {size} bytes, more than a journal can have"), sink);
            self.state = State::LostLine;
            return Some(0);
        }
        if size > VALUE_MAX as u64 {
            self.entry(offset, sink).take(name, &[]);
            self.state = State::LongData(size);
            return Some(start);
        }
        let end = start + size as usize;
        if *bytes.get(end)? != b'\n' {
            return Some(self.unterminated(offset, sink));
        }
        self.entry(offset, sink).take(name, bytes.get(start..end)?);
        Some(end + 1)
    }

    fn end_of_data(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn Sink) -> usize {
        if bytes.first() != Some(&b'\n') {
            return self.unterminated(offset, sink);
        }
        self.state = State::Field;
        1
    }

    fn unterminated(&mut self, offset: u64, sink: &mut dyn Sink) -> usize {
        self.lose(offset, format!("a binary field at {offset} does not end where its length says"), sink);
        self.state = State::LostLine;
        0
    }

    /// The entry that a field belongs to; a new one when none is open.
    fn entry(&mut self, offset: u64, sink: &mut dyn Sink) -> &mut Pending {
        self.flush(offset, sink);
        self.entry.get_or_insert_with(|| Pending::new(offset))
    }

    fn blank_line(&mut self, offset: u64, sink: &mut dyn Sink) {
        let Some(entry) = self.entry.take() else { return self.foreign_line(offset) };
        match entry.finish(offset + 1, self.had_time) {
            Ok(entry) => {
                self.had_time |= entry.claimed.is_some();
                sink.entry(entry.as_entry());
            }
            Err(reject) => sink.reject(reject),
        }
    }

    fn foreign_line(&mut self, offset: u64) {
        if self.entry.is_none() && self.debris.is_none() {
            let reason = "lines between entries that are no journal fields".to_owned();
            self.debris = Some(Debris { offset, reason });
        }
    }

    /// Gives up the open entry; what follows belongs to its debris.
    fn lose(&mut self, offset: u64, reason: String, sink: &mut dyn Sink) {
        let start = self.entry.take().map_or(offset, |entry| entry.start());
        self.flush(start, sink);
        self.debris = Some(Debris { offset: start, reason });
    }

    /// Rejects the debris, which ends at `end`.
    fn flush(&mut self, end: u64, sink: &mut dyn Sink) {
        if let Some(Debris { offset, reason }) = self.debris.take() {
            sink.reject(Reject { offset, length: end.saturating_sub(offset), reason });
        }
    }

    /// A line behind a corrupt field: a blank one ends the debris, `__CURSOR=` starts an entry.
    fn lost_line(&mut self, bytes: &[u8], offset: u64, sink: &mut dyn Sink) -> Option<usize> {
        const CURSOR: &[u8] = b"__CURSOR=";
        if bytes.starts_with(CURSOR) {
            self.flush(offset, sink);
            self.state = State::Field;
            return Some(0);
        }
        if bytes.first() == Some(&b'\n') {
            self.flush(offset + 1, sink);
            self.state = State::Field;
            return Some(1);
        }
        if CURSOR.starts_with(bytes) {
            return None;
        }
        self.state = State::LostLine;
        Some(0)
    }

    /// The source ends at `end`: an entry without its blank line is a torn one.
    fn end(&mut self, offset: u64, end: u64, sink: &mut dyn Sink) {
        if let Some(entry) = self.entry.take() {
            let reason = "the last entry is cut off: its blank line is missing".to_owned();
            sink.reject(Reject { offset: entry.start(), length: end - entry.start(), reason });
        } else if self.debris.is_some() {
            self.flush(end, sink);
        } else if offset < end {
            let reason = "the source ends within a line".to_owned();
            sink.reject(Reject { offset, length: end - offset, reason });
        }
    }
}

impl Decoder for JournalDecoder {
    fn decode(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut used = 0;
        while let Some(bytes) = window.bytes.get(used..) {
            let Some(length) = self.step(bytes, window.offset + used as u64, sink) else { break };
            used += length;
        }
        if !window.last {
            return used;
        }
        self.end(window.offset + used as u64, window.offset + window.bytes.len() as u64, sink);
        window.bytes.len()
    }
}

#[cfg(test)]
mod tests;
