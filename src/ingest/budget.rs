//! How much memory a reading may use.

use std::fs;

/// The share of the memory that kept text and packets may take.
const SHARE: u64 = 4;

/// The budget where the size of the memory cannot be told, in bytes.
const FALLBACK: u64 = 64 << 20;

/// A quarter of this computer's memory, in bytes.
#[must_use]
pub fn default_memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    total(&text).map_or(FALLBACK, |bytes| bytes / SHARE)
}

/// `MemTotal` of `/proc/meminfo` (proc_meminfo(5)) in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_total() {
        assert_eq!(total("MemFree: 1 kB\nMemTotal:       24684000 kB\n"), Some(24_684_000 * 1024));
        assert_eq!(total("MemTotal: many\n"), None);
    }
}
