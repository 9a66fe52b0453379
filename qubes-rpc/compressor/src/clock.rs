//! Whether the clock may be trusted with removing what is old.
//!
//! A clock that is wrong by years would make every log too old at once. So a leap forward between two runs puts off
//! removal by age for a day, in which the clock is set right or the user sees the alert. A LogVM that was off for that
//! long loses nothing by it but a day.

use std::time::{Duration, SystemTime};

use logvm_wire::stamp;

/// What passes between two runs without being doubted.
const LEAP: Duration = Duration::from_secs(7 * 86_400);
/// How long a leap is doubted.
const DOUBT: Duration = Duration::from_secs(86_400);

/// What is remembered from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When the last run was.
    pub last: SystemTime,
    /// From when on the clock is trusted again.
    pub trusted: SystemTime,
}

impl Clock {
    /// The clock at the first run, and what a later one makes of it.
    #[must_use]
    pub fn next(before: Option<Self>, now: SystemTime) -> Self {
        let Some(before) = before else { return Self { last: now, trusted: now } };
        let doubted = now + DOUBT;
        let leaped = now.duration_since(before.last).is_ok_and(|passed| passed > LEAP);
        // After a step back, what was put off until a time far ahead is not put off for as long.
        Self { last: now, trusted: if leaped { doubted } else { before.trusted.min(doubted) } }
    }

    /// Whether it may be trusted now.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.last >= self.trusted
    }

    /// Reads what [`Clock::text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (last, trusted) = text.trim_end().split_once(' ')?;
        Some(Self { last: stamp::parse(last.as_bytes())?, trusted: stamp::parse(trusted.as_bytes())? })
    }

    /// One line for a file.
    #[must_use]
    pub fn text(&self) -> String {
        let line = [&stamp::rfc3339_micros(self.last)[..], b" ", &stamp::rfc3339_micros(self.trusted), b"\n"].concat();
        String::from_utf8_lossy(&line).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(number * 86_400)
    }

    fn trusted(days: &[u64]) -> bool {
        days.iter().fold(None, |clock, at| Some(Clock::next(clock, day(*at)))).unwrap().is_trusted()
    }

    #[test]
    fn a_leap_is_doubted_for_a_day() {
        assert!(trusted(&[20_000]) && trusted(&[20_000, 20_007]));
        assert!(!trusted(&[20_000, 30_000]));
        assert!(trusted(&[20_000, 30_000, 30_001]));
        assert!(!trusted(&[20_000, 30_000, 40_000]));
    }

    #[test]
    fn a_clock_that_comes_back_is_trusted_after_a_day() {
        assert!(!trusted(&[20_000, 30_000, 20_000]));
        assert!(trusted(&[20_000, 30_000, 20_000, 20_001]));
        assert!(!trusted(&[20_000, 19_000]));
        assert!(trusted(&[20_000, 19_000, 19_001]));
    }

    #[test]
    fn a_clock_is_remembered() {
        let clock = Clock { last: day(1), trusted: day(2) };
        assert_eq!(Clock::parse(&clock.text()), Some(clock));
        assert_eq!(Clock::parse("x"), None);
    }
}
