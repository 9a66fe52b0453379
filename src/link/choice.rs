//! Which connection each logged packet belongs to at each vantage.

use std::collections::BTreeMap;

use super::connections::Connections;
use super::evidence::{Evidence, probability};
use super::pairs::Match;
use super::parts::Part;

/// Weight from which two sightings are taken to be of one connection: 0.997.
const SURE: f64 = 6.0;
/// Links below this probability are not kept.
const LEAST: f64 = 0.05;
/// Weights above this are equal: nothing is surer.
const MOST: f64 = 50.0;

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

/// What matches come to.
pub struct Joined {
    /// The links, by logged packet and part.
    pub links: Vec<Link>,
    /// The connection of each part.
    pub connections: Vec<u32>,
    /// Logged packets of two qubes that are one packet, each pair both ways.
    pub peers: Vec<(u32, u32)>,
}

/// The matches of parts, and those of one logged packet, with what is known of connections.
struct Choice<'a> {
    parts: &'a [Part],
    connections: Connections,
    members: BTreeMap<u32, Vec<u32>>,
}

/// Joins parts to connections, then finds for each logged packet its connection at each vantage.
pub fn join(parts: &[Part], matches: Vec<Match>) -> Joined {
    let first = parts.len() as u32;
    let (between, of_lines): (Vec<Match>, Vec<Match>) = matches.into_iter().partition(|found| found.b < first);
    let (mut of_lines, of_two): (Vec<Match>, Vec<Match>) = of_lines.into_iter().partition(|found| found.a < first);
    let choice = Choice::new(parts, between);
    of_lines.sort_by_key(|found| (found.b, parts[found.a as usize].qube, found.a));
    let mut links = Vec::new();
    for candidates in of_lines.chunk_by(|x, y| x.b == y.b) {
        links.extend(choice.links(candidates, first));
    }
    let sure = of_two.iter().filter(|found| found.evidence.weight >= SURE);
    let mut peers: Vec<(u32, u32)> =
        sure.flat_map(|found| [(found.a - first, found.b - first), (found.b - first, found.a - first)]).collect();
    peers.sort_unstable();
    peers.dedup();
    let connections = (0..first).map(|part| choice.connections.root(part)).collect();
    Joined { links, connections, peers }
}

impl<'a> Choice<'a> {
    /// Joins parts, the surest matches first.
    fn new(parts: &'a [Part], mut between: Vec<Match>) -> Self {
        between.retain(|found| found.evidence.weight >= SURE);
        between.sort_by(|x, y| y.evidence.weight.total_cmp(&x.evidence.weight).then((x.a, x.b).cmp(&(y.a, y.b))));
        let mut connections = Connections::new(parts.len(), parts.iter().map(|part| (part.qube, part.tuple)));
        for found in &between {
            connections.join(found, found.evidence.weight);
        }
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for part in 0..parts.len() as u32 {
            members.entry(connections.root(part)).or_default().push(part);
        }
        Self { parts, connections, members }
    }

    /// The links of one logged packet, from the matches that it has, vantage by vantage.
    fn links(&self, candidates: &[Match], first: u32) -> impl Iterator<Item = Link> + use<> {
        let qube = |found: &Match| self.parts[found.a as usize].qube;
        let mut found: BTreeMap<u32, Link> = BTreeMap::new();
        for here in candidates.chunk_by(|x, y| qube(x) == qube(y)) {
            self.at_vantage(here, first, &mut found);
        }
        found.into_values()
    }

    /// Each connection at one vantage that may explain the packet, with the probability that it does: that none does is
    /// a possibility of weight 0.
    fn at_vantage(&self, candidates: &[Match], first: u32, found: &mut BTreeMap<u32, Link>) {
        let mut best: BTreeMap<u32, &Match> = BTreeMap::new();
        for candidate in candidates {
            let best = best.entry(self.connections.root(candidate.a)).or_insert(candidate);
            if candidate.evidence.weight > best.evidence.weight {
                *best = candidate;
            }
        }
        let odds = |found: &Match| found.evidence.weight.min(MOST).exp();
        let total = 1.0 + best.values().map(|found| odds(found)).sum::<f64>();
        for (root, best) in best {
            let confidence = odds(best) / total;
            if confidence >= LEAST {
                self.add_members(root, best, confidence, candidates, first, found);
            }
        }
    }

    /// Links the packet with all parts of a connection.
    fn add_members(
        &self,
        root: u32,
        best: &Match,
        confidence: f64,
        candidates: &[Match],
        first: u32,
        found: &mut BTreeMap<u32, Link>,
    ) {
        for part in self.members.get(&root).into_iter().flatten() {
            let direct = candidates.iter().any(|candidate| candidate.a == *part);
            let bond = if *part == best.a { 1.0 } else { probability(self.connections.bond(*part)) };
            let (logged, confidence) = (best.b - first, confidence * bond);
            let link = Link { logged, part: *part, confidence, evidence: best.evidence, direct };
            let known = found.entry(*part).or_insert(link);
            if link.confidence > known.confidence {
                *known = link;
            }
        }
    }
}
