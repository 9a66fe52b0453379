//! Immutable runs of at most 65,536 records of one table, as columns.

use std::net::IpAddr;
use std::sync::Arc;

use super::column::{Column, TimeColumn};
use super::dns::DnsExchange;
use super::flow::Flow;
use crate::record::{FiveTuple, Kind, Level, Precision, RecordId, TableId, Timestamp};

/// The most records a segment holds.
pub const SEGMENT_ROWS: usize = 65_536;

/// No flow: the packet is not IP, or its ports were cut off.
pub const NO_FLOW: u32 = u32::MAX;

/// A run of records of one table.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The table it belongs to.
    pub table: TableId,
    /// Row of its first record in the table.
    pub first_row: u64,
    /// Number of records.
    pub rows: usize,
    /// Which time the rows sort by.
    pub key: KeyTime,
    /// Rows in the order of their key times, where that is not the input order already.
    pub order: Option<Box<[u16]>>,
    /// Smallest and largest key time.
    pub span: (Timestamp, Timestamp),
    /// The columns.
    pub columns: Columns,
}

/// The time by which a segment's rows sort: received where there is one, else claimed; a row without a time takes the
/// one of the row before it.
#[derive(Clone, Debug)]
pub enum KeyTime {
    /// All rows have a received time.
    Received,
    /// All rows have a claimed time, and none a received one.
    Claimed,
    /// Mixed or missing.
    Own(TimeColumn),
}

/// The columns of a segment.
#[derive(Clone, Debug)]
pub enum Columns {
    /// Text, nft and journal entries.
    Entries(EntryColumns),
    /// Packets.
    Packets(PacketColumns),
    /// Flows, with the row of the segment as index.
    Flows(Arc<[Flow]>),
    /// DNS exchanges, with the row of the segment as index.
    Dns(Arc<[DnsExchange]>),
}

/// Columns of entries.
#[derive(Clone, Debug)]
pub struct EntryColumns {
    /// Offset of the first entry in the source.
    pub base: u64,
    /// Offset of each entry above the base.
    pub offsets: Box<[u32]>,
    /// End of the last entry in the source: an entry reaches to the next one's start unless rejected bytes follow it.
    pub end: u64,
    /// Rows whose length is not the distance to the next offset: sorted rows, and their lengths.
    pub odd_lengths: Box<[(u16, u64)]>,
    /// LogVM's times, if any row has one.
    pub received: Option<TimeColumn>,
    /// The senders' times, if any row has one.
    pub claimed: Option<TimeColumn>,
    /// [`Kind::Text`], [`Kind::Nft`] or [`Kind::Journal`].
    pub kind: Column<Kind>,
    /// Severity.
    pub level: Column<Level>,
    /// Precision of received and claimed times, and whether they were inferred.
    pub times: Column<TimeNotes>,
    /// Columns of the nft lines, if there are any.
    pub nft: Option<NftColumns>,
}

/// How the times of an entry were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeNotes {
    /// Of the received time.
    pub received: Precision,
    /// Of the claimed time.
    pub claimed: Precision,
    /// The claimed time's year or zone was inferred.
    pub inferred: bool,
}

/// Columns of the nft lines of a segment of entries.
#[derive(Clone, Debug)]
pub struct NftColumns {
    /// Rows of the segment that are nft lines, ascending; absent when all are.
    pub rows: Option<Box<[u16]>>,
    /// The different prefixes.
    pub prefixes: Box<[Box<[u8]>]>,
    /// Index into `prefixes`.
    pub prefix: Column<u16>,
    /// The different addresses.
    pub addresses: Box<[IpAddr]>,
    /// Index into `addresses`.
    pub source: Box<[u32]>,
    /// Index into `addresses`.
    pub destination: Box<[u32]>,
    /// Source port, or ICMP echo identifier.
    pub source_port: Box<[u16]>,
    /// Destination port.
    pub destination_port: Column<u16>,
    /// IANA number.
    pub protocol: Column<u8>,
    /// IPv4 identification; 0 where there is none (see `has_ip_id`).
    pub ip_id: Box<[u16]>,
    /// Whether the line has an IPv4 identification.
    pub has_ip_id: Column<bool>,
    /// IP total length.
    pub ip_length: Column<u16>,
    /// TTL or hop limit.
    pub ttl: Column<u8>,
    /// TCP flags.
    pub tcp_flags: Column<u8>,
}

impl NftColumns {
    /// The place of the segment's `row` in these columns, if that row is an nft line.
    #[must_use]
    pub fn index(&self, row: usize) -> Option<usize> {
        match &self.rows {
            None => Some(row),
            Some(rows) => rows.binary_search(&u16::try_from(row).ok()?).ok(),
        }
    }

    /// The segment's row of place `index`.
    #[must_use]
    pub fn row(&self, index: usize) -> usize {
        self.rows.as_ref().map_or(index, |rows| usize::from(rows[index]))
    }

    /// How many nft lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Addresses and ports of place `index`.
    #[must_use]
    pub fn tuple(&self, index: usize) -> FiveTuple {
        FiveTuple {
            protocol: self.protocol.get(index),
            source: self.addresses[self.source[index] as usize],
            destination: self.addresses[self.destination[index] as usize],
            source_port: self.source_port[index],
            destination_port: self.destination_port.get(index),
        }
    }

    /// The prefix of place `index`.
    #[must_use]
    pub fn prefix(&self, index: usize) -> &[u8] {
        &self.prefixes[usize::from(self.prefix.get(index))]
    }
}

/// Columns of packets. Addresses and ports are those of the flow.
#[derive(Clone, Debug)]
pub struct PacketColumns {
    /// Offset of the first packet's bytes in the source.
    pub base: u64,
    /// Offset of each packet's bytes above the base.
    pub offsets: Box<[u32]>,
    /// Captured bytes.
    pub captured: Column<u32>,
    /// Bytes on the wire.
    pub original: Column<u32>,
    /// Capture times.
    pub time: TimeColumn,
    /// Nanosecond times (else microseconds).
    pub nanoseconds: bool,
    /// Row of the flow in the vantage's table of flows, or [`NO_FLOW`].
    pub flow: Box<[u32]>,
    /// The packet goes from the flow's responder to its originator.
    pub reversed: Column<bool>,
    /// IPv4 identification; 0 where there is none.
    pub ip_id: Box<[u16]>,
    /// IP total length; 0 where not IP.
    pub ip_length: Column<u16>,
    /// TTL or hop limit.
    pub ttl: Column<u8>,
    /// TCP flags; 0 where not TCP.
    pub tcp_flags: Column<u8>,
}

impl Segment {
    /// The id of the record in `row` of this segment.
    #[must_use]
    pub fn id(&self, row: usize) -> RecordId {
        RecordId::new(self.table, self.first_row + row as u64)
    }

    /// The row of the record `id`, if it is in this segment.
    #[must_use]
    pub fn row_of(&self, id: RecordId) -> Option<usize> {
        let row = id.row().checked_sub(self.first_row)?;
        (id.table() == self.table && row < self.rows as u64).then_some(row as usize)
    }

    /// What the record in `row` is.
    #[must_use]
    pub fn kind(&self, row: usize) -> Kind {
        match &self.columns {
            Columns::Entries(entries) => entries.kind.get(row),
            Columns::Packets(_) => Kind::Packet,
            Columns::Flows(_) => Kind::Flow,
            Columns::Dns(_) => Kind::Dns,
        }
    }

    /// LogVM's time of `row`.
    #[must_use]
    pub fn received(&self, row: usize) -> Option<Timestamp> {
        match &self.columns {
            Columns::Entries(entries) => entries.received.as_ref()?.get(row),
            _ => None,
        }
    }

    /// The sender's time of `row`; for packets, flows and DNS the capture's.
    #[must_use]
    pub fn claimed(&self, row: usize) -> Option<Timestamp> {
        match &self.columns {
            Columns::Entries(entries) => entries.claimed.as_ref()?.get(row),
            Columns::Packets(packets) => packets.time.get(row),
            Columns::Flows(flows) => Some(flows[row].start),
            Columns::Dns(exchanges) => Some(exchanges[row].time),
        }
    }

    /// The time by which `row` sorts.
    #[must_use]
    pub fn key_time(&self, row: usize) -> Timestamp {
        match &self.key {
            KeyTime::Received => self.received(row),
            KeyTime::Claimed => self.claimed(row),
            KeyTime::Own(times) => times.get(row),
        }
        .unwrap_or(Timestamp::MIN)
    }

    /// How finely the key time of `row` was written.
    #[must_use]
    pub fn key_precision(&self, row: usize) -> Precision {
        match &self.columns {
            Columns::Entries(entries) => {
                let notes = entries.times.get(row);
                if self.received(row).is_some() { notes.received } else { notes.claimed }
            }
            Columns::Packets(packets) if packets.nanoseconds => Precision::Nanosecond,
            _ => Precision::Microsecond,
        }
    }

    /// The row at `rank` in time order.
    #[must_use]
    pub fn row_at(&self, rank: usize) -> usize {
        self.order.as_ref().map_or(rank, |order| usize::from(order[rank]))
    }

    /// Time and id of the row at `rank` in time order: ascending in `rank`.
    #[must_use]
    pub fn sort_key(&self, rank: usize) -> SortKey {
        let row = self.row_at(rank);
        SortKey { time: self.key_time(row), id: self.id(row) }
    }

    /// Ranks below the result sort before `key`.
    #[must_use]
    pub fn rank_of(&self, key: SortKey) -> usize {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low.midpoint(high);
            if self.sort_key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Smallest and largest key time of the rows that have one: those before the first time of a source have none.
    #[must_use]
    pub fn timed_span(&self) -> Option<(Timestamp, Timestamp)> {
        if self.span.0 > Timestamp::MIN {
            return Some(self.span);
        }
        let first = self.rank_of(SortKey::start_of(Timestamp::MIN.offset(1)));
        (first < self.rows).then(|| (self.sort_key(first).time, self.span.1))
    }

    /// Where the bytes of the record in `row` are in its source: offset and length. Derived records have none.
    #[must_use]
    pub fn extent(&self, row: usize) -> Option<(u64, u64)> {
        match &self.columns {
            Columns::Entries(entries) => Some(entries.extent(row)),
            Columns::Packets(packets) => {
                Some((packets.base + u64::from(packets.offsets[row]), u64::from(packets.captured.get(row))))
            }
            _ => None,
        }
    }
}

impl EntryColumns {
    fn extent(&self, row: usize) -> (u64, u64) {
        let start = self.base + u64::from(self.offsets[row]);
        let odd = u16::try_from(row).ok().and_then(|row| self.odd_lengths.binary_search_by_key(&row, |o| o.0).ok());
        if let Some(odd) = odd {
            return (start, self.odd_lengths[odd].1);
        }
        let end = self.offsets.get(row + 1).map_or(self.end, |next| self.base + u64::from(*next));
        (start, end - start)
    }
}

/// The order of records on a pane: by time, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey {
    /// Key time.
    pub time: Timestamp,
    /// Breaks ties in input order.
    pub id: RecordId,
}

impl SortKey {
    /// Sorts before every record of `time` or later.
    #[must_use]
    pub const fn start_of(time: Timestamp) -> Self {
        Self { time, id: RecordId::new(TableId(0), 0) }
    }
}
