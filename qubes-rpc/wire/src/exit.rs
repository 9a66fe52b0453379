//! Exit codes of the services, which qrexec hands to the caller. 125 to 127 are qrexec's own; these follow sysexits(3).

/// Everything was done.
pub const OK: u8 = 0;
/// The call itself is wrong: an argument or option that is not known.
pub const USAGE: u8 = 64;
/// What was asked for is not there.
pub const NO_INPUT: u8 = 66;
/// The store cannot be written or read: the disk is full or read-only, or it failed. What was acknowledged is safe.
pub const IO: u8 = 74;
/// The origin's quota is used up: what was acknowledged is safe, the rest is to be sent again later.
pub const QUOTA: u8 = 75;
/// The caller has no valid name.
pub const ORIGIN: u8 = 77;
