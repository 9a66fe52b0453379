//! Assembles flows, and the DNS exchanges in them, from the packets of one vantage.
//!
//! # Which packets make a flow
//! Packets with the same addresses, ports and protocol, in either direction. For ICMP echo the identifier counts as the
//! port; other ICMP messages make a flow with those of the same type or the type that answers it. A new flow starts
//! - TCP: with a SYN whose initial sequence number is another one than that of the flow (a port was used again); with a
//!   SYN from the side that had answered; or 120 s after the flow was closed, reset or refused. A SYN that is sent again
//!   has the same number and stays in its flow.
//! - others: after [`IDLE`] without a packet.
//!
//! # Who is the originator
//! TCP: who sent the SYN, or did not send the SYN-ACK. ICMP echo: who asked. Otherwise the sender of the first packet,
//! unless that came from a port below 1024 to one above: then the capture began in the middle, and it is the receiver.
//!
//! # What is counted
//! Whole frames as they were on the wire, as tshark's conversations do. A capture on all interfaces (`-i any`) has a
//! forwarded packet twice; with the same addresses it counts twice in one flow, with translated ones in two flows.
//! Later fragments, and packets whose ports were cut off, belong to no flow.

use std::collections::HashMap;
use std::sync::Arc;

use super::dns::DnsExchange;
use super::flow::{Flow, Outcome, ServerName};
use super::segment::{NO_FLOW, Segment};
use crate::decode::tls::ClientHello;
use crate::decode::{IpPacket, Packet};
use crate::record::{RecordId, TableId, protocol};
use chunks::Chunks;
use exchanges::Exchanges;
use key::Key;

mod chunks;
mod exchanges;
mod key;
mod names;
mod recent;
mod tcp;

/// Nanoseconds without a packet after which a flow that is not TCP, or is over, does not go on: Linux conntrack's
/// `nf_conntrack_udp_timeout_stream` and `nf_conntrack_tcp_timeout_time_wait`.
pub const IDLE: i64 = 120_000_000_000;

/// The flows and DNS exchanges of one vantage.
///
/// It is fed the packets of all capture files of the vantage, in the order of the files: flows go on from one to the
/// next. Rows are stable: a flow keeps its row for good. Its memory grows with the flows and exchanges, some hundred bytes
/// each; the names of addresses and the queries that wait for an answer are limited to 65,536 of each kind, of which
/// those not used for longest are forgotten.
#[derive(Debug, Default)]
pub struct FlowTable {
    flows: Chunks<Flow>,
    rows: HashMap<Key, u32>,
    /// The flow of the packet before: packets come in runs.
    latest: Option<(Key, u32)>,
    exchanges: Exchanges,
}

impl FlowTable {
    /// A table without flows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a packet. Returns the row of its flow, and whether it goes from the responder to the originator; `None` when
    /// it is not IP or its ports are not known.
    pub fn packet(&mut self, id: RecordId, packet: &Packet<'_>) -> Option<(u32, bool)> {
        let ip = packet.ip.as_ref().filter(|ip| ip.ports_known)?;
        let key = Key::of(&ip.tuple, ip.icmp);
        let row = match self.row(key) {
            Some(row) if !self.flows.get(row).is_some_and(|flow| starts_another(flow, packet, ip)) => row,
            _ => self.start(key, id, packet, ip)?,
        };
        self.latest = Some((key, row));
        let flow = self.flows.get_mut(row)?;
        let reversed = is_reversed(flow, ip);
        add(flow, packet, ip, reversed);
        if !ip.payload.is_empty() {
            self.exchanges.packet(id, packet.time, ip);
        }
        Some((row, reversed))
    }

    /// The flow in `row`.
    #[must_use]
    pub fn flow(&self, row: u32) -> Option<&Flow> {
        self.flows.get(row)
    }

    /// All flows, in the order of their rows.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter()
    }

    /// All DNS exchanges, in the order of their first packets.
    pub fn exchanges(&self) -> impl Iterator<Item = &DnsExchange> {
        self.exchanges.iter()
    }

    /// The flows as they are now, as segments of `table`. Only segments that changed since the last call are made anew.
    pub fn publish_flows(&mut self, table: TableId) -> Vec<Arc<Segment>> {
        self.flows.publish(table)
    }

    /// The DNS exchanges as they are now, as segments of `table`. Only segments that changed are made anew.
    pub fn publish_exchanges(&mut self, table: TableId) -> Vec<Arc<Segment>> {
        self.exchanges.publish(table)
    }

    fn row(&self, key: Key) -> Option<u32> {
        match self.latest {
            Some((latest, row)) if latest == key => Some(row),
            _ => self.rows.get(&key).copied(),
        }
    }

    fn start(&mut self, key: Key, id: RecordId, packet: &Packet<'_>, ip: &IpPacket<'_>) -> Option<u32> {
        let row = u32::try_from(self.flows.len()).ok().filter(|row| *row != NO_FLOW)?;
        let mut flow = first(id, packet, ip);
        flow.name = self.exchanges.name_of(flow.tuple.source, flow.tuple.destination);
        self.flows.push(flow);
        self.rows.insert(key, row);
        Some(row)
    }
}

/// A flow that is about to get its first packet.
fn first(id: RecordId, packet: &Packet<'_>, ip: &IpPacket<'_>) -> Flow {
    Flow {
        tuple: if answers(ip) { ip.tuple.reversed() } else { ip.tuple },
        start: packet.time,
        end: packet.time,
        packets: [0; 2],
        bytes: [0; 2],
        outcome: if ip.tuple.protocol == protocol::TCP { Outcome::Midstream } else { Outcome::OneWay },
        name: None,
        server_name: None,
        first_packet: id,
        tcp_flags: [0; 2],
        initial_sequence: ip.tcp.and_then(tcp::initial_sequence),
        icmp: ip.icmp,
        ip_id: ip.ip_id,
        ip_length: ip.ip_length,
        ttl: ip.ttl,
    }
}

/// Whether the first packet of a flow was sent by its responder.
fn answers(ip: &IpPacket<'_>) -> bool {
    let from_service = ip.tuple.source_port < 1024 && ip.tuple.destination_port >= 1024;
    match (ip.tcp, ip.icmp) {
        (Some(tcp), _) => tcp::answers(tcp).unwrap_or(from_service),
        (_, Some(icmp)) => icmp.is_echo_reply(ip.tuple.protocol),
        _ => from_service && ip.tuple.source_port != 0,
    }
}

fn is_reversed(flow: &Flow, ip: &IpPacket<'_>) -> bool {
    (ip.tuple.source, ip.tuple.source_port) != (flow.tuple.source, flow.tuple.source_port)
}

/// Whether a packet with the addresses and ports of `flow` is the first of another one.
fn starts_another(flow: &Flow, packet: &Packet<'_>, ip: &IpPacket<'_>) -> bool {
    let idle = packet.time.since(flow.end) > IDLE;
    if ip.tuple.protocol != protocol::TCP {
        return idle;
    }
    let reuses = ip.tcp.is_some_and(|tcp| tcp::reuses_ports(flow, tcp, is_reversed(flow, ip)));
    reuses || idle && tcp::is_over(flow)
}

fn add(flow: &mut Flow, packet: &Packet<'_>, ip: &IpPacket<'_>, reversed: bool) {
    let [mut originator, mut responder] = [(flow.packets[0], flow.bytes[0]), (flow.packets[1], flow.bytes[1])];
    let side = if reversed { &mut responder } else { &mut originator };
    side.0 += 1;
    side.1 += u64::from(packet.original);
    (flow.packets, flow.bytes) = ([originator.0, responder.0], [originator.1, responder.1]);
    flow.start = flow.start.min(packet.time);
    flow.end = flow.end.max(packet.time);
    if let Some(tcp) = ip.tcp {
        tcp::add(flow, tcp, reversed);
        if flow.server_name.is_none() {
            flow.server_name = server_name(ip.payload);
        }
    } else if ip.tuple.protocol != protocol::TCP && reversed {
        flow.outcome = Outcome::TwoWay;
    }
}

fn server_name(payload: &[u8]) -> Option<ServerName> {
    let (name, _) = ClientHello::read(payload)?.server_name?;
    Some(ServerName { name: name.text.into(), cut: name.cut })
}

#[cfg(test)]
mod tests;
