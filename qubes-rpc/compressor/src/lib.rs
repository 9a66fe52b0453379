//! Keeps the store of a LogVM within its bounds: compresses closed segments, removes the oldest beyond an origin's
//! quota or age, and tells the user before space runs out. It never reads what a log says.
//!
//! A crash at any point loses nothing: what it was writing is a `.part` that the next run removes, and an old file is
//! removed only when the new one and its name are on the disk.
#![forbid(unsafe_code)]

pub mod alerts;
pub mod clock;
pub mod compress;
pub mod folder;
pub mod options;
pub mod origin;
pub mod pass;
pub mod quotas;
pub mod run;
pub mod segment;
pub mod settings;
