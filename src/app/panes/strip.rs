//! The time strip: how many records there are at what time, and where nothing was captured.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::query::Results;
use crate::record::{Kind, Timestamp};
use crate::store::{Rows, Run, Snapshot, Timeline};

/// The strip, worked out for a width.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// First and last moment.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Records of each column.
    pub counts: Vec<u64>,
    /// Columns in which some capture ran; absent when there is no capture at all.
    pub covered: Option<Vec<bool>>,
    stamp: Option<Stamp>,
}

/// What the strip depends on: the snapshot's version, the filter's changes, the width.
type Stamp = (u64, u64, usize);

impl Strip {
    /// Takes in what has changed.
    pub fn fill(&mut self, snapshot: &Snapshot, filter: Option<&Results>, changes: u64, width: usize) {
        let stamp = (snapshot.version, changes, width);
        if self.stamp == Some(stamp) {
            return;
        }
        let spans = || snapshot.tables().filter_map(|table| table.span());
        let first = spans().map(|span| span.0).min();
        self.span = first.zip(spans().map(|span| span.1).max());
        self.stamp = Some(stamp);
        let Some((from, to)) = self.span else { return };
        self.counts = timeline(snapshot, filter).density(from, to.offset(1), width);
        self.covered = coverage(snapshot, |time| self.column(time), width);
    }

    /// The column of a moment.
    #[must_use]
    pub fn column(&self, time: Timestamp) -> usize {
        let (Some((from, to)), Some((.., width))) = (self.span, self.stamp) else { return 0 };
        let length = i128::from(to.0) - i128::from(from.0) + 1;
        let along = (i128::from(time.0) - i128::from(from.0)).clamp(0, length - 1);
        (along * width as i128 / length) as usize
    }
}

/// All records that were read, without those derived from them, as far as the filter lets them through.
fn timeline(snapshot: &Snapshot, filter: Option<&Results>) -> Timeline {
    let (all, none) = (Arc::new(Rows::All), Arc::new(Rows::None));
    let segments = snapshot.tables().filter(|table| !table.info.derived).flat_map(|table| &table.segments);
    Timeline::new(segments.map(|segment| {
        let rows = filter.map_or(&all, |filter| filter.rows(segment).unwrap_or(&none));
        Run { segment: Arc::clone(segment), rows: Arc::clone(rows) }
    }))
}

fn coverage(snapshot: &Snapshot, column: impl Fn(Timestamp) -> usize, width: usize) -> Option<Vec<bool>> {
    let captures = snapshot.tables().filter(|table| table.info.counts[Kind::Packet as usize] > 0);
    let columns = |span: (Timestamp, Timestamp)| -> RangeInclusive<usize> { column(span.0)..=column(span.1) };
    let mut spans = captures.filter_map(|table| table.span()).map(columns).peekable();
    spans.peek()?;
    let mut covered = vec![false; width];
    for span in spans {
        if let Some(columns) = covered.get_mut(span) {
            columns.fill(true);
        }
    }
    Some(covered)
}
