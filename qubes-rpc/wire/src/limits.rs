//! The numbers that sender, collector and reader agree on.

use std::time::Duration;

/// Longest name of a qube, in bytes (qubesd).
pub const NAME_MAX: usize = 31;
/// Longest argument of a qrexec call since Qubes OS 4.1 (protocol 3), in bytes.
pub const ARGUMENT_MAX: usize = 65_000;
/// Longest service descriptor with its argument in protocol 2 (Qubes OS 4.0), in bytes.
pub const ARGUMENT_MAX_OLD: usize = 63;
/// Longest name of a qrexec service without its argument, in bytes.
pub const SERVICE_MAX: usize = 255;
/// Longest line that is stored, in bytes without its newline; the rest is cut, marked and counted.
pub const LINE_MAX: usize = 8 * 1024;
/// Longest wait between the arrival of bytes and the start of the fdatasync that makes them received.
pub const SYNC_INTERVAL: Duration = Duration::from_millis(500);
/// A log segment of a running session is closed, and the next part of the session begun, beyond this many bytes ...
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// ... or after this time, whichever comes first: only closed segments can be compressed or deleted.
pub const SEGMENT_AGE: Duration = Duration::from_secs(24 * 3600);
/// What each file costs of the quota beyond its bytes: its inode and what its last block wastes. With it, no number of
/// small files takes more of the disk than the quota says.
pub const FILE_OVERHEAD: u64 = 4096;
/// The quota of an origin that no setting names, in bytes.
pub const QUOTA_DEFAULT: u64 = 1024 * 1024 * 1024;
/// Percentage of the quota at which the user is told.
pub const ALERT_PERCENT: u64 = 80;
