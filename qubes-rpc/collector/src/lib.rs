//! logvm-collector: stores what one qube sends in one qrexec call.
//!
//! It splits on newlines, puts the time in front, appends, and says what is on disk. It never parses, prints or opens
//! what it stores, and it holds no more than a few hundred kilobytes of it in memory.
//!
//! ```text
//! cli       options, the caller's name and argument
//! session   read, store, sync, acknowledge
//! lines     text: lines with their received time        export  journald's export format, byte for byte
//! recorder  segments, parts, what was dropped           budget  the origin's quota; alerts
//! store     directories and files                       free    what is left for others on the disk
//! ```
#![forbid(unsafe_code)]

pub mod acks;
pub mod budget;
pub mod cli;
pub mod clock;
pub mod dropped;
pub mod export;
pub mod free;
pub mod lines;
pub mod recorder;
pub mod segment;
pub mod session;
pub mod stop;
pub mod store;
