//! Collects lines and journal entries.

use std::borrow::Cow;

use super::nft::NftLines;
use crate::decode::{Body, Entry};
use crate::record::{Kind, Level, Time, Timestamp};
use crate::store::column::{ColumnBuilder, MISSING_TIME, Offsets, TimeColumn};
use crate::store::segment::{EntryColumns, KeyTime, TimeNotes};

/// Consecutive entries of one table, at most as many as a segment has. Keeps its memory when it is emptied.
#[derive(Debug, Default)]
pub struct Entries {
    /// Offset of the first entry.
    base: u64,
    /// Offsets above the base.
    starts: Vec<u32>,
    /// End of the last entry.
    end: u64,
    /// Rows that do not reach to the start of the next, and their lengths.
    odd_lengths: Vec<(u16, u64)>,
    received: Times,
    claimed: Times,
    kind: ColumnBuilder<Kind>,
    level: ColumnBuilder<Level>,
    times: ColumnBuilder<TimeNotes>,
    nft: NftLines,
}

/// Times in nanoseconds of the rows up to the last that has one, with [`MISSING_TIME`] for none.
#[derive(Debug, Default)]
struct Times(Vec<i64>);

impl Entries {
    /// How many there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len()
    }

    /// Offset of the first entry, if there is one.
    #[must_use]
    pub fn first_offset(&self) -> Option<u64> {
        (!self.starts.is_empty()).then_some(self.base)
    }

    /// Offset of the last entry; 0 where there is none.
    #[must_use]
    pub fn last_offset(&self) -> u64 {
        self.starts.last().map_or(0, |start| self.base + u64::from(*start))
    }

    /// Adds an entry, which starts less than 4 GiB after the first.
    pub fn push(&mut self, entry: &Entry<'_>) {
        let row = self.rows();
        self.begin(entry.offset);
        self.starts.push((entry.offset - self.base) as u32);
        self.end = entry.offset + entry.length;
        self.received.push(row, entry.received);
        self.claimed.push(row, entry.claimed);
        self.level.push(entry.level);
        self.kind.push(match &entry.body {
            Body::Text => Kind::Text,
            Body::Nft(_) => Kind::Nft,
            Body::Journal => Kind::Journal,
        });
        self.times.push(TimeNotes {
            received: entry.received.map(|t| t.precision).unwrap_or_default(),
            claimed: entry.claimed.map(|t| t.precision).unwrap_or_default(),
            inferred: entry.claimed.is_some_and(|t| t.inferred),
        });
        if let Body::Nft(nft) = &entry.body {
            self.nft.push(row, nft);
        }
    }

    /// Adds all of `other`, which starts less than 4 GiB after the first.
    pub(super) fn append(&mut self, other: &Self) {
        let Some(first) = other.first_offset() else { return };
        let row = self.rows();
        self.begin(first);
        let above = (other.base - self.base) as u32;
        self.starts.extend(other.starts.iter().map(|start| start + above));
        self.odd_lengths
            .extend(other.odd_lengths.iter().map(|(at, length)| ((row + usize::from(*at)) as u16, *length)));
        self.end = other.end;
        self.received.append(row, &other.received);
        self.claimed.append(row, &other.claimed);
        self.kind.append(&other.kind);
        self.level.append(&other.level);
        self.times.append(&other.times);
        self.nft.append(row, &other.nft);
    }

    /// Notes that an entry at `offset` follows.
    fn begin(&mut self, offset: u64) {
        if self.starts.is_empty() {
            self.base = offset;
        } else if offset != self.end {
            let last = self.last_offset();
            self.odd_lengths.push(((self.rows() - 1) as u16, self.end - last));
        }
    }

    /// Which time the rows sort by, and that time for each; a row without one takes that of the row before.
    pub(super) fn keys(&self, before: i64) -> (KeyTime, Cow<'_, [i64]>) {
        if self.received.are_all(self.rows()) {
            return (KeyTime::Received, Cow::Borrowed(&self.received.0));
        }
        if self.received.0.is_empty() && self.claimed.are_all(self.rows()) {
            return (KeyTime::Claimed, Cow::Borrowed(&self.claimed.0));
        }
        let mut last = before;
        let mut keys = Vec::with_capacity(self.rows());
        for row in 0..self.rows() {
            last = self.received.get(row).or_else(|| self.claimed.get(row)).unwrap_or(last);
            keys.push(last);
        }
        backfill(&mut keys);
        (KeyTime::Own(TimeColumn::from_nanoseconds(&keys)), Cow::Owned(keys))
    }

    /// The columns, if there are any rows; starts again without entries.
    pub(super) fn finish(&mut self) -> Option<EntryColumns> {
        let rows = self.rows();
        let columns = EntryColumns {
            base: self.base,
            offsets: Offsets::new(&self.starts),
            end: self.end,
            odd_lengths: self.odd_lengths.as_slice().into(),
            received: self.received.finish(rows),
            claimed: self.claimed.finish(rows),
            kind: self.kind.finish()?,
            level: self.level.finish()?,
            times: self.times.finish()?,
            nft: self.nft.finish(rows).map(Box::new),
        };
        self.starts.clear();
        self.odd_lengths.clear();
        Some(columns)
    }

    /// Starts again without entries.
    pub fn clear(&mut self) {
        self.starts.clear();
        self.odd_lengths.clear();
        self.received.0.clear();
        self.claimed.0.clear();
        self.kind.clear();
        self.level.clear();
        self.times.clear();
        self.nft.clear();
    }
}

/// Rows before the first time of a table take that first time.
fn backfill(keys: &mut [i64]) {
    let timeless = keys.iter().take_while(|key| **key == Timestamp::MIN.0).count();
    if let Some(first) = keys.get(timeless).copied() {
        keys[..timeless].fill(first);
    }
}

impl Times {
    fn push(&mut self, row: usize, time: Option<Time>) {
        let Some(time) = time else { return };
        self.0.resize(row, MISSING_TIME);
        self.0.push(time.at.0.max(Timestamp::MIN.0));
    }

    fn append(&mut self, row: usize, other: &Self) {
        if !other.0.is_empty() {
            self.0.resize(row, MISSING_TIME);
            self.0.extend_from_slice(&other.0);
        }
    }

    fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row).copied().filter(|time| *time != MISSING_TIME)
    }

    /// Whether each of `rows` rows has a time.
    fn are_all(&self, rows: usize) -> bool {
        self.0.len() == rows && !self.0.contains(&MISSING_TIME)
    }

    /// The column, if any of `rows` rows has a time.
    fn finish(&mut self, rows: usize) -> Option<TimeColumn> {
        if self.0.is_empty() {
            return None;
        }
        self.0.resize(rows, MISSING_TIME);
        let column = TimeColumn::from_nanoseconds(&self.0);
        self.0.clear();
        Some(column)
    }
}
