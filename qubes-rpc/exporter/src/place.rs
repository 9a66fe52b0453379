//! Places in a source up to which records were read or acknowledged.

use std::collections::BTreeMap;

/// How many bytes before a place in a file are remembered, to know the file again.
pub const PRINT_MAX: usize = 64;
/// How many journal sequences a [`JournalPlace`] remembers.
const SEQUENCES_MAX: usize = 64;

/// The end of one record in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The journal entry of this cursor.
    Cursor(Box<str>),
    /// A place in a file.
    File(FilePlace),
}

/// A place in a file that survives renaming of the file and tells another file with the same inode apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilePlace {
    /// Device and inode number of the file.
    pub identity: (u64, u64),
    /// Bytes from the start of the file.
    pub offset: u64,
    /// The bytes just before `offset`.
    pub print: Print,
}

/// A hash of the last bytes (at most [`PRINT_MAX`]) of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Print {
    /// How many bytes were hashed.
    pub len: u8,
    /// FNV-1a of them. It recognises a file; it does not authenticate one.
    pub hash: u64,
}

impl Print {
    /// The print of what ends with `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let tail = &bytes[bytes.len().saturating_sub(PRINT_MAX)..];
        let hash = tail
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Print { len: tail.len() as u8, hash }
    }
}

/// How far a journal was read: the last cursor, and the highest number in each of its sequences.
///
/// The sequences tell what was sent already when the journal no longer knows the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalPlace {
    /// Cursor of the last entry.
    pub cursor: Option<Box<str>>,
    /// Sequence id to (highest number, order of last use).
    sequences: BTreeMap<Box<str>, (u64, u64)>,
    uses: u64,
}

impl JournalPlace {
    /// Moves to the entry of `cursor`.
    pub fn advance(&mut self, cursor: &str) {
        if let Some((sequence, number)) = parts(cursor) {
            self.remember(sequence, number);
        }
        self.cursor = Some(cursor.into());
    }

    /// Notes that entries of `sequence` up to `number` were read.
    pub fn remember(&mut self, sequence: &str, number: u64) {
        self.uses += 1;
        match self.sequences.get_mut(sequence) {
            Some((highest, used)) => (*highest, *used) = (number.max(*highest), self.uses),
            None => {
                self.forget_oldest();
                self.sequences.insert(sequence.into(), (number, self.uses));
            }
        }
    }

    /// Whether the entry of `cursor` lies at or before this place in its own sequence.
    pub fn contains(&self, cursor: &str) -> bool {
        parts(cursor).is_some_and(|(sequence, number)| {
            self.sequences.get(sequence).is_some_and(|(highest, _)| number <= *highest)
        })
    }

    /// The remembered sequences and their highest numbers, the least recently used first.
    pub fn sequences(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self.sequences.iter().collect();
        all.sort_by_key(|(_, (_, used))| *used);
        all.into_iter().map(|(sequence, (number, _))| (&**sequence, *number)).collect()
    }

    fn forget_oldest(&mut self) {
        if self.sequences.len() < SEQUENCES_MAX {
            return;
        }
        let oldest = self.sequences.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| id.clone());
        if let Some(oldest) = oldest {
            self.sequences.remove(&oldest);
        }
    }
}

/// Sequence id and number of a cursor, `s=<hex>;i=<hex>;...` (sd_journal_get_cursor(3) calls it opaque; where the form
/// is another one day, replayed entries are sent twice rather than lost).
fn parts(cursor: &str) -> Option<(&str, u64)> {
    let field = |name: &str| cursor.split(';').find_map(|part| part.strip_prefix(name));
    Some((field("s=")?, u64::from_str_radix(field("i=")?, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_place_knows_entries_of_the_sequences_it_has_read() {
        let mut place = JournalPlace::default();
        place.advance("s=aa;i=ff;b=1");
        place.advance("s=bb;i=2;b=1");
        assert!(place.contains("s=aa;i=ff;b=1") && place.contains("s=aa;i=10;b=9"));
        assert!(!place.contains("s=aa;i=100;b=1") && !place.contains("s=cc;i=1;b=1"));
        assert!(!place.contains("no cursor at all"));
    }

    #[test]
    fn a_journal_place_stays_bounded_and_forgets_the_least_used() {
        let mut place = JournalPlace::default();
        place.advance("s=old;i=1");
        for n in 0..SEQUENCES_MAX as u64 * 3 {
            place.remember(&format!("{n}"), 1);
            place.remember("kept", n);
        }
        assert_eq!(place.sequences().len(), SEQUENCES_MAX);
        assert!(place.contains("s=kept;i=1") && !place.contains("s=old;i=1"));
    }

    #[test]
    fn a_print_covers_only_the_last_bytes() {
        let long = [b"x".repeat(100), b"y".repeat(PRINT_MAX)].concat();
        assert_eq!(Print::of(&long), Print::of(&b"y".repeat(PRINT_MAX)));
        assert_ne!(Print::of(b"a\n"), Print::of(b"b\n"));
        assert_eq!(Print::of(b"").len, 0);
    }
}
