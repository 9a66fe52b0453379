//! Pairs of sightings that have the same key and are near enough in time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::clock::Clock;
use super::clock::fit::Pair;
use super::evidence::{Clocks, Evidence, compare};
use super::sighting::{Basis, Sighting};
use crate::record::FiveTuple;

/// Clocks differ by at most this many nanoseconds.
const MOST_SKEW: i64 = 900_000_000_000;
/// Where a zone had to be guessed, by at most this many.
const MOST_ZONE: i64 = 15 * 3_600_000_000_000;
/// Sightings that one is compared with: bounds the cost of input in which everything looks alike.
const NEIGHBOURS: usize = 48;
/// Pairs of clocks that are kept of two qubes; more are left out.
const MOST_PAIRS: usize = 200_000;
/// The evidence that a pair needs to count for a clock.
const CLEAR: f64 = 8.0;

/// Where the tuple of a node in a direction is found.
pub trait Tuples {
    /// The addresses and ports of a sighting's packet.
    fn tuple(&self, sighting: &Sighting) -> FiveTuple;
}

/// For every two qubes, what clearly equal packets say of their clocks. `sightings` are sorted by key and time.
pub fn clock_pairs(
    sightings: &[Sighting],
    tuples: &dyn Tuples,
    zoneless: &[bool],
    stop: &AtomicBool,
) -> Option<BTreeMap<(u32, u32), Vec<Pair>>> {
    let mut pairs: BTreeMap<(u32, u32), Vec<Pair>> = BTreeMap::new();
    let guessed = |sighting: &Sighting| zoneless.get(sighting.qube as usize).copied().unwrap_or(false);
    for run in sightings.chunk_by(|a, b| a.key == b.key) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let far = if run.iter().any(guessed) { MOST_ZONE } else { MOST_SKEW };
        for (place, a) in run.iter().enumerate() {
            let near = run[place + 1..].iter().take(NEIGHBOURS).take_while(|b| b.at.saturating_sub(a.at) <= far);
            for b in near.filter(|b| b.qube != a.qube) {
                let (a, b) = if a.qube < b.qube { (a, b) } else { (b, a) };
                let mut evidence = compare((a, &tuples.tuple(a)), (b, &tuples.tuple(b)), Clocks::Sought);
                if a.key.basis() == Basis::Sequence {
                    evidence.weight -= 4.0;
                }
                let known = pairs.entry((a.qube, b.qube)).or_default();
                if evidence.weight >= CLEAR && known.len() < MOST_PAIRS {
                    known.push(pair(a, b));
                }
            }
        }
    }
    Some(pairs)
}

fn pair(a: &Sighting, b: &Sighting) -> Pair {
    let difference = b.at.saturating_sub(a.at) as f64;
    Pair { at: a.at.saturating_add(a.width / 2), low: difference - a.width as f64, high: difference + b.width as f64 }
}

/// Two nodes that saw what may be one packet.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// The lower node.
    pub a: u32,
    /// The higher node.
    pub b: u32,
    /// What speaks for it, from `a` to `b`.
    pub evidence: Evidence,
}

/// Puts the times of all sightings on the reference's clock and sorts them anew.
pub fn correct(sightings: &mut [Sighting], clocks: &BTreeMap<u32, Clock>) {
    for sighting in sightings.iter_mut() {
        if let Some(clock) = clocks.get(&sighting.qube) {
            sighting.at = clock.to_reference(sighting.at);
        }
    }
    sightings.sort_unstable_by_key(order);
}

/// The order of sightings: by key, then by time.
pub fn order(sighting: &Sighting) -> (super::sighting::Key, i64, u32, u32, bool) {
    (sighting.key, sighting.at, sighting.qube, sighting.node, sighting.reversed)
}

/// All pairs that may be one packet. `sightings` are sorted by key and corrected time.
pub fn matches(
    sightings: &[Sighting],
    tuples: &dyn Tuples,
    clocks: &BTreeMap<u32, Clock>,
    stop: &AtomicBool,
) -> Option<Vec<Match>> {
    let mut matches = Vec::new();
    for run in sightings.chunk_by(|a, b| a.key == b.key) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        for (place, a) in run.iter().enumerate() {
            let reach = a.at.saturating_add(a.width);
            for b in run[place + 1..].iter().take(NEIGHBOURS) {
                let known = match a.qube == b.qube {
                    true => Clocks::Same,
                    false if clocks.contains_key(&a.qube) && clocks.contains_key(&b.qube) => Clocks::Known,
                    false => Clocks::Unknown,
                };
                let gap = b.at.saturating_sub(reach);
                if gap > MOST_SKEW {
                    break;
                }
                if a.node == b.node || gap > window(a.key.basis(), known) {
                    continue;
                }
                let (a, b) = if a.node < b.node { (a, b) } else { (b, a) };
                let evidence = compare((a, &tuples.tuple(a)), (b, &tuples.tuple(b)), known);
                if evidence.weight > 0.0 {
                    matches.push(Match { a: a.node, b: b.node, evidence });
                }
            }
        }
    }
    Some(matches)
}

/// How far two sightings of one packet can be apart after correction, in nanoseconds.
fn window(basis: Basis, clocks: Clocks) -> i64 {
    match (basis, clocks) {
        (_, Clocks::Unknown | Clocks::Sought) => MOST_SKEW,
        (Basis::Sequence, _) => 70_000_000_000,
        (_, Clocks::Same) => 50_000_000,
        (_, Clocks::Known) => 1_000_000_000,
    }
}
