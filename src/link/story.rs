//! All that belongs to one connection, and what caused it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::Links;
use super::parts::Part;
use crate::record::{FiveTuple, Kind, RecordId};
use crate::store::{Columns, DnsExchange, Snapshot};

/// An answer counts as the cause of a connection that begins within so many nanoseconds after it, where it names the
/// address: the longest that stub resolvers and browsers keep answers as a rule.
const REMEMBERED: i64 = 3_600_000_000_000;
/// Where it does not name the address.
const PROMPT: i64 = 2_000_000_000;
/// Record types that ask for addresses (RFC 1035, RFC 3596).
const A: u16 = 1;
const AAAA: u16 = 28;
/// Corrected times can be wrong by so much.
const TOLERANCE: i64 = 50_000_000;

/// How a name is known to belong to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An answer to the client names the address.
    Proven,
    /// The client was answered just before; which addresses is not known.
    Timing,
}

/// The look-up that came before a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// How it is known.
    pub proof: Proof,
    /// The DNS exchange.
    pub exchange: RecordId,
    /// The name that was asked for, or its beginning.
    pub name: Arc<str>,
}

/// The addresses of a connection at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The qube that saw it.
    pub qube: u32,
    /// Addresses and ports there.
    pub tuple: FiveTuple,
    /// TTL or hop limit there: the higher, the nearer to the origin.
    pub ttl: u8,
    /// When it was first seen there, on the reference's clock, in nanoseconds.
    pub at: i64,
}

/// A connection at every vantage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The logged packets.
    pub logged: Vec<u32>,
    /// The parts of flows.
    pub parts: Vec<u32>,
    /// Where it was seen, from the origin on.
    pub hops: Vec<Hop>,
    /// The DNS exchanges in it.
    pub exchanges: Vec<RecordId>,
    /// The look-up that came before it.
    pub cause: Option<Cause>,
}

impl Links {
    /// The story of the connection that a line, packet, flow or DNS exchange belongs to.
    #[must_use]
    pub fn story(&self, snapshot: &Snapshot, id: RecordId) -> Option<Story> {
        let (mut logged, mut parts) = self.start(snapshot, id)?;
        for _ in 0..2 {
            self.spread(&mut logged, &mut parts);
        }
        let mut story =
            Story { logged: logged.into_iter().collect(), parts: parts.into_iter().collect(), ..Story::default() };
        story.hops = self.hops(snapshot, &story);
        story.exchanges = self.exchanges(snapshot, &story);
        if story.exchanges.is_empty() {
            story.cause = self.cause(snapshot, &story.hops);
        }
        Some(story)
    }

    /// The logged packets or parts that a record is of.
    fn start(&self, snapshot: &Snapshot, id: RecordId) -> Option<(BTreeSet<u32>, BTreeSet<u32>)> {
        let (_, segment, row) = snapshot.find(id)?;
        match &segment.columns {
            Columns::Entries(_) => Some((BTreeSet::from([self.logged_of(id)?]), BTreeSet::new())),
            Columns::Packets(packets) => {
                let at = packets.time.get(row)?.0;
                Some((BTreeSet::new(), BTreeSet::from([self.part_at(snapshot.flow_of(id)?, at)?])))
            }
            Columns::Flows(flows) => {
                Some((BTreeSet::new(), BTreeSet::from([self.part_at(id, flows.get(row)?.start.0)?])))
            }
            Columns::Dns(exchanges) => {
                let exchange = exchanges.get(row)?;
                let packet = exchange.query.or_else(|| exchange.answer.as_ref().map(|answer| answer.packet))?;
                (segment.kind(row) == Kind::Dns).then(|| self.start(snapshot, packet))?
            }
        }
    }

    /// The part of a flow that a moment is in.
    #[must_use]
    pub fn part_at(&self, flow: RecordId, at: i64) -> Option<u32> {
        let flows = &self.parts.flows;
        let first = flows.partition_point(|(id, _)| *id < flow);
        let own = flows[first..].iter().take_while(|(id, _)| *id == flow).map(|(_, part)| *part);
        own.min_by_key(|part| {
            let part = &self.parts.parts[*part as usize];
            part.start.saturating_sub(at).max(at.saturating_sub(part.end)).max(0)
        })
    }

    /// Adds what is linked with what is there.
    fn spread(&self, logged: &mut BTreeSet<u32>, parts: &mut BTreeSet<u32>) {
        for packet in logged.clone() {
            let first = self.peers.partition_point(|pair| pair.0 < packet);
            logged.extend(self.peers[first..].iter().take_while(|pair| pair.0 == packet).map(|pair| pair.1));
        }
        parts.extend(logged.iter().flat_map(|packet| self.likely_links(*packet)).map(|link| link.part));
        let roots: BTreeSet<u32> = parts.iter().map(|part| self.connections[*part as usize]).collect();
        parts.extend(self.connections.iter().zip(0..).filter(|(root, _)| roots.contains(root)).map(|(_, part)| part));
        let likely = self.links.iter().filter(|link| link.confidence >= super::LIKELY && parts.contains(&link.part));
        logged.extend(likely.map(|link| link.logged));
    }

    /// The DNS exchanges whose first packet is in one of its parts.
    fn exchanges(&self, snapshot: &Snapshot, story: &Story) -> Vec<RecordId> {
        let tuples: BTreeSet<FiveTuple> = story.hops.iter().map(|hop| hop.tuple).collect();
        let inside = |exchange: &DnsExchange| {
            let packet = exchange.query.or_else(|| exchange.answer.as_ref().map(|answer| answer.packet))?;
            let part = self.part_at(snapshot.flow_of(packet)?, exchange.time.0)?;
            story.parts.binary_search(&part).ok()
        };
        let all = self.dns(snapshot).filter(|(_, exchange, _)| tuples.contains(&exchange.tuple));
        all.filter(|(_, exchange, _)| inside(exchange).is_some()).map(|(id, ..)| id).collect()
    }

    /// Where it was seen, each place with the same addresses once, by TTL and time.
    fn hops(&self, snapshot: &Snapshot, story: &Story) -> Vec<Hop> {
        let of_line = |packet: &u32| {
            let logged = &self.lines.logged[*packet as usize];
            let at = self.corrected(logged.qube, logged.at);
            Hop { qube: logged.qube, tuple: logged.tuple, ttl: self.lines.lines[logged.lines.start].ttl, at }
        };
        let of_part = |part: &u32| {
            let part: &Part = &self.parts.parts[*part as usize];
            let ttl = snapshot.flow(part.flow).map_or(0, |flow| flow.ttl);
            Hop { qube: part.qube, tuple: part.tuple, ttl, at: self.corrected(part.qube, part.start) }
        };
        let mut hops: Vec<Hop> = story.logged.iter().map(of_line).chain(story.parts.iter().map(of_part)).collect();
        hops.sort_by_key(|hop| (u8::MAX - hop.ttl, hop.at, hop.qube, hop.tuple));
        let mut seen = BTreeSet::new();
        hops.retain(|hop| seen.insert((hop.qube, hop.tuple)));
        hops
    }

    /// The look-up that explains a connection best: the latest answer before it that names one of its addresses, to
    /// one of its sources if there is such; else the latest answer to one of its sources just before.
    fn cause(&self, snapshot: &Snapshot, hops: &[Hop]) -> Option<Cause> {
        let start = hops.iter().map(|hop| hop.at).min()?;
        let sources: BTreeSet<IpAddr> = hops.iter().map(|hop| hop.tuple.source).collect();
        let destinations: BTreeSet<IpAddr> = hops.iter().map(|hop| hop.tuple.destination).collect();
        let kinds: BTreeSet<u16> =
            destinations.iter().map(|address| if address.is_ipv4() { A } else { AAAA }).collect();
        let mut best: Option<((bool, bool, i64), Cause)> = None;
        for (id, exchange, qube) in self.dns(snapshot) {
            let Some(answer) = &exchange.answer else { continue };
            let answered = qube.map_or(answer.time.0, |qube| self.corrected(qube, answer.time.0));
            let ago = start.saturating_sub(answered);
            let names = answer.addresses.iter().any(|address| destinations.contains(address));
            let own = sources.contains(&exchange.tuple.source);
            let asked = exchange.query_type.is_none_or(|kind| kinds.contains(&kind));
            let prompt = own && asked && answer.cut && answer.response_code == 0 && ago <= PROMPT;
            if !(-TOLERANCE..=REMEMBERED).contains(&ago) || !names && !prompt {
                continue;
            }
            let rank = (names, own, answered);
            let proof = if names { Proof::Proven } else { Proof::Timing };
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, Cause { proof, exchange: id, name: Arc::clone(&exchange.name) }));
            }
        }
        best.map(|(_, cause)| cause)
    }

    /// All DNS exchanges, with their vantages.
    fn dns<'a>(&'a self, snapshot: &'a Snapshot) -> impl Iterator<Item = (RecordId, &'a DnsExchange, Option<u32>)> {
        snapshot.tables().filter(|table| table.info.derived).flat_map(move |table| {
            let qube = self.qubes.find(&table.info.origin);
            table.segments.iter().flat_map(move |segment| {
                let rows: &[DnsExchange] = match &segment.columns {
                    Columns::Dns(rows) => rows,
                    _ => &[],
                };
                rows.iter().enumerate().map(move |(row, exchange)| (segment.id(row), exchange, qube))
            })
        })
    }
}
