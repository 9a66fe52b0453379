//! The flows of all vantages, cut where another connection may begin, and the packets that stand for them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::qubes::Qubes;
use super::sighting::{Header, Key, Sighting};
use crate::record::{FiveTuple, RecordId, TableId, protocol};
use crate::store::segment::{NO_FLOW, PacketColumns};
use crate::store::{Columns, Flow, Outcome, Segment, Snapshot, Table};

/// Silence after which a flow that is not TCP may be another connection with the same addresses and ports: Linux
/// conntrack's `nf_conntrack_udp_timeout` and `nf_conntrack_icmp_timeout`.
const SILENCE: i64 = 30_000_000_000;
/// The same for UDP that was answered and has lasted for [`STREAM_AFTER`]: `nf_conntrack_udp_timeout_stream`.
const STREAM_SILENCE: i64 = 120_000_000_000;
/// Age from which conntrack takes answered UDP for a stream.
const STREAM_AFTER: i64 = 2_000_000_000;
/// Age from which a SYN with the addresses and ports of unanswered ones opens another connection: Linux conntrack's
/// `nf_conntrack_tcp_timeout_syn_sent`, which SYNs that are sent again do not renew.
const UNANSWERED: i64 = 120_000_000_000;

/// Packets of each direction that stand for a part, its first ones.
const FIRST_PACKETS: [u8; 2] = [4, 2];
/// Of the other packets, one of this many stands for its part, chosen by its key.
const SAMPLE: u64 = 16;
/// The most sampled packets of a part.
const MOST_SAMPLED: u8 = 32;

/// A flow, or a stretch of one without a long silence.
#[derive(Clone, Debug)]
pub struct Part {
    /// The flow, or the first of several in which SYNs with the same addresses and ports were never answered.
    pub flow: RecordId,
    /// The qube that captured it.
    pub qube: u32,
    /// Addresses and ports, the originator first.
    pub tuple: FiveTuple,
    /// Time of its first packet, by the qube's clock.
    pub start: i64,
    /// Time of its last packet.
    pub end: i64,
    /// Until when it goes on, if it is not TCP.
    deadline: i64,
    /// The responder has sent something.
    answered: bool,
    /// Packets of the originator and of the responder that stand for it, and sampled ones.
    kept: [u8; 3],
    /// The capture its last packet was in.
    table: TableId,
}

/// What is in one capture file of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The part.
    pub part: u32,
    /// Its first packet in the file.
    pub first: RecordId,
    /// The time of that packet, in nanoseconds as the file has it.
    pub at: i64,
}

/// The flows of all vantages.
#[derive(Debug, Default)]
pub struct Parts {
    /// The parts.
    pub parts: Vec<Part>,
    /// Their pieces, sorted.
    pub pieces: Vec<Piece>,
    /// Each flow with its parts, sorted.
    pub flows: Vec<(RecordId, u32)>,
    /// Packets that stand for them.
    pub sightings: Vec<Sighting>,
}

/// The flows of one vantage while its packets are gone through.
struct Vantage<'a> {
    qube: u32,
    flows: Vec<(RecordId, &'a Flow)>,
    /// The part that each flow is in, [`NO_FLOW`] before its first packet.
    current: Vec<u32>,
    /// The parts of TCP flows that nobody answered.
    unanswered: HashMap<FiveTuple, u32>,
    wanted: &'a HashSet<Key>,
}

impl Parts {
    /// Goes through the packets of all captures. Packets with a key that is `wanted` are kept as sightings as well.
    /// `None` when stopped.
    pub fn collect(snapshot: &Snapshot, qubes: &mut Qubes, wanted: &HashSet<Key>, stop: &AtomicBool) -> Option<Self> {
        let mut all = Self::default();
        let captures: Vec<&Arc<Table>> = snapshot.tables().filter(|table| table.flows.is_some()).collect();
        let mut vantages: Vec<TableId> = captures.iter().filter_map(|table| table.flows).collect();
        vantages.sort_unstable();
        vantages.dedup();
        for flows in vantages {
            let Some(table) = snapshot.table(flows) else { continue };
            let mut vantage = Vantage::new(table, qubes.place(&table.info.origin), wanted);
            for capture in captures.iter().filter(|table| table.flows == Some(flows)) {
                for segment in &capture.segments {
                    if stop.load(Ordering::Relaxed) {
                        return None;
                    }
                    all.segment(&mut vantage, segment);
                }
            }
        }
        all.pieces.sort_unstable();
        all.flows.sort_unstable();
        Some(all)
    }

    fn segment(&mut self, vantage: &mut Vantage<'_>, segment: &Segment) {
        let Columns::Packets(packets) = &segment.columns else { return };
        for row in 0..segment.rows {
            let Some(time) = packets.time.get(row) else { continue };
            let flow = packets.flow[row];
            if flow == NO_FLOW {
                continue;
            }
            let Some(part) = self.part_of(vantage, flow, time.0) else { continue };
            self.extend(part, segment.id(row), time.0, packets.reversed.get(row));
            self.sight(vantage, part, packets, row, time.0);
        }
    }

    /// The part that a packet belongs to, a new one where the flow was silent for long.
    fn part_of(&mut self, vantage: &mut Vantage<'_>, flow: u32, time: i64) -> Option<u32> {
        let current = *vantage.current.get(flow as usize)?;
        if let Some(part) = self.parts.get(current as usize)
            && (part.tuple.protocol == protocol::TCP || time <= part.deadline)
        {
            return Some(current);
        }
        let (id, record) = *vantage.flows.get(flow as usize)?;
        let part = match self.unanswered_before(vantage, record, time) {
            Some(part) => part,
            None => self.start(vantage.qube, id, record, time)?,
        };
        if record.outcome == Outcome::NoAnswer {
            vantage.unanswered.insert(record.tuple, part);
        }
        vantage.current[flow as usize] = part;
        self.flows.push((id, part));
        self.sight_sequence(part, record, time);
        Some(part)
    }

    /// The part whose SYNs were not answered when a flow with the same addresses and ports begins: conntrack takes
    /// both for one connection.
    fn unanswered_before(&self, vantage: &Vantage<'_>, flow: &Flow, time: i64) -> Option<u32> {
        let before = *vantage.unanswered.get(&flow.tuple)?;
        let part = self.parts.get(before as usize)?;
        (flow.tuple.protocol == protocol::TCP && time.saturating_sub(part.start) <= UNANSWERED).then_some(before)
    }

    fn start(&mut self, qube: u32, flow: RecordId, record: &Flow, time: i64) -> Option<u32> {
        let place = u32::try_from(self.parts.len()).ok().filter(|place| *place != NO_FLOW)?;
        let (tuple, table) = (record.tuple, TableId(u32::MAX));
        let (start, end, deadline) = (time, time, time);
        self.parts.push(Part { flow, qube, tuple, start, end, deadline, answered: false, kept: [0; 3], table });
        Some(place)
    }

    fn extend(&mut self, place: u32, packet: RecordId, time: i64, reversed: bool) {
        let part = &mut self.parts[place as usize];
        part.start = part.start.min(time);
        part.end = part.end.max(time);
        part.answered |= reversed;
        let stream =
            part.answered && part.tuple.protocol == protocol::UDP && part.end.saturating_sub(part.start) > STREAM_AFTER;
        part.deadline = part.end.saturating_add(if stream { STREAM_SILENCE } else { SILENCE });
        if part.table != packet.table() {
            part.table = packet.table();
            self.pieces.push(Piece { part: place, first: packet, at: time });
        }
    }

    /// Keeps a packet as a sighting, if it stands for its part.
    fn sight(&mut self, vantage: &Vantage<'_>, place: u32, packets: &PacketColumns, row: usize, at: i64) {
        let reversed = packets.reversed.get(row);
        let part = &mut self.parts[place as usize];
        let header = Header {
            ip_id: packets.ip_id[row],
            flow_label: packets.flow_label.get(row),
            ip_length: packets.ip_length.get(row),
            ttl: packets.ttl.get(row),
            tcp_flags: packets.tcp_flags.get(row),
        };
        let key = Key::of(&directed(&part.tuple, reversed), &header);
        let first = &mut part.kept[usize::from(reversed)];
        if *first < FIRST_PACKETS[usize::from(reversed)] {
            *first += 1;
        } else if key.spread().is_multiple_of(SAMPLE) && part.kept[2] < MOST_SAMPLED {
            part.kept[2] += 1;
        } else if !vantage.wanted.contains(&key) {
            return;
        }
        let (ttl, tcp_flags) = (header.ttl, header.tcp_flags);
        self.sightings.push(Sighting { key, at, width: 0, node: place, qube: vantage.qube, ttl, tcp_flags, reversed });
    }

    /// Adds the initial sequence number of a TCP connection, at its first packet.
    fn sight_sequence(&mut self, node: u32, flow: &Flow, at: i64) {
        let Some(initial) = flow.initial_sequence else { return };
        let key = Key::of_sequence(initial, flow.tuple.destination_port);
        let qube = self.parts[node as usize].qube;
        self.sightings.push(Sighting { key, at, width: 0, node, qube, ttl: 0, tcp_flags: 0, reversed: false });
    }
}

impl<'a> Vantage<'a> {
    fn new(table: &'a Table, qube: u32, wanted: &'a HashSet<Key>) -> Self {
        let mut flows = Vec::new();
        for segment in &table.segments {
            if let Columns::Flows(rows) = &segment.columns {
                flows.extend(rows.iter().enumerate().map(|(row, flow)| (segment.id(row), flow)));
            }
        }
        let current = vec![NO_FLOW; flows.len()];
        Self { qube, flows, current, unanswered: HashMap::new(), wanted }
    }
}

/// The tuple of a flow in the direction of one of its packets; an ICMP echo identifier is the same for both.
#[must_use]
pub const fn directed(tuple: &FiveTuple, reversed: bool) -> FiveTuple {
    if !reversed {
        return *tuple;
    }
    let mut other = tuple.reversed();
    if matches!(tuple.protocol, protocol::ICMP | protocol::ICMPV6) {
        other.source_port = tuple.source_port;
        other.destination_port = tuple.destination_port;
    }
    other
}
