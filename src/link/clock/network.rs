//! The clocks of all qubes against one, over pairs of qubes that saw the same packets.

use std::collections::BTreeMap;

use super::Clock;
use super::fit::{Pair, fit};

/// Pairs from which a relation is as good as one with more.
const ENOUGH: usize = 20;

/// What was seen of pairs of clocks: how far the second qube of each is ahead of the first.
#[derive(Clone, Debug, Default)]
pub struct Network {
    relations: BTreeMap<(u32, u32), Clock>,
}

impl Network {
    /// Fits each pair of clocks.
    #[must_use]
    pub fn new(pairs: BTreeMap<(u32, u32), Vec<Pair>>) -> Self {
        let fitted = pairs.into_iter().filter_map(|(qubes, pairs)| Some((qubes, fit(pairs)?)));
        Self { relations: fitted.collect() }
    }

    /// The qube that most pairs are of, of those whose clock seems to have stepped least: a step of a clock shows
    /// against every other one.
    #[must_use]
    pub fn center(&self) -> Option<u32> {
        let mut sums: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for ((a, b), clock) in &self.relations {
            for qube in [a, b] {
                let (steps, pairs) = sums.entry(*qube).or_default();
                *steps += clock.stretches.len() - 1;
                *pairs += clock.pairs();
            }
        }
        let rank = |(qube, (steps, pairs)): &(u32, (usize, usize))| (usize::MAX - steps, *pairs, u32::MAX - qube);
        sums.into_iter().max_by_key(rank).map(|(qube, _)| qube)
    }

    /// The clocks of the qubes that can be reached from `reference`, over the relations with most pairs.
    #[must_use]
    pub fn clocks(&self, reference: u32) -> BTreeMap<u32, Clock> {
        let mut clocks = BTreeMap::from([(reference, Clock::reference())]);
        while let Some((qube, clock)) = self.next(&clocks) {
            clocks.insert(qube, clock);
        }
        clocks
    }

    /// The best relation that leads to another qube, and that qube's clock.
    fn next(&self, clocks: &BTreeMap<u32, Clock>) -> Option<(u32, Clock)> {
        let leads = |(a, b): &(u32, u32)| clocks.contains_key(a) != clocks.contains_key(b);
        let mut best: Option<(&(u32, u32), &Clock)> = None;
        for (qubes, relation) in self.relations.iter().filter(|(qubes, _)| leads(qubes)) {
            if best.is_none_or(|(_, other)| rank(relation) > rank(other)) {
                best = Some((qubes, relation));
            }
        }
        let ((a, b), relation) = best?;
        match (clocks.get(a), clocks.get(b)) {
            (Some(known), None) => Some((*b, relation.as_clock_of_second().through(known))),
            (None, Some(known)) => Some((*a, relation.as_clock_of_first().through(known))),
            _ => None,
        }
    }
}

/// Which of two relations tells more: one with enough pairs, then one without a step, which may be of neither clock
/// that is asked for, then the one with more pairs.
fn rank(relation: &Clock) -> (bool, usize, usize) {
    (relation.pairs() >= ENOUGH, usize::MAX - relation.stretches.len(), relation.pairs())
}

impl Clock {
    /// A relation says how far the second clock is ahead of the first, by the first clock's time. As a clock of the
    /// first against the second that is the negative.
    fn as_clock_of_first(&self) -> Self {
        let mut clock = self.clone();
        for stretch in &mut clock.stretches {
            (stretch.offset, stretch.drift) = (-stretch.offset, -stretch.drift);
        }
        clock
    }

    /// As a clock of the second against the first.
    fn as_clock_of_second(&self) -> Self {
        self.as_clock_of_first().inverse()
    }
}
