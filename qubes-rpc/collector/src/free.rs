//! What is left of the disk for the other origins.
//!
//! The quotas of all origins may add up to more than the disk holds. So the last tenth of it is shared out: once less
//! than that is free, an origin may only write as long as it holds less than its share.

use std::io;
use std::time::{Duration, Instant};

use crate::store::Store;

/// Longest time between two counts of the origins.
const INTERVAL: Duration = Duration::from_secs(1);

/// How full the disk was when it was last looked at.
pub struct Free {
    share: u64,
    origins: u64,
    counted: Instant,
}

impl Free {
    /// Looks at the disk.
    pub fn measure(store: &Store) -> io::Result<Self> {
        let origins = store.origins()?;
        let (size, free) = store.disk()?;
        Ok(Self { share: share(size, free, origins), origins, counted: Instant::now() })
    }

    /// Looks again, before something is written.
    pub fn refresh(&mut self, store: &Store) -> io::Result<()> {
        let (size, free) = store.disk()?;
        if is_low(size, free) && self.counted.elapsed() >= INTERVAL {
            self.origins = store.origins()?;
            self.counted = Instant::now();
        }
        self.share = share(size, free, self.origins);
        Ok(())
    }

    /// What one origin may hold, in bytes: without a limit while the disk has room.
    pub fn share(&self) -> u64 {
        self.share
    }
}

fn is_low(size: u64, free: u64) -> bool {
    free < size / 10
}

/// Half of the last tenth is shared out: the other half is for origins that come later.
fn share(size: u64, free: u64, origins: u64) -> u64 {
    if is_low(size, free) { size / 20 / origins.max(1) } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tenth_is_shared_out() {
        assert_eq!(share(1000, 100, 5), u64::MAX);
        assert_eq!(share(1000, 99, 5), 10);
        assert_eq!(share(1000, 0, 0), 50);
    }
}
