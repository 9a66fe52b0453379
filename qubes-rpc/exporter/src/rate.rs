//! How many records a source may send.

/// A token bucket over whatever clock its records have, in microseconds.
///
/// Once it refuses, it refuses until a second's worth of tokens is there again, so that a source over its limit gets
/// one notice a second instead of one a record.
#[derive(Debug, Clone)]
pub struct Rate {
    /// Records a second; 0 is no limit.
    rate: u64,
    /// Millionths of a record that may come at once.
    burst: u64,
    /// Millionths of a record that may come now.
    tokens: u64,
    last: u64,
    refusing: bool,
}

const RECORD: u64 = 1_000_000;

impl Rate {
    /// `rate` records a second in the long run (0: no limit), `burst` at once.
    pub fn new(rate: u32, burst: u32) -> Self {
        let burst = u64::from(burst.max(1)) * RECORD;
        Rate { rate: u64::from(rate), burst, tokens: burst, last: 0, refusing: false }
    }

    /// Whether a record of time `now` may be sent. A clock that steps back earns nothing and costs nothing.
    pub fn admits(&mut self, now: u64) -> bool {
        if self.rate == 0 {
            return true;
        }
        self.earn(now);
        if self.refusing && self.tokens < self.burst.min(self.rate * RECORD) {
            return false;
        }
        self.refusing = self.tokens < RECORD;
        self.tokens = self.tokens.saturating_sub(if self.refusing { 0 } else { RECORD });
        !self.refusing
    }

    /// Adds what the source would have earned in `micros` of being held back, beyond the burst: records that waited
    /// for the LogVM are no flood.
    pub fn grant(&mut self, micros: u64) {
        self.tokens = self.tokens.saturating_add(micros.saturating_mul(self.rate));
        self.last = self.last.saturating_add(micros);
    }

    fn earn(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.last);
        self.last = now;
        let full = self.burst.max(self.tokens);
        self.tokens = self.tokens.saturating_add(elapsed.saturating_mul(self.rate)).min(full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn admitted(rate: &mut Rate, times: impl Iterator<Item = u64>) -> usize {
        times.filter(|time| rate.admits(*time)).count()
    }

    #[test]
    fn a_burst_passes_and_the_rest_is_refused() {
        let mut rate = Rate::new(10, 100);
        assert_eq!(admitted(&mut rate, std::iter::repeat_n(SECOND, 1000)), 100);
    }

    #[test]
    fn in_the_long_run_the_rate_passes() {
        let mut rate = Rate::new(10, 100);
        let count = admitted(&mut rate, (0..100 * SECOND).step_by(1000));
        assert!((1000..=1100).contains(&count), "{count}");
    }

    #[test]
    fn refusing_lasts_for_a_second_of_tokens() {
        let mut rate = Rate::new(10, 100);
        admitted(&mut rate, std::iter::repeat_n(SECOND, 200));
        assert!(!rate.admits(SECOND * 3 / 2));
        assert!(rate.admits(SECOND * 2));
    }

    #[test]
    fn a_clock_that_steps_back_and_forth_does_not_overflow() {
        let mut rate = Rate::new(u32::MAX, u32::MAX);
        assert!(rate.admits(u64::MAX) && rate.admits(0) && rate.admits(u64::MAX));
    }

    #[test]
    fn time_held_back_is_no_flood() {
        let mut rate = Rate::new(10, 10);
        admitted(&mut rate, std::iter::repeat_n(SECOND, 10));
        rate.grant(100 * SECOND);
        assert_eq!(admitted(&mut rate, std::iter::repeat_n(101 * SECOND, 2000)), 1000);
    }

    #[test]
    fn no_limit_admits_all() {
        assert_eq!(admitted(&mut Rate::new(0, 0), std::iter::repeat_n(0, 10_000)), 10_000);
    }
}
