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
        if counts.is_empty() {
            return;
        }
        if let (Rows::Some(rows), Some(_)) = (&*self.rows, &self.segment.order) {
            let times = rows.iter().map(|row| self.segment.key_time(row));
            for time in times.filter(|time| *time >= parts.from && *time < parts.to) {
                counts[parts.of(time)] += 1;
            }
            return;
        }
        let mut below = self.selected_below(self.segment.rank_of(SortKey::start_of(parts.from)));
        let (first, last) = (parts.of(self.segment.span.0), parts.of(self.segment.span.1));
        for (part, count) in counts.iter_mut().enumerate().take(last + 1).skip(first) {
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
    use crate::record::TableId;
    use crate::store::Bitmap;
    use crate::store::column::{Column, Offsets, TimeColumn};
    use crate::store::segment::{Columns, EntryColumns, KeyTime, TimeNotes};
    use proptest::prelude::*;

    /// A segment of plain lines with the given times.
    fn segment(table: u32, first_row: u64, times: &[i64]) -> Arc<Segment> {
        let columns = Columns::Entries(Box::new(EntryColumns {
            base: 0,
            offsets: Offsets::new(&(0..times.len() as u32).collect::<Vec<u32>>()),
            end: times.len() as u64,
            odd_lengths: Box::default(),
            received: None,
            claimed: Some(TimeColumn::from_nanoseconds(times)),
            kind: Column::Uniform(crate::record::Kind::Text),
            level: Column::Uniform(crate::record::Level::Unknown),
            times: Column::Uniform(TimeNotes::default()),
            nft: None,
        }));
        Arc::new(Segment::assemble(TableId(table), first_row, times, KeyTime::Claimed, columns))
    }

    fn timelines() -> impl Strategy<Value = (Timeline, Vec<SortKey>)> {
        let run = (prop::collection::vec(-50..50i64, 1..20), prop::collection::btree_set(0..20usize, 0..20));
        prop::collection::vec((run, any::<bool>()), 0..8).prop_map(|runs| {
            let mut keys = Vec::new();
            let runs: Vec<Run> = (0..)
                .zip(runs)
                .map(|(table, ((times, chosen), all))| {
                    let segment = segment(table, 7, &times);
                    let rows = if all {
                        Rows::All
                    } else {
                        Rows::from_bitmap(Bitmap::from_test(times.len(), |r| chosen.contains(&r)), times.len())
                    };
                    let selected = (0..times.len()).filter(|row| rows.contains(*row));
                    keys.extend(selected.map(|row| SortKey { time: Timestamp(times[row]), id: segment.id(row) }));
                    Run { segment, rows: Arc::new(rows) }
                })
                .collect();
            keys.sort();
            (Timeline::new(runs), keys)
        })
    }

    proptest! {
        #[test]
        fn walks_count_and_rank_as_a_sorted_list((timeline, keys) in timelines(), time in -60..60i64) {
            let from = SortKey::start_of(Timestamp(time));
            let place = keys.partition_point(|key| *key < from);
            prop_assert_eq!(timeline.forward(from).collect::<Vec<_>>(), &keys[place..]);
            let backward: Vec<_> = timeline.backward(from).collect();
            prop_assert_eq!(backward, keys[..place].iter().rev().copied().collect::<Vec<_>>());
            prop_assert_eq!(timeline.count(), keys.len() as u64);
            prop_assert_eq!(timeline.rank(from), place as u64);
            prop_assert_eq!(timeline.first(), keys.first().copied());
            prop_assert_eq!(timeline.last(), keys.last().copied());
            for (rank, key) in keys.iter().enumerate() {
                prop_assert_eq!(timeline.nth(rank as u64), Some(*key));
                prop_assert!(timeline.contains(key.id));
            }
            prop_assert_eq!(timeline.nth(keys.len() as u64), None);
        }

        #[test]
        fn density_counts_each_record_once((timeline, keys) in timelines(), from in -60..0i64, span in 1..90i64,
                                           buckets in 1..40usize) {
            let (from, to) = (Timestamp(from), Timestamp(from + span));
            let inside = keys.iter().filter(|key| key.time >= from && key.time < to).count() as u64;
            prop_assert_eq!(timeline.density(from, to, buckets).iter().sum::<u64>(), inside);
        }
    }

    #[test]
    fn a_gap_of_centuries_costs_nothing() {
        let all = Arc::new(Rows::All);
        let runs =
            [i64::MIN + 1, 0, i64::MAX].map(|time| Run { segment: segment(0, 0, &[time]), rows: Arc::clone(&all) });
        let timeline = Timeline::new(runs);
        let counts = timeline.density(Timestamp::MIN, Timestamp::MAX, 80);
        assert_eq!(counts.iter().sum::<u64>(), 2);
        assert_eq!(timeline.nth(2).map(|key| key.time), Some(Timestamp::MAX));
    }
}
