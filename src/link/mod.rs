//! L4: which records belong to one connection, whatever was translated on the way and whatever the clocks said.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicBool;

use crate::record::{FiveTuple, RecordId};
use crate::store::Snapshot;

pub mod clock;
mod connections;
pub mod evidence;
pub mod lines;
mod pairs;
pub mod parts;
mod qubes;
pub mod sighting;
mod zones;

use clock::Clock;
use clock::network::Network;
use connections::Connections;
use evidence::{Evidence, probability};
use lines::Lines;
use pairs::{Match, Tuples};
use parts::{Parts, directed};
pub use qubes::Qubes;
use sighting::Sighting;

/// Weight from which two flow parts are taken to be of one connection: 0.997.
const SURE: f64 = 6.0;

/// A logged packet and a part of a flow that belong to one connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The logged packet.
    pub logged: u32,
    /// The part of a flow.
    pub part: u32,
    /// Probability that it is right.
    pub confidence: f64,
    /// How the line compares with the packet that it was recognised by.
    pub evidence: Evidence,
    /// Whether that packet is in this part; else it is in another part of the same connection.
    pub direct: bool,
}

/// The links of an archive, and the clocks that they were found with.
#[derive(Debug)]
pub struct Links {
    /// The qubes.
    pub qubes: Qubes,
    /// The lines.
    pub lines: Lines,
    /// The flows.
    pub parts: Parts,
    /// The clock of each qube that could be compared with the reference.
    pub clocks: BTreeMap<u32, Clock>,
    /// The qube whose clock the others are compared with.
    pub reference: Option<u32>,
    /// The links, by logged packet and part.
    pub links: Vec<Link>,
}

struct Nodes<'a> {
    lines: &'a Lines,
    parts: &'a Parts,
}

impl Tuples for Nodes<'_> {
    fn tuple(&self, sighting: &Sighting) -> FiveTuple {
        let node = sighting.node as usize;
        match self.parts.parts.get(node) {
            Some(part) => directed(&part.tuple, sighting.reversed),
            None => self.lines.logged[node - self.parts.parts.len()].tuple,
        }
    }
}

impl Links {
    /// Links everything that is in a snapshot; against the clock of `reference`, else of the qube with most pairs.
    /// `None` when stopped.
    #[must_use]
    pub fn find(snapshot: &Snapshot, reference: Option<&str>, stop: &AtomicBool) -> Option<Self> {
        let mut qubes = Qubes::default();
        let mut lines = Lines::collect(snapshot, &mut qubes);
        let wanted: HashSet<_> = lines.lines.iter().map(|line| line.key).collect();
        let mut parts = Parts::collect(snapshot, &mut qubes, &wanted, stop)?;
        let packets = std::mem::take(&mut parts.sightings);
        let first = u32::try_from(parts.parts.len()).ok()?;
        let wish = reference.and_then(|name| qubes.find(name));
        let (mut sightings, mut reference, mut clocks) = told(&packets, &lines, &parts, first, wish, stop)?;
        let zones = zones::of_clocks(&clocks, &lines.zoneless);
        if !zones.is_empty() {
            zones.iter().for_each(|(qube, seconds)| lines.shift(*qube, *seconds));
            (sightings, reference, clocks) = told(&packets, &lines, &parts, first, wish, stop)?;
        }
        drop(packets);
        pairs::correct(&mut sightings, &clocks);
        let nodes = Nodes { lines: &lines, parts: &parts };
        let matches = pairs::matches(&sightings, &nodes, &clocks, stop)?;
        let links = link(&nodes, matches);
        Some(Self { qubes, lines, parts, clocks, reference, links })
    }

    /// The reference's time of a moment by a qube's clock.
    #[must_use]
    pub fn corrected(&self, qube: u32, at: i64) -> i64 {
        self.clocks.get(&qube).map_or(at, |clock| clock.to_reference(at))
    }

    /// The logged packet of a line.
    #[must_use]
    pub fn logged_of(&self, line: RecordId) -> Option<u32> {
        let place = self.lines.lines.iter().position(|other| other.id == line)?;
        let after = self.lines.logged.partition_point(|logged| logged.lines.start <= place);
        u32::try_from(after.checked_sub(1)?).ok()
    }
}

/// All sightings in order, the reference, and what they tell of the clocks.
type Told = (Vec<Sighting>, Option<u32>, BTreeMap<u32, Clock>);

/// Puts packets and lines together and tells the clocks from them.
fn told(
    packets: &[Sighting],
    lines: &Lines,
    parts: &Parts,
    first: u32,
    wish: Option<u32>,
    stop: &AtomicBool,
) -> Option<Told> {
    let mut sightings = packets.to_vec();
    sightings.extend(lines.sightings(first));
    sightings.sort_unstable_by_key(pairs::order);
    let nodes = Nodes { lines, parts };
    let network = Network::new(pairs::clock_pairs(&sightings, &nodes, &lines.zoneless, stop)?);
    let reference = wish.or_else(|| network.center());
    let clocks = reference.map(|reference| network.clocks(reference)).unwrap_or_default();
    Some((sightings, reference, clocks))
}

/// Joins parts to connections, then finds for each logged packet its connection at each vantage.
fn link(nodes: &Nodes<'_>, matches: Vec<Match>) -> Vec<Link> {
    let parts = &nodes.parts.parts;
    let first = parts.len() as u32;
    let (mut between, mut of_lines): (Vec<Match>, Vec<Match>) = matches.into_iter().partition(|m| m.b < first);
    between.sort_by(|x, y| y.evidence.weight.total_cmp(&x.evidence.weight).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut connections =
        Connections::new(parts.len(), parts.iter().map(|part| (part.qube, part.tuple)));
    for found in between.iter().filter(|found| found.evidence.weight >= SURE) {
        connections.join(found, found.evidence.weight);
    }
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for node in 0..first {
        members.entry(connections.root(node)).or_default().push(node);
    }
    of_lines.retain(|found| found.a < first);
    of_lines.sort_by_key(|found| (found.b, parts[found.a as usize].qube, found.a));
    let mut links = Vec::new();
    for candidates in of_lines.chunk_by(|x, y| x.b == y.b) {
        let mut found: BTreeMap<u32, Link> = BTreeMap::new();
        for here in candidates.chunk_by(|x, y| parts[x.a as usize].qube == parts[y.a as usize].qube) {
            choose(here, first, &connections, &members, &mut found);
        }
        links.extend(found.into_values());
    }
    links
}

/// The connection that explains a logged packet best at one vantage, if one does.
fn choose(
    candidates: &[Match],
    first: u32,
    connections: &Connections,
    members: &BTreeMap<u32, Vec<u32>>,
    found: &mut BTreeMap<u32, Link>,
) {
    let mut by_connection: BTreeMap<u32, &Match> = BTreeMap::new();
    for candidate in candidates {
        let best = by_connection.entry(connections.root(candidate.a)).or_insert(candidate);
        if candidate.evidence.weight > best.evidence.weight {
            *best = candidate;
        }
    }
    let total: f64 = 1.0 + by_connection.values().map(|m| m.evidence.weight.min(50.0).exp()).sum::<f64>();
    for (root, best) in by_connection {
        let confidence = best.evidence.weight.min(50.0).exp() / total;
        if confidence < 0.05 {
            continue;
        }
        for part in &members[&root] {
            let direct = candidates.iter().any(|candidate| candidate.a == *part);
            let bond = if *part == best.a { 1.0 } else { probability(connections.bond(*part)) };
            let link = Link {
                logged: best.b - first,
                part: *part,
                confidence: confidence * bond,
                evidence: best.evidence,
                direct,
            };
            let known = found.entry(*part).or_insert(link);
            if link.confidence > known.confidence {
                *known = link;
            }
        }
    }
}
