//! Clocks of qubes: how far each is ahead of the reference, when.

pub mod fit;
pub mod network;

/// How far one clock is ahead of another over a stretch of time: linear between steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Where it begins, in nanoseconds by the clock itself. The first stretch of a clock also holds before.
    pub from: i64,
    /// Nanoseconds ahead at `from`.
    pub offset: f64,
    /// Nanoseconds gained per nanosecond.
    pub drift: f64,
    /// Observed pairs that it rests on.
    pub pairs: usize,
    /// Half the width of what the pairs leave possible, in nanoseconds.
    pub uncertainty: f64,
}

/// A clock, as stretches without a step in them, in order and never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// The stretches.
    pub stretches: Vec<Stretch>,
}

impl Clock {
    /// The clock that is never ahead.
    #[must_use]
    pub fn reference() -> Self {
        Self { stretches: vec![Stretch { from: 0, offset: 0.0, drift: 0.0, pairs: 0, uncertainty: 0.0 }] }
    }

    /// The stretch that a time of this clock is in.
    #[must_use]
    pub fn stretch(&self, at: i64) -> &Stretch {
        let after = self.stretches.partition_point(|stretch| stretch.from <= at);
        &self.stretches[after.saturating_sub(1)]
    }

    /// Nanoseconds that the clock is ahead when it shows `at`.
    #[must_use]
    pub fn offset(&self, at: i64) -> f64 {
        let stretch = self.stretch(at);
        (at.saturating_sub(stretch.from) as f64).mul_add(stretch.drift, stretch.offset)
    }

    /// What the reference shows when this clock shows `at`.
    #[must_use]
    pub fn to_reference(&self, at: i64) -> i64 {
        at.saturating_sub(self.offset(at) as i64)
    }

    /// Observed pairs in all.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.pairs).sum()
    }

    /// Nanoseconds that the clock jumped ahead where a stretch begins; `None` where it only begins another drift.
    #[must_use]
    pub fn step(&self, place: usize) -> Option<f64> {
        let (before, next) = (self.stretches.get(place.checked_sub(1)?)?, self.stretches.get(place)?);
        let expected = (next.from.saturating_sub(before.from) as f64).mul_add(before.drift, before.offset);
        let step = next.offset - expected;
        (step.abs() >= fit::SMALLEST_STEP + before.uncertainty + next.uncertainty).then_some(step)
    }

    /// The clock seen from the other side: how far the reference is ahead of this clock, by the reference's time.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let inverse = |stretch: &Stretch| Stretch {
            from: stretch.from.saturating_sub(stretch.offset as i64),
            offset: -stretch.offset,
            drift: -stretch.drift / (1.0 - stretch.drift),
            ..*stretch
        };
        let mut stretches: Vec<Stretch> = self.stretches.iter().map(inverse).collect();
        stretches.sort_by_key(|stretch| stretch.from);
        Self { stretches }
    }

    /// This clock against the reference of `next`, where this one is against the clock that `next` is of.
    #[must_use]
    pub fn through(&self, next: &Self) -> Self {
        let mut cuts: Vec<(i64, bool)> = self.stretches.iter().map(|stretch| (stretch.from, true)).collect();
        let back = self.inverse();
        cuts.extend(next.stretches.iter().skip(1).map(|stretch| (back.to_reference(stretch.from), false)));
        cuts.sort_unstable();
        // What holds before the first stretch of either clock must hold before the first one of both.
        if let Some((first, false)) = cuts.first().copied() {
            cuts.insert(0, (first.saturating_sub(1), false));
        }
        let stretches = cuts.into_iter().map(|(from, _)| self.composed(next, from)).collect();
        Self { stretches }
    }

    fn composed(&self, next: &Self, from: i64) -> Stretch {
        let own = self.stretch(from);
        let middle = self.to_reference(from);
        let other = next.stretch(middle);
        Stretch {
            from,
            offset: self.offset(from) + next.offset(middle),
            drift: own.drift + other.drift * (1.0 - own.drift),
            pairs: if other.pairs == 0 { own.pairs } else { own.pairs.min(other.pairs) },
            uncertainty: own.uncertainty + other.uncertainty,
        }
    }
}

#[cfg(test)]
mod tests;
