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
/// A SYN is sent again for about so long, and captures may begin between.
const SYN_RETRIES: i64 = 70_000_000_000;
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
    let corrected = |sighting: &Sighting| clocks.contains_key(&sighting.qube);
    for run in sightings.chunk_by(|a, b| a.key == b.key) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let loosest = if run.iter().all(corrected) { Clocks::Known } else { Clocks::Unknown };
        let basis = run[0].key.basis();
        for (place, a) in run.iter().enumerate() {
            let near = |b: &&Sighting| b.at.saturating_sub(a.at.saturating_add(a.width)) <= window(basis, loosest);
            let others = run[place + 1..].iter().take(NEIGHBOURS).take_while(near);
            matches.extend(others.filter_map(|b| {
                let between = if corrected(a) && corrected(b) { Clocks::Known } else { Clocks::Unknown };
                one_packet(a, b, tuples, between)
            }));
        }
    }
    Some(matches)
}

/// Two sightings as a match, if they may be of one packet. `between` is what is known of their clocks, if they are two.
fn one_packet(a: &Sighting, b: &Sighting, tuples: &dyn Tuples, between: Clocks) -> Option<Match> {
    let clocks = if a.qube == b.qube { Clocks::Same } else { between };
    if a.node == b.node || a.gap(b) > window(a.key.basis(), clocks) {
        return None;
    }
    let (a, b) = if a.node < b.node { (a, b) } else { (b, a) };
    let evidence = compare((a, &tuples.tuple(a)), (b, &tuples.tuple(b)), clocks);
    (evidence.weight > 0.0).then_some(Match { a: a.node, b: b.node, evidence })
}

/// How far two sightings of one packet can be apart, in nanoseconds.
const fn window(basis: Basis, clocks: Clocks) -> i64 {
    match (basis, clocks) {
        (_, Clocks::Unknown | Clocks::Sought) => MOST_SKEW,
        (Basis::Sequence, _) => SYN_RETRIES,
        (_, Clocks::Same) => 50_000_000,
        (_, Clocks::Known) => 1_000_000_000,
    }
}
