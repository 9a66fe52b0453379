//! Stores of times and numbers, for tests.

use std::sync::Arc;

use crate::decode::{Body, Entry};
use crate::record::{Level, Precision, TableId, Time, Timestamp};
use crate::store::{Bitmap, Rows, Run, Segment, SegmentBuilder, SortKey, Timeline};

/// Rows of a table: time in seconds, and a number; rows with 0 are left out.
pub type Numbers = Vec<(i64, u8)>;

/// The rows in segments of `size` rows.
pub fn segments(rows: &[(i64, u8)], size: usize) -> Vec<Arc<Segment>> {
    build(TableId(0), rows, size)
}

fn build(table: TableId, rows: &[(i64, u8)], size: usize) -> Vec<Arc<Segment>> {
    let mut builder = SegmentBuilder::new(table);
    let mut segments = Vec::new();
    for (row, (second, _)) in rows.iter().enumerate() {
        let at = Timestamp::from_parts(*second, 0);
        let claimed = Some(Time { at, precision: Precision::Second, inferred: false });
        let (offset, level) = (row as u64, Level::Unknown);
        builder.entry(&Entry { offset, length: 1, received: None, claimed, level, body: Body::Text });
        if (row + 1) % size == 0 {
            segments.extend(builder.finish());
        }
    }
    segments.extend(builder.finish());
    segments.into_iter().map(Arc::new).collect()
}

/// A timeline of the rows whose number is not 0.
pub fn timeline(tables: &[Numbers]) -> Timeline {
    Timeline::new(tables.iter().enumerate().flat_map(|(table, rows)| {
        build(TableId(table as u32), rows, usize::MAX).into_iter().map(|segment| {
            let selected = Bitmap::from_test(segment.rows, |row| rows[row].1 > 0);
            Run { rows: Arc::new(Rows::from_bitmap(selected, segment.rows)), segment }
        })
    }))
}

/// The number of a row.
pub fn kept(tables: &[Numbers], key: SortKey) -> u8 {
    tables[key.id.table().0 as usize][key.id.row() as usize].1
}
