//! Records of many segments in one order of time.
//!
//! Nothing is merged in advance: each segment knows its own order, and the few segments that overlap the moment on
//! the screen are merged as rows are asked for. The cost of a screenful depends on the screen and on the number of
//! segments, not on the number of records.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::rows::Rows;
use super::segment::{Segment, SortKey};
use crate::record::{RecordId, Timestamp};

/// A set of records, in the order of their key times.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    runs: Vec<Run>,
}

/// The selected rows of one segment.
#[derive(Clone, Debug)]
pub struct Run {
    /// The segment.
    pub segment: Arc<Segment>,
    /// Which of its rows belong to the timeline.
    pub rows: Arc<Rows>,
}

impl Timeline {
    /// A timeline of the given rows of the given segments, in any order.
    #[must_use]
    pub fn new(runs: impl IntoIterator<Item = Run>) -> Self {
        let selected = |run: &Run| run.segment.rows > 0 && *run.rows != Rows::None;
        let mut runs: Vec<Run> = runs.into_iter().filter(selected).collect();
        runs.sort_by_key(|run| run.segment.span.0);
        Self { runs }
    }

    /// The segments with their selected rows, by the time of their first record.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.runs.iter().map(|run| run.rows.count(run.segment.rows) as u64).sum()
    }

    /// Smallest and largest key time of the segments; `None` when there is no record.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.runs.first()?.segment.span.0;
        let last = self.runs.iter().map(|run| run.segment.span.1).max()?;
        Some((first, last))
    }

    /// The records at or after `from`, in order.
    pub fn forward(&self, from: SortKey) -> impl Iterator<Item = SortKey> + '_ {
        let later = self.runs.partition_point(|run| run.segment.span.0 <= from.time);
        let started = self.runs[..later].iter().filter(move |run| run.segment.span.1 >= from.time);
        let mut open: BinaryHeap<Reverse<Cursor<'_>>> =
            started.filter_map(|run| Cursor::at_or_after(run, run.segment.rank_of(from))).map(Reverse).collect();
        let mut waiting = self.runs[later..].iter().peekable();
        std::iter::from_fn(move || {
            while let Some(run) = waiting.next_if(|run| match open.peek() {
                Some(Reverse(next)) => run.segment.span.0 <= next.key.time,
                None => true,
            }) {
                open.extend(Cursor::at_or_after(run, 0).map(Reverse));
            }
            let Reverse(cursor) = open.pop()?;
            open.extend(Cursor::at_or_after(cursor.run, cursor.rank + 1).map(Reverse));
            Some(cursor.key)
        })
    }

    /// The records before `from`, in descending order.
    pub fn backward(&self, from: SortKey) -> impl Iterator<Item = SortKey> + '_ {
        let mut by_end: Vec<&Run> = self.runs.iter().filter(|run| run.segment.span.0 <= from.time).collect();
        by_end.sort_by_key(|run| Reverse(run.segment.span.1));
        let mut open: BinaryHeap<Cursor<'_>> = BinaryHeap::new();
        let mut waiting = by_end.into_iter().peekable();
        std::iter::from_fn(move || {
            while let Some(run) = waiting.next_if(|run| match open.peek() {
                Some(next) => run.segment.span.1 >= next.key.time,
                None => true,
            }) {
                open.extend(Cursor::before(run, run.segment.rank_of(from)));
            }
            let cursor = open.pop()?;
            open.extend(Cursor::before(cursor.run, cursor.rank));
            Some(cursor.key)
        })
    }

    /// The last record of all.
    #[must_use]
    pub fn last(&self) -> Option<SortKey> {
        let mut by_end: Vec<&Run> = self.runs.iter().collect();
        by_end.sort_by_key(|run| Reverse(run.segment.span.1));
        let mut best: Option<SortKey> = None;
        for run in by_end {
            if best.is_some_and(|best| run.segment.span.1 < best.time) {
                break;
            }
            best = best.max(Cursor::before(run, run.segment.rows).map(|cursor| cursor.key));
        }
        best
    }

    /// The first record of all.
    #[must_use]
    pub fn first(&self) -> Option<SortKey> {
        self.forward(SortKey::start_of(Timestamp(i64::MIN))).next()
    }

    /// How many records sort before `key`.
    #[must_use]
    pub fn rank(&self, key: SortKey) -> u64 {
        self.runs.iter().map(|run| run.selected_below(run.segment.rank_of(key)) as u64).sum()
    }

    /// The record that has `rank` records before it.
    #[must_use]
    pub fn nth(&self, rank: u64) -> Option<SortKey> {
        let (first, last) = self.span()?;
        let (mut low, mut high) = (first.0, last.0);
        while low < high {
            let middle = (i128::midpoint(i128::from(low), i128::from(high) + 1)) as i64;
            if self.rank(SortKey::start_of(Timestamp(middle))) <= rank {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let start = SortKey::start_of(Timestamp(low));
        let skip = usize::try_from(rank.checked_sub(self.rank(start))?).ok()?;
        self.forward(start).nth(skip)
    }

    /// Whether the record belongs to the timeline.
    #[must_use]
    pub fn contains(&self, id: RecordId) -> bool {
        self.runs.iter().any(|run| run.segment.row_of(id).is_some_and(|row| run.rows.contains(row)))
    }

    /// How many records fall into each of `buckets` equal parts of `[from, to)`. The cost depends on the number of
    /// segments and buckets; only segments whose rows are both unsorted and selected one by one are walked through.
    #[must_use]
    pub fn density(&self, from: Timestamp, to: Timestamp, buckets: usize) -> Vec<u64> {
        let mut counts = vec![0; buckets];
        let inside = |run: &&Run| run.segment.span.1 >= from && run.segment.span.0 < to;
        let parts = Parts { from, to, count: buckets };
        for run in self.runs.iter().filter(inside) {
            run.add_density(&parts, &mut counts);
        }
        counts
    }
}

/// Equal parts of the time `[from, to)`.
struct Parts {
    from: Timestamp,
    to: Timestamp,
    count: usize,
}

impl Parts {
    fn length(&self) -> i128 {
        (i128::from(self.to.0) - i128::from(self.from.0)).max(1)
    }

    /// The part of a moment; the nearest one where it is outside.
    fn of(&self, time: Timestamp) -> usize {
        let along = (i128::from(time.0) - i128::from(self.from.0)).clamp(0, self.length() - 1);
        (along * self.count as i128 / self.length()) as usize
    }

    /// Where a part starts: the first moment that [`Self::of`] puts into it.
    fn start(&self, part: usize) -> SortKey {
        let along = (self.length() * part as i128).div_euclid(self.count.max(1) as i128);
        let exact = along * self.count as i128 == self.length() * part as i128;
        let at = i128::from(self.from.0) + along + i128::from(!exact);
        SortKey::start_of(Timestamp(i64::try_from(at).unwrap_or(i64::MAX)))
    }
}

impl Run {
    /// Counts the selected rows of each part of the time.
    fn add_density(&self, parts: &Parts, counts: &mut [u64]) {
        if let (Rows::Some(rows), Some(_)) = (&*self.rows, &self.segment.order) {
            let times = rows.iter().map(|row| self.segment.key_time(row));
            for time in times.filter(|time| *time >= parts.from && *time < parts.to) {
                counts[parts.of(time)] += 1;
            }
            return;
        }
        if counts.is_empty() {
            return;
        }
        let mut below = self.selected_below(self.segment.rank_of(SortKey::start_of(parts.from)));
        let first = parts.of(self.segment.span.0);
        let reached = counts.iter_mut().enumerate().take(parts.of(self.segment.span.1) + 1).skip(first);
        for (part, count) in reached {
            let next = self.selected_below(self.segment.rank_of(parts.start(part + 1)));
            *count += (next - below) as u64;
            below = next;
        }
    }

    /// How many of the first `rank` rows in time order are selected.
    fn selected_below(&self, rank: usize) -> usize {
        match &*self.rows {
            Rows::None => 0,
            Rows::All => rank,
            Rows::Some(rows) if self.segment.order.is_none() => rows.count_below(rank),
            Rows::Some(rows) => (0..rank).filter(|r| rows.contains(self.segment.row_at(*r))).count(),
        }
    }
}

/// A selected row of a run, ordered by its key.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    key: SortKey,
    run: &'a Run,
    rank: usize,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run, rank: usize) -> Self {
        Self { key: run.segment.sort_key(rank), run, rank }
    }

    /// The first selected row of `run` at `rank` or later in time order.
    fn at_or_after(run: &'a Run, rank: usize) -> Option<Self> {
        let selected = |rank: &usize| run.rows.contains(run.segment.row_at(*rank));
        (rank..run.segment.rows).find(selected).map(|rank| Self::new(run, rank))
    }

    /// The last selected row of `run` before `rank` in time order.
    fn before(run: &'a Run, rank: usize) -> Option<Self> {
        let selected = |rank: &usize| run.rows.contains(run.segment.row_at(*rank));
        (0..rank).rev().find(selected).map(|rank| Self::new(run, rank))
    }
}

impl PartialEq for Cursor<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Cursor<'_> {}

impl PartialOrd for Cursor<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cursor<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Body, Entry};
    use crate::record::{Level, Precision, TableId, Time};
    use crate::store::{Bitmap, SegmentBuilder};
    use proptest::prelude::*;

    fn segment(table: u32, times: &[i64]) -> Arc<Segment> {
        let mut builder = SegmentBuilder::new(TableId(table));
        for (row, time) in times.iter().enumerate() {
            let time = Time { at: Timestamp(*time), precision: Precision::Nanosecond, inferred: false };
            let (offset, level) = (row as u64, Level::Unknown);
            let entry = Entry { offset, length: 1, received: None, claimed: Some(time), level, body: Body::Text };
            assert!(builder.entry(&entry).is_none());
        }
        Arc::new(builder.finish().expect("some rows"))
    }

    fn run() -> impl Strategy<Value = Vec<(i64, bool)>> {
        let time = prop_oneof![4 => 0..100i64, 1 => any::<i64>()];
        prop::collection::vec((time, any::<bool>()), 1..40)
    }

    fn timeline(tables: &[Vec<(i64, bool)>]) -> Timeline {
        Timeline::new(tables.iter().enumerate().map(|(table, rows)| {
            let segment = segment(table as u32, &rows.iter().map(|row| row.0).collect::<Vec<_>>());
            let selected = Bitmap::from_test(rows.len(), |row| rows[row].1);
            Run { segment, rows: Arc::new(Rows::from_bitmap(selected, rows.len())) }
        }))
    }

    proptest! {
        #[test]
        fn density_is_a_count_of_times(tables in prop::collection::vec(run(), 0..4), from in -50..120i64,
                                       length in 1..200i64, buckets in 0..60usize) {
            let counts = timeline(&tables).density(Timestamp(from), Timestamp(from + length), buckets);
            let mut expected = vec![0; buckets];
            let times = tables.iter().flatten().filter(|row| row.1).map(|row| row.0.max(Timestamp::MIN.0));
            for time in times.filter(|time| buckets > 0 && (from..from + length).contains(time)) {
                expected[((time - from) as usize * buckets) / length as usize] += 1;
            }
            prop_assert_eq!(counts, expected);
        }
    }
}
