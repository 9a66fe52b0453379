//! Runs a filter over all of a snapshot, the part on the screen first, so that partial results show at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Filter;
use super::eval::{self, Scope};
use crate::record::{TableId, Timestamp};
use crate::store::{Bitmap, Rows, Run, Segment, Snapshot, Table, Timeline};

/// What a scan did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Segments that were evaluated.
    pub segments: u64,
    /// Those of them that were decided without a look at any row.
    pub segments_skipped: u64,
    /// Rows of the others.
    pub rows_scanned: u64,
    /// Rows whose bytes were read back.
    pub rows_read: u64,
    /// Bytes that were read back.
    pub bytes_read: u64,
    /// Rows whose bytes could not be read back: nothing in them was found.
    pub rows_unreadable: u64,
    /// Whether the scan was stopped before its end.
    pub cancelled: bool,
}

/// The matching rows of one segment.
#[derive(Clone, Debug)]
pub struct Found {
    /// The segment.
    pub segment: Arc<Segment>,
    /// Its rows that match.
    pub rows: Arc<Rows>,
    /// The flows on which the answer depends, if it does.
    flows: Option<Arc<Table>>,
}

/// Identifies a stretch of rows of a table: table, first row, number of rows.
pub type Key = (TableId, u64, usize);

impl Found {
    /// The stretch of rows that this is about.
    #[must_use]
    pub fn key(&self) -> Key {
        key(&self.segment)
    }

    /// The same for a stretch that has grown to `rows` rows, of which the new ones are not known.
    fn of_grown(self, rows: usize) -> Self {
        let known = self.segment.rows;
        let matching = Bitmap::from_test(rows, |row| row < known && self.rows.contains(row));
        Self { rows: Arc::new(Rows::from_bitmap(matching, rows)), ..self }
    }

    /// Whether it still holds for `segment` of `table` in `snapshot`.
    fn is_current(&self, snapshot: &Snapshot, table: &Table, segment: &Arc<Segment>) -> bool {
        let same_flows = match (&self.flows, flows_of(snapshot, table)) {
            (None, _) => true,
            (Some(then), Some(now)) => Arc::ptr_eq(then, now),
            (Some(_), None) => false,
        };
        Arc::ptr_eq(&self.segment, segment) && same_flows
    }
}

/// The stretch of rows that a segment has.
pub const fn key(segment: &Segment) -> Key {
    (segment.table, segment.first_row, segment.rows)
}

fn flows_of<'a>(snapshot: &'a Snapshot, table: &Table) -> Option<&'a Arc<Table>> {
    table.flows.and_then(|flows| snapshot.table(flows))
}

/// What a filter found so far; of a store that grew only the new segments, and those whose flows changed, are
/// scanned again.
#[derive(Clone, Debug, Default)]
pub struct Results {
    found: HashMap<Key, Found>,
}

impl Results {
    /// Adds what a scan found.
    pub fn add(&mut self, found: Found) {
        self.found.insert(found.key(), found);
    }

    /// The matching rows of a segment, if it was scanned.
    #[must_use]
    pub fn rows(&self, segment: &Segment) -> Option<&Arc<Rows>> {
        self.found.get(&key(segment)).map(|found| &found.rows)
    }

    /// Whether a scan of the segment would find the same again.
    #[must_use]
    pub fn knows(&self, snapshot: &Snapshot, table: &Table, segment: &Arc<Segment>) -> bool {
        self.found.get(&key(segment)).is_some_and(|found| found.is_current(snapshot, table, segment))
    }

    /// The matching records of the tables that `wanted` takes, as far as they were scanned, in the order of time.
    pub fn timeline(&self, snapshot: &Snapshot, wanted: impl Fn(&Table) -> bool) -> Timeline {
        let segments = snapshot.tables().filter(|table| wanted(table)).flat_map(|table| &table.segments);
        Timeline::new(segments.filter_map(|segment| {
            let rows = Arc::clone(self.rows(segment)?);
            Some(Run { segment: Arc::clone(segment), rows })
        }))
    }

    /// How many records match, as far as they were scanned.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.found.values().map(|found| found.rows.count(found.segment.rows) as u64).sum()
    }

    /// Forgets what is of no use for `snapshot`. What is known of a stretch that has grown stays until it is scanned
    /// again, so that its rows do not vanish meanwhile.
    pub fn retain(&mut self, snapshot: &Snapshot) {
        for (key, found) in std::mem::take(&mut self.found) {
            let Some(now) = snapshot.table(key.0).and_then(|table| starting_at(table, key.1)) else { continue };
            if now.rows == key.2 {
                self.found.insert(key, found);
            } else if now.rows > key.2 {
                self.found.entry((key.0, key.1, now.rows)).or_insert_with(|| found.of_grown(now.rows));
            }
        }
    }
}

/// The segment whose first row is `row`.
fn starting_at(table: &Table, row: u64) -> Option<&Arc<Segment>> {
    let place = table.segments.partition_point(|segment| segment.first_row < row);
    table.segments.get(place).filter(|segment| segment.first_row == row)
}

/// Runs `filter` over the segments of the tables that `wanted` takes, those nearest to `near` first, except those that
/// `known` already has answers for. Calls `each` with the rows of every finished segment. Stops soon after
/// `cancelled` is set.
pub fn scan(
    filter: &Filter,
    snapshot: &Snapshot,
    wanted: &dyn Fn(&Table) -> bool,
    near: Option<Timestamp>,
    known: &Results,
    cancelled: &AtomicBool,
    each: &mut dyn FnMut(Found),
) -> Work {
    let mut work = Work::default();
    for (table, segment) in nearest_first(snapshot, wanted, near, known) {
        let scope = Scope::new(snapshot, table, segment).cancelled_by(cancelled);
        let rows = eval::select(&filter.condition, &scope, Rows::All);
        work.add(&scope);
        if cancelled.load(Ordering::Relaxed) {
            work.cancelled = true;
            break;
        }
        let flows = if filter.needs_flows() { flows_of(snapshot, table).cloned() } else { None };
        each(Found { segment: Arc::clone(segment), rows: Arc::new(rows), flows });
    }
    work
}

impl Work {
    fn add(&mut self, scope: &Scope<'_>) {
        let looked = scope.compared.get() > 0 || scope.read_rows.get() > 0;
        self.segments += 1;
        self.segments_skipped += u64::from(!looked);
        self.rows_scanned += if looked { scope.rows() as u64 } else { 0 };
        self.rows_read += scope.read_rows.get();
        self.bytes_read += scope.read_bytes.get();
        self.rows_unreadable += scope.unreadable.get();
    }
}

fn nearest_first<'a>(
    snapshot: &'a Snapshot,
    wanted: &dyn Fn(&Table) -> bool,
    near: Option<Timestamp>,
    known: &Results,
) -> Vec<(&'a Table, &'a Arc<Segment>)> {
    let tables = snapshot.tables().filter(|table| wanted(table));
    let all = tables.flat_map(|table| table.segments.iter().map(move |segment| (&**table, segment)));
    let mut open: Vec<_> = all.filter(|(table, segment)| !known.knows(snapshot, table, segment)).collect();
    open.sort_by_key(|(_, segment)| near.map_or(0, |near| distance(segment, near)));
    open
}

/// Nanoseconds between a moment and the span of a segment.
fn distance(segment: &Segment, near: Timestamp) -> i64 {
    let (low, high) = segment.span;
    low.since(near).max(near.since(high)).max(0)
}
