//! Filters and searches that run in the background, and what they have found so far.

use std::collections::HashMap;
use std::sync::Arc;

use super::search::Pattern;
use crate::query::Filter;
use crate::record::TableId;
use crate::store::{Bitmap, Rows, Run, Segment, Snapshot, Table};

/// What a scan looks for.
#[derive(Clone, Debug)]
pub enum Program {
    /// Records that a filter lets through.
    Filter(Filter),
    /// Records that a search matches.
    Search(Pattern),
}

impl Program {
    /// The matching rows of a segment. May take long: it belongs into a background thread.
    #[must_use]
    pub fn select(&self, snapshot: &Snapshot, table: &Table, segment: &Segment) -> Rows {
        match self {
            Self::Filter(filter) => filter.select(snapshot, table, segment),
            Self::Search(pattern) => pattern.select(snapshot, segment),
        }
    }
}

/// Selected rows by segment, growing while a scan goes on.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    runs: HashMap<(TableId, u64), Run>,
    /// Records selected so far.
    pub count: u64,
}

impl Selection {
    /// Adds the result of one segment, in place of what there was of it.
    pub fn add(&mut self, run: Run) {
        self.count += run.rows.count(run.segment.rows) as u64;
        let key = (run.segment.table, run.segment.first_row);
        if let Some(old) = self.runs.insert(key, run) {
            self.count = self.count.saturating_sub(old.rows.count(old.segment.rows) as u64);
        }
    }

    /// The selected rows of a segment; those of its predecessor while a changed segment has not been scanned.
    #[must_use]
    pub fn rows(&self, segment: &Segment) -> Option<&Arc<Rows>> {
        self.runs.get(&(segment.table, segment.first_row)).map(|run| &run.rows)
    }

    /// Whether exactly this segment has been scanned.
    #[must_use]
    pub fn covers(&self, segment: &Arc<Segment>) -> bool {
        let run = self.runs.get(&(segment.table, segment.first_row));
        run.is_some_and(|run| Arc::ptr_eq(&run.segment, segment))
    }
}

/// A filter or search and how far it is.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Tells its results from those of others.
    pub generation: u64,
    /// As the user typed it.
    pub expression: String,
    /// What it looks for.
    pub program: Program,
    /// What it has found.
    pub found: Selection,
    /// Everything there is has been scanned.
    pub done: bool,
}

impl Scan {
    /// A scan that has found nothing yet.
    #[must_use]
    pub fn new(generation: u64, expression: String, program: Program) -> Self {
        Self { generation, expression, program, found: Selection::default(), done: false }
    }

    /// The segments of `snapshot` that have not been scanned, those around `near` first: what is on the screen is
    /// wanted first.
    #[must_use]
    pub fn missing(&self, snapshot: &Snapshot, near: Option<crate::record::Timestamp>) -> Vec<Arc<Segment>> {
        let all = snapshot.tables.iter().flat_map(|table| &table.segments);
        let mut missing: Vec<_> = all.filter(|segment| !self.found.covers(segment)).cloned().collect();
        if let Some(at) = near {
            let distance = |s: &Arc<Segment>| s.span.0.since(at).max(at.since(s.span.1)).max(0);
            missing.sort_by_key(distance);
        }
        missing
    }
}

/// The rows that are in both sets, of a segment of `rows` rows.
#[must_use]
pub fn both(one: &Arc<Rows>, other: &Arc<Rows>, rows: usize) -> Arc<Rows> {
    match (&**one, &**other) {
        (Rows::None, _) | (_, Rows::None) => Arc::new(Rows::None),
        (Rows::All, _) => Arc::clone(other),
        (_, Rows::All) => Arc::clone(one),
        (Rows::Some(left), Rows::Some(right)) => {
            let mut common: Bitmap = left.clone();
            common.intersect(right);
            Arc::new(Rows::from_bitmap(common, rows))
        }
    }
}
