//! Rows that grow and change while parts of them are shared with readers.

use std::sync::Arc;

use crate::record::{TableId, Timestamp};
use crate::store::dns::DnsExchange;
use crate::store::flow::Flow;
use crate::store::segment::{Columns, KeyTime, SEGMENT_ROWS, Segment};

/// Rows of a chunk. Smaller than a segment may be, because a change of one row copies the chunk if it is shared.
const CHUNK_ROWS: usize = SEGMENT_ROWS / 4;

/// What is kept in chunks.
pub(super) trait Row: Clone {
    /// The time by which rows sort.
    fn key_time(&self) -> Timestamp;
    /// The columns that share the rows.
    fn columns(rows: Arc<[Self]>) -> Columns;
}

impl Row for Flow {
    fn key_time(&self) -> Timestamp {
        self.start
    }

    fn columns(rows: Arc<[Self]>) -> Columns {
        Columns::Flows(rows)
    }
}

impl Row for DnsExchange {
    fn key_time(&self) -> Timestamp {
        self.time
    }

    fn columns(rows: Arc<[Self]>) -> Columns {
        Columns::Dns(rows)
    }
}

/// Rows in chunks. A full chunk is kept once, shared with the segments made of it, and copied only when a row of it
/// changes while it is shared.
#[derive(Debug)]
pub(super) struct Chunks<T> {
    full: Vec<Chunk<T>>,
    tail: Vec<T>,
    tail_segment: Option<Arc<Segment>>,
}

#[derive(Debug)]
struct Chunk<T> {
    rows: Arc<[T]>,
    segment: Option<Arc<Segment>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { full: Vec::new(), tail: Vec::new(), tail_segment: None }
    }
}

impl<T: Row> Chunks<T> {
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK_ROWS + self.tail.len()
    }

    pub(super) fn push(&mut self, row: T) {
        self.tail_segment = None;
        self.tail.push(row);
        if self.tail.len() == CHUNK_ROWS {
            self.full.push(Chunk { rows: std::mem::take(&mut self.tail).into(), segment: None });
        }
    }

    pub(super) fn get(&self, row: u32) -> Option<&T> {
        let row = row as usize;
        match self.full.get(row / CHUNK_ROWS) {
            Some(chunk) => chunk.rows.get(row % CHUNK_ROWS),
            None => self.tail.get(row - self.full.len() * CHUNK_ROWS),
        }
    }

    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut T> {
        let row = row as usize;
        let full = self.full.len();
        if let Some(chunk) = self.full.get_mut(row / CHUNK_ROWS) {
            chunk.segment = None;
            return Arc::make_mut(&mut chunk.rows).get_mut(row % CHUNK_ROWS);
        }
        self.tail_segment = None;
        self.tail.get_mut(row - full * CHUNK_ROWS)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flat_map(|chunk| chunk.rows.iter()).chain(&self.tail)
    }

    /// Segments of all rows; those without a change since the last call are the same as then.
    pub(super) fn publish(&mut self, table: TableId) -> Vec<Arc<Segment>> {
        let mut segments = Vec::with_capacity(self.full.len() + 1);
        for (place, chunk) in self.full.iter_mut().enumerate() {
            let segment = chunk.segment.get_or_insert_with(|| segment(table, place, Arc::clone(&chunk.rows)));
            segments.push(Arc::clone(segment));
        }
        if !self.tail.is_empty() {
            let (place, tail) = (self.full.len(), &self.tail);
            let segment = self.tail_segment.get_or_insert_with(|| segment(table, place, Arc::from(tail.as_slice())));
            segments.push(Arc::clone(segment));
        }
        segments
    }
}

fn segment<T: Row>(table: TableId, place: usize, rows: Arc<[T]>) -> Arc<Segment> {
    let keys: Vec<i64> = rows.iter().map(|row| row.key_time().0).collect();
    let first_row = (place * CHUNK_ROWS) as u64;
    Arc::new(Segment::assemble(table, first_row, &keys, KeyTime::Claimed, T::columns(rows)))
}
