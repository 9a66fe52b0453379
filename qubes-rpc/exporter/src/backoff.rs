//! Growing, jittered waits between attempts.

use std::time::Duration;

/// Waits that double from a smallest to a largest, each shortened at random by up to half, so that the qubes of a
/// machine do not all call the LogVM in the same instant.
#[derive(Debug, Clone)]
pub struct Backoff {
    smallest: Duration,
    largest: Duration,
    next: Duration,
    random: u64,
}

impl Backoff {
    /// Waits from `smallest` to `largest`; `seed` decides the jitter.
    pub fn new(smallest: Duration, largest: Duration, seed: u64) -> Self {
        Backoff { smallest, largest, next: smallest, random: seed | 1 }
    }

    /// The wait before the next attempt: never under the smallest, never over the largest.
    pub fn wait(&mut self) -> Duration {
        let base = self.next.clamp(self.smallest, self.largest);
        self.next = base.saturating_mul(2).min(self.largest);
        let half = base / 2;
        (half + half.mul_f64(self.fraction())).max(self.smallest)
    }

    /// Begins again with the smallest wait, after an attempt that lasted.
    pub fn reset(&mut self) {
        self.next = self.smallest;
    }

    /// The next number in [0, 1) of a xorshift generator.
    fn fraction(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_grow_to_the_largest_and_stay_in_bounds() {
        for seed in 0..200 {
            let mut backoff = Backoff::new(SECOND, SECOND * 300, seed);
            let waits: Vec<_> = (0..20).map(|_| backoff.wait()).collect();
            assert!(waits.iter().all(|wait| *wait >= SECOND && *wait <= SECOND * 300), "{waits:?}");
            assert!(waits[12..].iter().all(|wait| *wait >= SECOND * 150), "{waits:?}");
        }
    }

    #[test]
    fn two_qubes_do_not_wait_alike() {
        let waits = |seed| {
            let mut backoff = Backoff::new(SECOND, SECOND * 300, seed);
            (0..10).map(|_| backoff.wait()).collect::<Vec<_>>()
        };
        assert_ne!(waits(12345), waits(987_654_321));
    }

    #[test]
    fn a_reset_begins_small_again() {
        let mut backoff = Backoff::new(SECOND, SECOND * 300, 7);
        (0..20).for_each(|_| _ = backoff.wait());
        backoff.reset();
        assert_eq!(backoff.wait(), SECOND);
    }
}
