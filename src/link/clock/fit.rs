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
/// What delays to some lines or packets add now and then, in nanoseconds.
const SCATTER: f64 = 1e7;
/// Steps below this many nanoseconds are taken for scatter.
pub const SMALLEST_STEP: f64 = 2.5e7;
/// A run between two that agree is chance when it has fewer than this part of their pairs.
const ISLAND: usize = 4;
/// The most runs inside each other: bounds the time for pairs that fit nothing.
const DEEPEST: usize = 24;
/// Drifts that are tried: up to 600 ppm to either side, then finer around the best.
const STEPS: [f64; 3] = [6e-5, 6e-6, 6e-7];
const TRIES: i32 = 10;
/// Pairs that are looked at for finding a line; more are thinned out.
const ENOUGH: usize = 512;
/// Pairs below which there is no telling.
const FEWEST: usize = 4;
/// Pairs below which nothing is taken for a stretch of its own beside another one: with two free parameters, a few
/// fit by chance.
const ENOUGH_FOR_STEP: usize = 8;
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

/// A line, and the stretch of time in which pairs speak for it.
#[derive(Clone, Copy, Debug)]
struct Run {
    line: Line,
    from: i64,
    to: i64,
    hits: usize,
}

impl Run {
    /// Whether another run, later than this one, may be the same clock without a step between them.
    fn agrees_with(&self, next: &Self) -> bool {
        let between = i64::midpoint(self.to, next.from);
        let step = (self.line.value(between) - next.line.value(between)).abs();
        step < SMALLEST_STEP + self.line.half + next.line.half
    }

    fn with(&self, next: &Self) -> Self {
        let line = if self.hits >= next.hits { self.line } else { next.line };
        Self { line, from: self.from, to: next.to, hits: self.hits + next.hits }
    }
}

/// How far the second clock is ahead of the first, by the first clock's time. `None` where the pairs do not tell.
///
/// Costs O(n log n) for n pairs and each stretch between steps.
#[must_use]
pub fn fit(mut pairs: Vec<Pair>) -> Option<Clock> {
    pairs.sort_by(|a, b| a.at.cmp(&b.at).then(a.low.total_cmp(&b.low)));
    let mut runs = Vec::new();
    let mut rest = pairs.as_slice();
    while let Some(first) = rest.first() {
        let chunk = rest.partition_point(|pair| pair.at.saturating_sub(first.at) < LONGEST);
        peel(&rest[..chunk], &mut runs, 0);
        rest = &rest[chunk..];
    }
    runs.sort_by_key(|run| run.from);
    let runs: Vec<Run> = without_islands(joined(runs)).iter().map(|run| refined(run, &pairs)).collect();
    (!runs.is_empty()).then(|| Clock { stretches: stretches(&runs) })
}

/// Finds the run that has most for it, then those before and after it.
fn peel(pairs: &[Pair], found: &mut Vec<Run>, depth: usize) {
    if pairs.len() < FEWEST || depth > DEEPEST {
        return;
    }
    let Some(line) = best_line(&thinned(pairs)) else { return };
    let (start, end, hits) = longest_run(pairs, &line);
    if hits < if found.is_empty() { FEWEST } else { ENOUGH_FOR_STEP } {
        return;
    }
    found.push(Run { line, from: pairs[start].at, to: pairs[end - 1].at, hits });
    peel(&pairs[..start], found, depth + 1);
    peel(&pairs[end..], found, depth + 1);
}

/// Joins neighbours between which there is no step.
fn joined(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if run.to.saturating_sub(last.from) < LONGEST && last.agrees_with(&run) => {
                *last = last.with(&run)
            }
            _ => joined.push(run),
        }
    }
    joined
}

/// Drops short runs whose neighbours agree with each other: chance.
fn without_islands(mut runs: Vec<Run>) -> Vec<Run> {
    let mut place = 1;
    while place + 1 < runs.len() {
        let (before, island, after) = (runs[place - 1], runs[place], runs[place + 1]);
        if before.agrees_with(&after) && island.hits * ISLAND < before.hits + after.hits {
            runs.remove(place);
            runs[place - 1] = before.with(&after);
            runs.remove(place);
            place = place.saturating_sub(1).max(1);
        } else {
            place += 1;
        }
    }
    runs
}

/// The run with a line through all its pairs that are near its line.
fn refined(run: &Run, pairs: &[Pair]) -> Run {
    let start = pairs.partition_point(|pair| pair.at < run.from);
    let end = pairs.partition_point(|pair| pair.at <= run.to);
    let near: Vec<Pair> =
        pairs[start..end].iter().copied().filter(|pair| run.line.goes_through(pair, 2.0 * SCATTER)).collect();
    Run { line: best_line(&thinned(&near)).unwrap_or(run.line), hits: near.len(), ..*run }
}

/// Each stretch begins half-way between the last pair of the one before and its own first.
fn stretches(runs: &[Run]) -> Vec<Stretch> {
    let mut before: Option<i64> = None;
    let mut stretches = Vec::with_capacity(runs.len());
    for run in runs {
        let from = before.map_or(run.from, |before| i64::midpoint(before, run.from));
        let (offset, drift) = (run.line.value(from), run.line.drift);
        stretches.push(Stretch { from, offset, drift, pairs: run.hits, uncertainty: run.line.half + DELAY });
        before = Some(run.to);
    }
    stretches
}

/// The run of pairs that speaks most for a line: where it starts and ends, and how many pairs fit.
fn longest_run(pairs: &[Pair], line: &Line) -> (usize, usize, usize) {
    let mut best = (0.0, 0, 0);
    let (mut sum, mut start) = (0.0, 0);
    for (place, pair) in pairs.iter().enumerate() {
        sum += if line.goes_through(pair, SCATTER) { HIT } else { MISS };
        if sum <= 0.0 {
            (sum, start) = (0.0, place + 1);
        } else if sum > best.0 {
            best = (sum, start, place + 1);
        }
    }
    let hits = pairs[best.1..best.2].iter().filter(|pair| line.goes_through(pair, SCATTER)).count();
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
