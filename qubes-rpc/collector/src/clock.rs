//! The LogVM's clock, which may be set back while a session goes on.

use std::time::{Duration, SystemTime};

/// Gives received times, and notices when they go back.
pub struct Clock {
    now: fn() -> SystemTime,
    last: SystemTime,
}

impl Clock {
    /// The clock that `now` reads: `SystemTime::now`, but in tests.
    pub fn new(now: fn() -> SystemTime) -> Self {
        Self { now, last: now() }
    }

    /// The time, and by how much the clock went back since it was last asked.
    pub fn now(&mut self) -> (SystemTime, Option<Duration>) {
        let now = (self.now)();
        let back = self.last.duration_since(now).ok().filter(|step| !step.is_zero());
        self.last = now;
        (now, back)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_step_back_is_noticed_once() {
        static SECONDS: AtomicU64 = AtomicU64::new(100);
        let mut clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(SECONDS.load(Ordering::Relaxed)));
        assert_eq!(clock.now().1, None);
        SECONDS.store(70, Ordering::Relaxed);
        assert_eq!(clock.now().1, Some(Duration::from_secs(30)));
        assert_eq!(clock.now(), (UNIX_EPOCH + Duration::from_secs(70), None));
    }
}
