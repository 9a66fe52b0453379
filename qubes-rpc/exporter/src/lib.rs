//! Sends a qube's journal, log files or standard input to the LogVM over qrexec.
//!
//! Each pair of a source and a target is a [`lane::Lane`]: a state machine without I/O, clock or randomness of its own,
//! which [`run`] drives. A record leaves the lane's buffer, and the saved place moves past it, only when the LogVM has
//! acknowledged that it is on its disk. So a crash of either side costs at most records that arrive twice, never one
//! that does not arrive.
#![forbid(unsafe_code)]

pub mod backoff;
pub mod buffer;
pub mod intake;
pub mod lane;
pub mod notice;
pub mod options;
pub mod place;
pub mod protocol;
pub mod rate;
pub mod run;
pub mod settings;
pub mod state;
pub mod tail;
