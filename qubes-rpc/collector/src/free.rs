//! What is left of the disk for the other origins.
//!
//! The quotas of all origins may add up to more than the disk holds. So the last tenth of it is shared out: once less
//! than that is free, an origin may only write as long as it holds less than its share.

use std::io;
use std::time::{Duration, Instant};

use crate::store::Store;

/// Longest time, and most bytes, between two looks at the disk.
const INTERVAL: Duration = Duration::from_secs(1);
const BYTES: u64 = 16 * 1024 * 1024;

/// How full the disk was when it was last looked at.
pub struct Free {
    share: u64,
    looked: Instant,
    spent: u64,
}

impl Free {
    /// Looks at the disk.
    pub fn measure(store: &Store) -> io::Result<Self> {
        let (size, free) = store.disk()?;
        let share = share(size, free, store.origins()?);
        Ok(Self { share, looked: Instant::now(), spent: 0 })
    }

    /// Looks again where much was written, or some time has passed; `cost` bytes are to be written next.
    pub fn refresh(&mut self, store: &Store, cost: u64) -> io::Result<()> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent >= BYTES || self.looked.elapsed() >= INTERVAL {
            *self = Self::measure(store)?;
        }
        Ok(())
    }

    /// What one origin may hold, in bytes: without a limit while the disk has room.
    pub fn share(&self) -> u64 {
        self.share
    }
}

/// Half of the last tenth is shared out: the other half is for origins that come later.
fn share(size: u64, free: u64, origins: u64) -> u64 {
    if free >= size / 10 { u64::MAX } else { size / 20 / origins.max(1) }
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
