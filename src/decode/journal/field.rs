//! The fields of an export: `NAME=text`, or `NAME`, a 64-bit little-endian size, and data.

use memchr::memchr;

use super::FIELDS_MAX;

/// A field's name has at most this many bytes.
const NAME_MAX: usize = 64;

/// What stands at the start of a line of an export.
pub(super) enum Head<'a> {
    /// An empty line.
    Blank,
    /// A line that is no field.
    NoField { length: usize, ends: bool },
    /// A text field; its value is empty when it is too long to be read. `ends` tells whether `length` takes in its
    /// newline.
    Text { name: &'a [u8], value: &'a [u8], length: usize, ends: bool },
    /// A binary field of `size` bytes, which begin at `start`.
    Data { name: &'a [u8], start: usize, size: u64 },
}

/// What `bytes` start with; `None` when more are needed. Lines above `limit` bytes need not be there to their end.
pub(super) fn head(bytes: &[u8], limit: usize) -> Option<Head<'_>> {
    let newline = memchr(b'\n', bytes);
    if newline == Some(0) {
        return Some(Head::Blank);
    }
    let line = bytes.get(..newline.unwrap_or(bytes.len()))?;
    if newline.is_none() && line.len() <= limit {
        return None;
    }
    let length = newline.map_or(line.len(), |at| at + 1);
    let ends = newline.is_some();
    let no_field = Head::NoField { length, ends };
    let near = line.get(..=NAME_MAX).unwrap_or(line);
    let Some(equals) = memchr(b'=', near) else {
        let binary = is_name(line) && ends;
        return if binary { data(bytes, length) } else { Some(no_field) };
    };
    let name = line.get(..equals)?;
    if !is_name(name) {
        return Some(no_field);
    }
    let value = if line.len() <= limit { line.get(equals + 1..)? } else { &[] };
    Some(Head::Text { name, value, length, ends })
}

fn data(bytes: &[u8], after_name: usize) -> Option<Head<'_>> {
    let name = bytes.get(..after_name - 1)?;
    let start = after_name + 8;
    let size = u64::from_le_bytes(bytes.get(after_name..start)?.try_into().ok()?);
    Some(Head::Data { name, start, size })
}

/// Whether a field can have this name: up to 64 of `A-Z 0-9 _`, and no digit first (systemd's `journal_field_valid`).
fn is_name(name: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    name.len() <= NAME_MAX && name.first().is_some_and(|byte| !byte.is_ascii_digit()) && name.iter().all(allowed)
}

/// The fields of one entry of an export, in order: names and values. Lines that are no fields are passed over, and at
/// most [`FIELDS_MAX`] fields are given; a corrupt field ends them.
#[must_use]
pub fn fields(entry: &[u8]) -> Fields<'_> {
    Fields { rest: entry, left: FIELDS_MAX }
}

/// Iterates over the fields of an entry; made by [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.left > 0 {
            let (field, length) = match head(self.rest, usize::MAX)? {
                Head::Blank => (None, 1),
                Head::NoField { length, .. } => (None, length),
                Head::Text { name, value, length, .. } => (Some((name, value)), length),
                Head::Data { name, start, size } => {
                    let end = start.checked_add(usize::try_from(size).ok()?)?;
                    (Some((name, self.rest.get(start..end)?)), end + 1)
                }
            };
            self.rest = self.rest.get(length..).unwrap_or_default();
            if field.is_some() {
                self.left -= 1;
                return field;
            }
        }
        None
    }
}
