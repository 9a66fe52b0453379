//! Builds segments from decoded records.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use super::column::{Column, MISSING_TIME, TimeColumn};
use super::segment::{
    Columns, EntryColumns, KeyTime, NO_FLOW, NftColumns, PacketColumns, SEGMENT_ROWS, Segment, TimeNotes,
};
use crate::decode::{Body, Entry, Nft, Packet};
use crate::record::{Kind, Level, RecordId, TableId, Timestamp};

/// Collects records of one table until a segment is full.
#[derive(Debug)]
pub struct SegmentBuilder {
    table: TableId,
    first_row: u64,
    last_key: i64,
    entries: Entries,
    packets: Packets,
}

#[derive(Debug, Default)]
struct Entries {
    extents: Vec<(u64, u64)>,
    received: Vec<i64>,
    claimed: Vec<i64>,
    kind: Vec<Kind>,
    level: Vec<Level>,
    times: Vec<TimeNotes>,
    nft: NftLines,
}

#[derive(Debug, Default)]
struct NftLines {
    rows: Vec<u16>,
    prefixes: Dictionary<Box<[u8]>>,
    prefix: Vec<u16>,
    addresses: Dictionary<IpAddr>,
    source: Vec<u32>,
    destination: Vec<u32>,
    source_port: Vec<u16>,
    destination_port: Vec<u16>,
    protocol: Vec<u8>,
    ip_id: Vec<u16>,
    has_ip_id: Vec<bool>,
    ip_length: Vec<u16>,
    ttl: Vec<u8>,
    tcp_flags: Vec<u8>,
    flow_label: Vec<u32>,
    sequence: Vec<u32>,
}

#[derive(Debug, Default)]
struct Packets {
    offsets: Vec<u64>,
    captured: Vec<u32>,
    original: Vec<u32>,
    time: Vec<i64>,
    nanoseconds: bool,
    flow: Vec<u32>,
    reversed: Vec<bool>,
    ip_id: Vec<u16>,
    ip_length: Vec<u16>,
    ttl: Vec<u8>,
    tcp_flags: Vec<u8>,
    flow_label: Vec<u32>,
}

/// Values in the order in which they were first seen, each once.
#[derive(Debug)]
struct Dictionary<T> {
    places: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { places: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// The place of a value; a segment has too few rows for places to run out.
    fn place<Q: ?Sized + Eq + Hash>(&mut self, value: &Q, owned: impl FnOnce(&Q) -> T) -> u32
    where
        T: std::borrow::Borrow<Q>,
    {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        let place = self.values.len() as u32;
        let value = owned(value);
        self.values.push(value.clone());
        self.places.insert(value, place);
        place
    }

    fn take(&mut self) -> Box<[T]> {
        self.places.clear();
        std::mem::take(&mut self.values).into_boxed_slice()
    }
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
        self.entries.extents.len() + self.packets.offsets.len()
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

    /// Adds a packet with its flow (row in the vantage's flows, and whether it goes from responder to originator).
    /// Returns a segment when that fills one.
    pub fn packet(&mut self, packet: &Packet<'_>, flow: Option<(u32, bool)>) -> Option<Segment> {
        let before = self.split_if(self.spans_too_far(packet.offset) || !self.entries.extents.is_empty());
        self.packets.push(packet, flow);
        before.or_else(|| self.split_if(self.rows() == SEGMENT_ROWS))
    }

    /// Offsets in a segment are 32 bits above its first: a gap beyond that starts another segment.
    fn spans_too_far(&self, offset: u64) -> bool {
        let first = self.entries.extents.first().map(|e| e.0).or_else(|| self.packets.offsets.first().copied());
        first.is_some_and(|first| offset.saturating_sub(first) > u64::from(u32::MAX))
    }

    fn split_if(&mut self, needed: bool) -> Option<Segment> {
        if needed { self.finish() } else { None }
    }

    /// The records collected since the last segment, if there are any, as a segment.
    pub fn finish(&mut self) -> Option<Segment> {
        let rows = self.rows();
        if rows == 0 {
            return None;
        }
        let (columns, key, keys) = if self.packets.offsets.is_empty() {
            let (key, keys) = self.entries.keys(self.last_key);
            (Columns::Entries(self.entries.finish()), key, keys)
        } else {
            let keys = self.packets.time.clone();
            (Columns::Packets(self.packets.finish()), KeyTime::Claimed, keys)
        };
        self.last_key = keys.last().copied().unwrap_or(self.last_key);
        let segment = Segment::assemble(self.table, self.first_row, &keys, key, columns);
        self.first_row += rows as u64;
        Some(segment)
    }
}

impl Segment {
    /// Puts columns together; `keys` are the rows' key times in nanoseconds.
    #[must_use]
    pub fn assemble(table: TableId, first_row: u64, keys: &[i64], key: KeyTime, columns: Columns) -> Self {
        let order = (!keys.is_sorted()).then(|| {
            let mut order: Vec<u16> = (0..keys.len()).map(|row| row as u16).collect();
            order.sort_by_key(|row| keys[usize::from(*row)]);
            order.into_boxed_slice()
        });
        let low = keys.iter().min().copied().unwrap_or(0);
        let high = keys.iter().max().copied().unwrap_or(0);
        let span = (Timestamp(low), Timestamp(high));
        Self { table, first_row, rows: keys.len(), key, order, span, columns }
    }
}

impl Entries {
    fn push(&mut self, entry: &Entry<'_>) {
        let nanoseconds =
            |time: Option<crate::record::Time>| time.map_or(MISSING_TIME, |t| t.at.0.max(Timestamp::MIN.0));
        if let Body::Nft(nft) = &entry.body {
            self.nft.push(self.extents.len(), nft);
        }
        self.extents.push((entry.offset, entry.length));
        self.received.push(nanoseconds(entry.received));
        self.claimed.push(nanoseconds(entry.claimed));
        self.level.push(entry.level);
        self.kind.push(match entry.body {
            Body::Text => Kind::Text,
            Body::Nft(_) => Kind::Nft,
            Body::Journal => Kind::Journal,
        });
        self.times.push(TimeNotes {
            received: entry.received.map(|t| t.precision).unwrap_or_default(),
            claimed: entry.claimed.map(|t| t.precision).unwrap_or_default(),
            inferred: entry.claimed.is_some_and(|t| t.inferred),
        });
    }

    /// Which time the rows sort by, and that time for each; a row without one takes that of the row before.
    fn keys(&self, before: i64) -> (KeyTime, Vec<i64>) {
        let all = |times: &[i64]| times.iter().all(|t| *t != MISSING_TIME);
        let none = |times: &[i64]| times.iter().all(|t| *t == MISSING_TIME);
        if all(&self.received) {
            return (KeyTime::Received, self.received.clone());
        }
        if none(&self.received) && all(&self.claimed) {
            return (KeyTime::Claimed, self.claimed.clone());
        }
        let mut last = before;
        let mut keys: Vec<i64> = Vec::with_capacity(self.received.len());
        for (received, claimed) in self.received.iter().zip(&self.claimed) {
            last = [*received, *claimed].into_iter().find(|t| *t != MISSING_TIME).unwrap_or(last);
            keys.push(last);
        }
        self.backfill(&mut keys);
        (KeyTime::Own(TimeColumn::from_nanoseconds(keys.clone())), keys)
    }

    /// Rows before the first time of a table take that first time.
    fn backfill(&self, keys: &mut [i64]) {
        let timeless = keys.iter().take_while(|key| **key == Timestamp::MIN.0).count();
        if let Some(first) = keys.get(timeless).copied() {
            keys[..timeless].fill(first);
        }
    }

    fn finish(&mut self) -> EntryColumns {
        let rows = self.extents.len();
        let base = self.extents[0].0;
        let offsets = self.extents.iter().map(|e| (e.0 - base) as u32).collect();
        let next_start = |row: usize| self.extents.get(row + 1).map_or(u64::MAX, |next| next.0);
        let odd = |(row, e): (usize, &(u64, u64))| {
            (row + 1 < rows && e.0 + e.1 != next_start(row)).then_some((row as u16, e.1))
        };
        let odd_lengths = self.extents.iter().enumerate().filter_map(odd).collect();
        let end = self.extents[rows - 1].0 + self.extents[rows - 1].1;
        self.extents.clear();
        let times = |column: &mut Vec<i64>| {
            let given = column.iter().any(|t| *t != MISSING_TIME);
            let times = std::mem::take(column);
            given.then(|| TimeColumn::from_nanoseconds(times))
        };
        EntryColumns {
            base,
            offsets,
            end,
            odd_lengths,
            received: times(&mut self.received),
            claimed: times(&mut self.claimed),
            kind: Column::from_values(std::mem::take(&mut self.kind)),
            level: Column::from_values(std::mem::take(&mut self.level)),
            times: Column::from_values(std::mem::take(&mut self.times)),
            nft: self.nft.finish(rows),
        }
    }
}

impl NftLines {
    fn push(&mut self, row: usize, nft: &Nft<'_>) {
        self.rows.push(row as u16);
        self.prefix.push(self.prefixes.place(nft.prefix, |prefix| Box::from(prefix)) as u16);
        self.source.push(self.addresses.place(&nft.tuple.source, |a| *a));
        self.destination.push(self.addresses.place(&nft.tuple.destination, |a| *a));
        self.source_port.push(nft.tuple.source_port);
        self.destination_port.push(nft.tuple.destination_port);
        self.protocol.push(nft.tuple.protocol);
        self.ip_id.push(nft.ip_id.unwrap_or(0));
        self.has_ip_id.push(nft.ip_id.is_some());
        self.ip_length.push(nft.ip_length);
        self.ttl.push(nft.ttl);
        self.tcp_flags.push(nft.tcp_flags);
        self.flow_label.push(nft.flow_label.unwrap_or(0));
        self.sequence.push(nft.sequence.unwrap_or(0));
    }

    fn finish(&mut self, rows: usize) -> Option<Box<NftColumns>> {
        let lines = std::mem::take(self);
        let mut dictionaries = (lines.prefixes, lines.addresses);
        (!lines.rows.is_empty()).then(|| {
            Box::new(NftColumns {
                rows: (lines.rows.len() != rows).then(|| lines.rows.into_boxed_slice()),
                prefixes: dictionaries.0.take(),
                prefix: Column::from_values(lines.prefix),
                addresses: dictionaries.1.take(),
                source: lines.source.into_boxed_slice(),
                destination: lines.destination.into_boxed_slice(),
                source_port: lines.source_port.into_boxed_slice(),
                destination_port: Column::from_values(lines.destination_port),
                protocol: Column::from_values(lines.protocol),
                ip_id: lines.ip_id.into_boxed_slice(),
                has_ip_id: Column::from_values(lines.has_ip_id),
                ip_length: Column::from_values(lines.ip_length),
                ttl: Column::from_values(lines.ttl),
                tcp_flags: Column::from_values(lines.tcp_flags),
                flow_label: Column::from_values(lines.flow_label),
                sequence: Column::from_values(lines.sequence),
            })
        })
    }
}

impl Packets {
    fn push(&mut self, packet: &Packet<'_>, flow: Option<(u32, bool)>) {
        let ip = packet.ip.as_ref();
        self.offsets.push(packet.offset);
        self.captured.push(packet.captured);
        self.original.push(packet.original);
        self.time.push(packet.time.0.max(Timestamp::MIN.0));
        self.nanoseconds |= packet.nanoseconds;
        self.flow.push(flow.map_or(NO_FLOW, |f| f.0));
        self.reversed.push(flow.is_some_and(|f| f.1));
        self.ip_id.push(ip.and_then(|ip| ip.ip_id).unwrap_or(0));
        self.ip_length.push(ip.map_or(0, |ip| ip.ip_length));
        self.ttl.push(ip.map_or(0, |ip| ip.ttl));
        self.tcp_flags.push(ip.and_then(|ip| ip.tcp).map_or(0, |tcp| tcp.flags));
        self.flow_label.push(ip.and_then(|ip| ip.flow_label).unwrap_or(0));
    }

    fn finish(&mut self) -> PacketColumns {
        let packets = std::mem::take(self);
        let base = packets.offsets[0];
        PacketColumns {
            base,
            offsets: packets.offsets.iter().map(|offset| (offset - base) as u32).collect(),
            captured: Column::from_values(packets.captured),
            original: Column::from_values(packets.original),
            time: TimeColumn::from_nanoseconds(packets.time),
            nanoseconds: packets.nanoseconds,
            flow: packets.flow.into_boxed_slice(),
            reversed: Column::from_values(packets.reversed),
            ip_id: packets.ip_id.into_boxed_slice(),
            ip_length: Column::from_values(packets.ip_length),
            ttl: Column::from_values(packets.ttl),
            tcp_flags: Column::from_values(packets.tcp_flags),
            flow_label: Column::from_values(packets.flow_label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Precision, Time};
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
