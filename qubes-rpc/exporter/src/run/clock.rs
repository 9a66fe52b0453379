//! The clock, the process and the randomness that the state machines do not read themselves.

use crate::intake::Now;
use crate::intake::own::Own;
use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io::Read;
use std::time::SystemTime;

/// The time now. The monotonic clock is the one that journald stamps entries with.
pub fn now() -> Now {
    let monotonic = clock_gettime(ClockId::Monotonic);
    let micros = monotonic.tv_sec as u64 * 1_000_000 + monotonic.tv_nsec as u64 / 1000;
    Now { monotonic: micros, wall: logvm_wire::stamp::micros(SystemTime::now()) }
}

/// This process, as journald describes it.
pub fn own() -> Own {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let boot = boot.trim().replace('-', "");
    Own { pid: std::process::id(), boot, started: now().monotonic }
}

/// A number that differs between qubes and starts.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => now().wall ^ u64::from(std::process::id()) << 32,
    }
}
