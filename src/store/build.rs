//! Builds segments from decoded records.

mod dictionary;
mod entries;
mod nft;
mod packets;

pub use entries::Entries;
use packets::Packets;

use super::segment::{Columns, KeyTime, SEGMENT_ROWS, Segment};
use crate::decode::{Entry, Packet};
use crate::record::{RecordId, TableId, Timestamp};

/// Collects records of one table until a segment is full.
#[derive(Debug)]
pub struct SegmentBuilder {
    table: TableId,
    first_row: u64,
    last_key: i64,
    entries: Entries,
    packets: Packets,
}

impl SegmentBuilder {
    /// Starts the segments of `table` with its row 0.
    #[must_use]
    pub fn new(table: TableId) -> Self {
        Self {
            table,
            first_row: 0,
            last_key: Timestamp::MIN.0,
            entries: Entries::default(),
            packets: Packets::default(),
        }
    }

    /// Records collected since the last segment.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.entries.rows() + self.packets.offsets.len()
    }

    /// The id that the next record gets.
    #[must_use]
    pub fn next_id(&self) -> RecordId {
        RecordId::new(self.table, self.first_row + self.rows() as u64)
    }

    /// Adds an entry. Returns a segment when that fills one.
    pub fn entry(&mut self, entry: &Entry<'_>) -> Option<Segment> {
        let before = self.split_if(self.spans_too_far(entry.offset) || !self.packets.offsets.is_empty());
        self.entries.push(entry);
        before.or_else(|| self.split_if(self.rows() == SEGMENT_ROWS))
    }

    /// Adds entries that were collected elsewhere, and empties `entries`. Returns a segment when they would not all fit
    /// into one: it ends before them.
    pub fn append(&mut self, entries: &mut Entries) -> Option<Segment> {
        let full = self.rows() + entries.rows() > SEGMENT_ROWS || !self.packets.time.is_empty();
        let before = self.split_if(full || self.spans_too_far(entries.last_offset()));
        self.entries.append(entries);
        entries.clear();
        before
    }

    /// Adds a packet with its flow (row in the vantage's flows, and whether it goes from responder to originator).
    /// Returns a segment when that fills one.
    pub fn packet(&mut self, packet: &Packet<'_>, flow: Option<(u32, bool)>) -> Option<Segment> {
        let before = self.split_if(self.spans_too_far(packet.offset) || self.entries.rows() > 0);
        self.packets.push(packet, flow);
        before.or_else(|| self.split_if(self.rows() == SEGMENT_ROWS))
    }

    /// Offsets in a segment are 32 bits above its first: a gap beyond that starts another segment.
    fn spans_too_far(&self, offset: u64) -> bool {
        let first = self.entries.first_offset().or_else(|| self.packets.offsets.first().copied());
        first.is_some_and(|first| offset.saturating_sub(first) > u64::from(u32::MAX))
    }

    fn split_if(&mut self, needed: bool) -> Option<Segment> {
        if needed { self.finish() } else { None }
    }

    /// The records collected since the last segment, if there are any, as a segment.
    pub fn finish(&mut self) -> Option<Segment> {
        let first_row = self.first_row;
        self.first_row += self.rows() as u64;
        if let Some(time) = self.packets.time.last().copied() {
            let keys = self.packets.time.clone();
            let columns = Columns::Packets(Box::new(self.packets.finish()?));
            self.last_key = time;
            return Some(Segment::assemble(self.table, first_row, &keys, KeyTime::Claimed, columns));
        }
        let (key, keys) = self.entries.keys(self.last_key);
        self.last_key = *keys.last()?;
        let order = Order::new(&keys);
        let columns = Columns::Entries(Box::new(self.entries.finish()?));
        Some(order.segment(self.table, first_row, key, columns))
    }
}

impl Segment {
    /// Puts columns together; `keys` are the rows' key times in nanoseconds.
    #[must_use]
    pub fn assemble(table: TableId, first_row: u64, keys: &[i64], key: KeyTime, columns: Columns) -> Self {
        Order::new(keys).segment(table, first_row, key, columns)
    }
}

/// What the key times of a segment's rows say of their order.
struct Order {
    rows: usize,
    order: Option<Box<[u16]>>,
    span: (Timestamp, Timestamp),
}

impl Order {
    fn new(keys: &[i64]) -> Self {
        let order = (!keys.is_sorted()).then(|| {
            let mut order: Vec<u16> = (0..keys.len()).map(|row| row as u16).collect();
            order.sort_by_key(|row| keys[usize::from(*row)]);
            order.into_boxed_slice()
        });
        let low = keys.iter().min().copied().unwrap_or(0);
        let high = keys.iter().max().copied().unwrap_or(0);
        Self { rows: keys.len(), order, span: (Timestamp(low), Timestamp(high)) }
    }

    fn segment(self, table: TableId, first_row: u64, key: KeyTime, columns: Columns) -> Segment {
        let Self { rows, order, span } = self;
        Segment { table, first_row, rows, key, order, span, columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Body;
    use crate::record::{Level, Precision, Time};
    use proptest::prelude::*;

    fn line(offset: u64, length: u64, received: Option<i64>, claimed: Option<i64>) -> Entry<'static> {
        let time = |at: i64| Time { at: Timestamp(at), precision: Precision::Second, inferred: false };
        let body = Body::Text;
        let (received, claimed) = (received.map(time), claimed.map(time));
        Entry { offset, length, received, claimed, level: Level::Unknown, body }
    }

    fn segments(entries: &[Entry<'_>]) -> Vec<Segment> {
        let mut builder = SegmentBuilder::new(TableId(3));
        let mut segments: Vec<Segment> = entries.iter().filter_map(|entry| builder.entry(entry)).collect();
        segments.extend(builder.finish());
        segments
    }

    #[test]
    fn full_segments_follow_each_other() {
        let entries: Vec<Entry<'_>> =
            (0..SEGMENT_ROWS as u64 + 5).map(|n| line(n * 10, 10, None, Some(n as i64))).collect();
        let segments = segments(&entries);
        assert_eq!(
            segments.iter().map(|s| (s.first_row, s.rows)).collect::<Vec<_>>(),
            [(0, SEGMENT_ROWS), (65_536, 5)]
        );
    }

    #[test]
    fn offsets_beyond_32_bits_start_a_new_segment() {
        let far = u64::from(u32::MAX) + 1;
        let segments =
            segments(&[line(0, 10, None, Some(0)), line(far, 3, None, Some(1)), line(far + 3, 9, None, Some(2))]);
        let extents: Vec<_> = segments.iter().flat_map(|s| (0..s.rows).map(|row| s.extent(row))).collect();
        assert_eq!(extents, [Some((0, 10)), Some((far, 3)), Some((far + 3, 9))]);
    }

    #[test]
    fn received_sorts_before_claimed_and_timeless_lines_stay_with_their_neighbours() {
        let entries = [
            line(0, 1, None, None),
            line(1, 1, Some(50), Some(99)),
            line(2, 1, None, None),
            line(3, 1, None, Some(40)),
            line(4, 1, None, None),
        ];
        let segment = &segments(&entries)[0];
        let keys: Vec<i64> = (0..5).map(|row| segment.key_time(row).0).collect();
        assert_eq!(keys, [50, 50, 50, 40, 40]);
        assert_eq!((0..5).map(|rank| segment.row_at(rank)).collect::<Vec<_>>(), [3, 4, 0, 1, 2]);
    }

    proptest! {
        #[test]
        fn extents_are_those_that_came(gaps in prop::collection::vec((0..5u64, 1..9u64), 1..40)) {
            let mut at = 0;
            let mut extents = Vec::new();
            for (gap, length) in gaps {
                at += gap;
                extents.push((at, length));
                at += length;
            }
            let entries: Vec<Entry<'_>> = extents.iter().map(|(at, length)| line(*at, *length, None, Some(0))).collect();
            let segment = &segments(&entries)[0];
            let read: Vec<_> = (0..segment.rows).filter_map(|row| segment.extent(row)).collect();
            prop_assert_eq!(read, extents);
        }
    }
}
