//! One clock against another, from pairs of sightings of the same packets.
//!
//! A pair says that the offset is in an interval: as wide as the times were written coarsely, and wrong altogether where
//! the two were different packets. A straight line is sought that goes through as many intervals as possible. Then the
//! longest stretch of time is kept in which it does, and what is before and after is fitted anew.

use super::{Clock, Stretch};

/// One pair of sightings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// When, by the first clock, in nanoseconds.
    pub at: i64,
    /// The least that the second clock can be ahead, in nanoseconds.
    pub low: f64,
    /// The most that it can be ahead.
    pub high: f64,
}

/// Two vantages see a packet up to this many nanoseconds apart.
const DELAY: f64 = 2e6;
/// Drifts that are tried: up to 600 ppm to either side, then finer around the best.
const STEPS: [f64; 3] = [6e-5, 6e-6, 6e-7];
const TRIES: i32 = 10;
/// Pairs that are looked at for finding a line; more are thinned out.
const ENOUGH: usize = 512;
/// Pairs below which there is no telling.
const FEWEST: usize = 4;
/// A line holds for at most this long: real clocks do not keep their drift.
const LONGEST: i64 = 3_600_000_000_000;
/// What a pair that a line goes through, or fails to, tells for the line: log-likelihood ratios of "0.9 of the pairs
/// fit here" against "half of them do, by chance or between steps".
const HIT: f64 = 0.588;
const MISS: f64 = -1.609;

/// A line through intervals.
#[derive(Clone, Copy, Debug)]
struct Line {
    origin: i64,
    offset: f64,
    drift: f64,
    half: f64,
    hits: usize,
}

impl Line {
    fn value(&self, at: i64) -> f64 {
        (at.saturating_sub(self.origin) as f64).mul_add(self.drift, self.offset)
    }

    fn goes_through(&self, pair: &Pair, slack: f64) -> bool {
        let value = self.value(pair.at);
        value >= pair.low - slack && value <= pair.high + slack
    }
}

/// How far the second clock is ahead of the first, by the first clock's time. `None` where the pairs do not tell.
///
/// Costs O(n log n) for n pairs and each stretch between steps.
#[must_use]
pub fn fit(mut pairs: Vec<Pair>) -> Option<Clock> {
    pairs.sort_by(|a, b| a.at.cmp(&b.at).then(a.low.total_cmp(&b.low)));
    let mut stretches = Vec::new();
    let mut rest = pairs.as_slice();
    while let Some(first) = rest.first() {
        let chunk = rest.partition_point(|pair| pair.at.saturating_sub(first.at) < LONGEST);
        peel(&rest[..chunk], &mut stretches, 0);
        rest = &rest[chunk..];
    }
    stretches.sort_by_key(|stretch| stretch.0.from);
    let stretches = join(stretches);
    (!stretches.is_empty()).then_some(Clock { stretches })
}

/// Finds the stretch that has most for it, then those before and after it.
fn peel(pairs: &[Pair], found: &mut Vec<(Stretch, i64)>, depth: usize) {
    if pairs.len() < FEWEST || depth > 16 {
        return;
    }
    let Some(line) = best_line(&thinned(pairs)) else { return };
    let (start, end, hits) = longest_run(pairs, &line);
    if hits < FEWEST {
        return;
    }
    let run = &pairs[start..end];
    let inside: Vec<Pair> = run.iter().copied().filter(|pair| line.goes_through(pair, 2.0 * DELAY)).collect();
    let line = best_line(&thinned(&inside)).unwrap_or(line);
    let (from, to) = (run[0].at, run[run.len() - 1].at);
    let stretch =
        Stretch { from, offset: line.value(from), drift: line.drift, pairs: hits, uncertainty: line.half };
    found.push((stretch, to));
    peel(&pairs[..start], found, depth + 1);
    peel(&pairs[end..], found, depth + 1);
}

/// The run of pairs that speaks most for a line: where it starts and ends, and how many pairs fit.
fn longest_run(pairs: &[Pair], line: &Line) -> (usize, usize, usize) {
    let mut best = (0.0, 0, 0);
    let (mut sum, mut start) = (0.0, 0);
    for (place, pair) in pairs.iter().enumerate() {
        sum += if line.goes_through(pair, DELAY) { HIT } else { MISS };
        if sum <= 0.0 {
            (sum, start) = (0.0, place + 1);
        } else if sum > best.0 {
            best = (sum, start, place + 1);
        }
    }
    let hits = pairs[best.1..best.2].iter().filter(|pair| line.goes_through(pair, DELAY)).count();
    (best.1, best.2, hits)
}

/// At most about [`ENOUGH`] pairs, evenly spread; of those with narrow intervals where there are enough.
fn thinned(pairs: &[Pair]) -> Vec<Pair> {
    let stride = pairs.len().div_ceil(ENOUGH).max(1);
    pairs.iter().copied().step_by(stride).collect()
}

/// The line that goes through most intervals; in the middle of what is possible.
fn best_line(pairs: &[Pair]) -> Option<Line> {
    let (first, last) = (pairs.first()?.at, pairs.last()?.at);
    let origin = i64::midpoint(first, last);
    let half_span = last.saturating_sub(first) as f64 / 2.0;
    let mut center = 0.0;
    let mut best = None;
    for step in STEPS {
        let slack = DELAY + step * half_span / 2.0;
        let tried = (-TRIES..=TRIES).map(|n| f64::from(n).mul_add(step, center));
        let lines: Vec<Line> = tried.filter_map(|drift| stab(pairs, origin, drift, slack)).collect();
        best = middle(&lines);
        center = best?.drift;
    }
    best
}

/// Of the lines with the most hits, the one in the middle.
fn middle(lines: &[Line]) -> Option<Line> {
    let most = lines.iter().map(|line| line.hits).max()?;
    let top: Vec<&Line> = lines.iter().filter(|line| line.hits == most).collect();
    let weight: f64 = top.iter().map(|line| line.half.max(1.0)).sum();
    let drift = top.iter().map(|line| line.drift * line.half.max(1.0)).sum::<f64>() / weight;
    let nearest = top.into_iter().min_by(|a, b| (a.drift - drift).abs().total_cmp(&(b.drift - drift).abs()))?;
    Some(*nearest)
}

/// The offset at `origin` that most intervals allow, for a drift.
fn stab(pairs: &[Pair], origin: i64, drift: f64, slack: f64) -> Option<Line> {
    let mut ends: Vec<(f64, i32)> = Vec::with_capacity(2 * pairs.len());
    for pair in pairs {
        let moved = pair.at.saturating_sub(origin) as f64 * drift;
        ends.push((pair.low - moved - slack, -1));
        ends.push((pair.high - moved + slack, 1));
    }
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut depth, mut most, mut low, mut high) = (0, 0, 0.0, 0.0);
    let mut open = false;
    for (at, kind) in ends {
        depth -= kind;
        if depth > most {
            (most, low, open) = (depth, at, true);
        } else if open && kind == 1 {
            (high, open) = (at, false);
        }
    }
    let hits = usize::try_from(most).ok().filter(|hits| *hits > 0)?;
    Some(Line { origin, offset: f64::midpoint(low, high), drift, half: (high - low) / 2.0, hits })
}

/// Puts stretches in a row: each begins half-way between the last pair of the one before and its own first.
fn join(found: Vec<(Stretch, i64)>) -> Vec<Stretch> {
    let mut joined: Vec<(Stretch, i64)> = Vec::new();
    for (mut stretch, to) in found {
        if let Some((_, before)) = joined.last() {
            let from = i64::midpoint(*before, stretch.from).min(stretch.from);
            stretch.offset += from.saturating_sub(stretch.from) as f64 * stretch.drift;
            stretch.from = from;
        }
        joined.push((stretch, to));
    }
    joined.into_iter().map(|(stretch, _)| stretch).collect()
}
