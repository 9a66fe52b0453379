//! What should have been linked and was not: only where both sources cover that moment.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Links;
use crate::decode::tcp_flags::SYN;
use crate::record::protocol;
use crate::store::{Columns, Outcome, Snapshot};

/// Two qubes watch the same traffic when at least this part of what one logs is found at the other.
const EXPECTED: f64 = 0.5;
/// Links that are needed to say so.
const ENOUGH: usize = 20;
/// Captures and logs that are silent for so long, in nanoseconds, are not taken to cover the time between.
const SILENCE: i64 = 60_000_000_000;
/// How near the end of what a source covers nothing is said, in nanoseconds.
const MARGIN: i64 = 2_000_000_000;
/// Lines in a second from which a limit is thinkable.
const LIMITED: usize = 5;

/// Why something may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The qube logged as many lines in that second as it ever did: the rule has a limit.
    RateLimited,
    /// The connection was there before its capture began, so that its first packet was logged earlier.
    BeganBefore,
    /// Queries to a name server that others do not use.
    BypassedResolver,
    /// Another qube logged it, so it went on, but past the vantage: off the tunnel.
    AnotherWay,
    /// The packet did not come where such packets come: dropped after the rule, or sent another way.
    DroppedOrRerouted,
    /// The rule that logs does not match it, or it was offloaded past the rules.
    NotLogged,
}

impl Reason {
    /// For a person.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::RateLimited => "the rule is rate-limited, and this second is full",
            Self::BeganBefore => "it began before the capture",
            Self::BypassedResolver => "it asks a name server that others do not use",
            Self::AnotherWay => "sent another way, off the tunnel: another qube logged it",
            Self::DroppedOrRerouted => "dropped after the rule, or sent another way",
            Self::NotLogged => "no rule logged it, or it was offloaded",
        }
    }
}

/// Something that has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphan {
    /// A logged packet, its qube, and the vantage where it should have been seen.
    Line(u32, u32, Reason),
    /// The first part of a connection, and the qube that should have logged it.
    Flow(u32, u32, Reason),
}

/// Times at which something was seen, on the reference's clock, sorted.
#[derive(Default)]
struct Coverage(Vec<i64>);

impl Coverage {
    fn covers(&self, at: i64) -> bool {
        let after = self.0.partition_point(|time| *time <= at);
        let (Some(before), Some(next)) = (after.checked_sub(1).map(|place| self.0[place]), self.0.get(after)) else {
            return false;
        };
        let inside = at.saturating_sub(self.0[0]) > MARGIN && self.0[self.0.len() - 1].saturating_sub(at) > MARGIN;
        inside && next.saturating_sub(before) < SILENCE
    }

    /// How many times are within half a second of `at`.
    fn around(&self, at: i64) -> usize {
        let half = 500_000_000;
        self.0.partition_point(|time| *time <= at.saturating_add(half))
            - self.0.partition_point(|time| *time < at.saturating_sub(half))
    }

    /// The most times within a second.
    fn busiest(&self) -> usize {
        self.0.iter().map(|time| self.around(*time)).max().unwrap_or(0)
    }
}

impl Links {
    /// The orphans, lines first.
    #[must_use]
    pub fn orphans(&self, snapshot: &Snapshot) -> Vec<Orphan> {
        let (logs, captures) = (self.log_coverage(), self.capture_coverage(snapshot));
        let mut orphans = self.line_orphans(&captures);
        orphans.extend(self.flow_orphans(snapshot, &logs));
        orphans
    }

    fn log_coverage(&self) -> BTreeMap<u32, Coverage> {
        let mut coverage: BTreeMap<u32, Coverage> = BTreeMap::new();
        for logged in &self.lines.logged {
            coverage.entry(logged.qube).or_default().0.push(self.corrected(logged.qube, logged.at));
        }
        coverage.values_mut().for_each(|coverage| coverage.0.sort_unstable());
        coverage
    }

    fn capture_coverage(&self, snapshot: &Snapshot) -> BTreeMap<u32, Coverage> {
        let mut coverage: BTreeMap<u32, Coverage> = BTreeMap::new();
        for table in snapshot.tables().filter(|table| table.flows.is_some()) {
            let Some(qube) = self.qubes.find(&table.info.origin) else { continue };
            let times = &mut coverage.entry(qube).or_default().0;
            for segment in &table.segments {
                let Columns::Packets(packets) = &segment.columns else { continue };
                let each = (0..segment.rows).filter_map(|row| packets.time.get(row));
                times.extend(each.map(|time| self.corrected(qube, time.0)));
            }
        }
        coverage.values_mut().for_each(|coverage| coverage.0.sort_unstable());
        coverage
    }

    /// Logged packets that are nowhere although a vantage that has most of its qube's packets covers them.
    fn line_orphans(&self, captures: &BTreeMap<u32, Coverage>) -> Vec<Orphan> {
        let mut all: BTreeMap<u32, usize> = BTreeMap::new();
        let mut found: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        let mut lost = Vec::new();
        for (logged, packet) in self.lines.logged.iter().zip(0..) {
            *all.entry(logged.qube).or_default() += 1;
            let vantages: BTreeSet<u32> =
                self.likely_links(packet).map(|link| self.parts.parts[link.part as usize].qube).collect();
            if vantages.is_empty() {
                lost.push(packet);
            }
            for vantage in vantages {
                *found.entry((logged.qube, vantage)).or_default() += 1;
            }
        }
        let usual = |qube: u32| {
            let own = found.iter().filter(move |((from, _), _)| *from == qube);
            own.filter(|(_, count)| **count >= ENOUGH)
                .max_by_key(|(_, count)| **count)
                .map(|((_, at), count)| (*at, *count))
        };
        let mut orphans = Vec::new();
        for packet in lost {
            let logged = &self.lines.logged[packet as usize];
            let Some((vantage, count)) = usual(logged.qube) else { continue };
            let at = self.corrected(logged.qube, logged.at);
            let expected = count as f64 >= EXPECTED * all[&logged.qube] as f64;
            if expected && captures.get(&vantage).is_some_and(|coverage| coverage.covers(at)) {
                let seen = self.peers.binary_search_by_key(&packet, |pair| pair.0).is_ok();
                let reason = if seen { Reason::AnotherWay } else { Reason::DroppedOrRerouted };
                orphans.push(Orphan::Line(packet, vantage, reason));
            }
        }
        orphans
    }

    /// Connections without a line although a qube that logs most of its vantage's connections covers them.
    fn flow_orphans(&self, snapshot: &Snapshot, logs: &BTreeMap<u32, Coverage>) -> Vec<Orphan> {
        let mut loggers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for link in self.links.iter().filter(|link| link.confidence >= super::LIKELY) {
            let root = self.connections[link.part as usize];
            loggers.entry(root).or_default().insert(self.lines.logged[link.logged as usize].qube);
        }
        let mut first: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for (part, number) in self.parts.parts.iter().zip(0..) {
            let told = snapshot
                .flow(part.flow)
                .is_some_and(|flow| flow.icmp.is_none_or(|icmp| icmp.is_echo(part.tuple.protocol)));
            if told && is_forwarded(part.tuple.source) && is_forwarded(part.tuple.destination) {
                first.entry((part.qube, self.connections[number as usize])).or_insert(number);
            }
        }
        let busiest: BTreeMap<u32, usize> = logs.iter().map(|(qube, log)| (*qube, log.busiest())).collect();
        let servers = self.servers();
        let mut orphans = Vec::new();
        for ((vantage, root), part) in &first {
            if loggers.contains_key(root) {
                continue;
            }
            let Some(logger) = usual_logger(*vantage, &first, &loggers) else { continue };
            let at = self.corrected(*vantage, self.parts.parts[*part as usize].start);
            let Some(log) = logs.get(&logger).filter(|log| log.covers(at)) else { continue };
            let full = busiest[&logger] >= LIMITED && log.around(at) * 10 >= busiest[&logger] * 9;
            orphans.push(Orphan::Flow(*part, logger, self.reason(snapshot, *part, full, &servers)));
        }
        orphans
    }

    fn reason(&self, snapshot: &Snapshot, part: u32, full: bool, servers: &BTreeSet<IpAddr>) -> Reason {
        let part = &self.parts.parts[part as usize];
        let midstream = snapshot.flow(part.flow).is_some_and(|flow| {
            flow.outcome == Outcome::Midstream || part.tuple.protocol == protocol::TCP && flow.tcp_flags[0] & SYN == 0
        });
        if midstream {
            Reason::BeganBefore
        } else if full {
            Reason::RateLimited
        } else if part.tuple.destination_port == 53 && !servers.contains(&part.tuple.destination) {
            Reason::BypassedResolver
        } else {
            Reason::NotLogged
        }
    }

    /// The name server that most queries of each vantage go to.
    fn servers(&self) -> BTreeSet<IpAddr> {
        let mut counts: BTreeMap<(u32, IpAddr), usize> = BTreeMap::new();
        for part in self.parts.parts.iter().filter(|part| part.tuple.destination_port == 53) {
            *counts.entry((part.qube, part.tuple.destination)).or_default() += 1;
        }
        let mut best: BTreeMap<u32, (usize, IpAddr)> = BTreeMap::new();
        for ((qube, server), count) in counts {
            let known = best.entry(qube).or_insert((count, server));
            *known = (*known).max((count, server));
        }
        best.into_values().map(|(_, server)| server).collect()
    }
}

/// The qube that logged most of a vantage's connections, if that is enough of them.
fn usual_logger(
    vantage: u32,
    first: &BTreeMap<(u32, u32), u32>,
    loggers: &BTreeMap<u32, BTreeSet<u32>>,
) -> Option<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut all = 0;
    for (_, root) in first.range((vantage, 0)..=(vantage, u32::MAX)).map(|(key, _)| *key) {
        all += 1;
        for qube in loggers.get(&root).into_iter().flatten() {
            *counts.entry(*qube).or_default() += 1;
        }
    }
    let (qube, count) = counts.into_iter().max_by_key(|(qube, count)| (*count, u32::MAX - qube))?;
    (count >= ENOUGH && count as f64 >= EXPECTED * f64::from(all)).then_some(qube)
}

/// Whether packets to an address leave the link: no broadcast, multicast or link-local one.
fn is_forwarded(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_multicast() && !address.is_broadcast() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_multicast() && address.segments()[0] & 0xffc0 != 0xfe80,
    }
}
