//! What had no room.

use std::time::{Duration, Instant};

/// Time between two attempts to store again what could not be stored: the compressor may have made room.
const RETRY: Duration = Duration::from_secs(1);

/// How much a piece of the input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Bytes, as they were sent.
    pub bytes: u64,
    /// Lines; 0 in a journal export.
    pub lines: u64,
}

/// What has been dropped since something was last stored.
#[derive(Debug, Default)]
pub struct Dropped {
    amount: Amount,
    retry: Option<Instant>,
}

impl Dropped {
    /// Counts what has just been dropped.
    pub fn add(&mut self, amount: Amount) {
        self.amount.bytes += amount.bytes;
        self.amount.lines += amount.lines;
    }

    /// Nothing is stored for a while.
    pub fn begin(&mut self) {
        self.retry = Some(Instant::now() + RETRY);
    }

    /// Whether it is not yet worth while to try again.
    pub fn waits(&self) -> bool {
        self.retry.is_some_and(|retry| Instant::now() < retry)
    }

    /// Whether nothing was stored when it was last tried.
    pub fn is_active(&self) -> bool {
        self.retry.is_some()
    }

    /// What the log has to say about it, where there is something.
    pub fn text(&self) -> Option<String> {
        let Amount { bytes, lines } = self.amount;
        match (bytes, lines) {
            (0, 0) => None,
            (_, 0) => Some(format!("dropped {bytes} bytes: quota reached")),
            _ => Some(format!("dropped {lines} lines, {bytes} bytes: quota reached")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dropped_is_counted() {
        let mut dropped = Dropped::default();
        assert_eq!((dropped.is_active(), dropped.text()), (false, None));
        dropped.begin();
        assert!(dropped.is_active() && dropped.waits());
        dropped.add(Amount { bytes: 5, lines: 1 });
        dropped.add(Amount { bytes: 7, lines: 2 });
        assert_eq!(dropped.text().as_deref(), Some("dropped 3 lines, 12 bytes: quota reached"));
    }
}
