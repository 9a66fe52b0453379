//! Lists, streams, holds and removes what is stored in a LogVM (`~/QubesLogs`) or a vault (`~/NetLogs`): metadata only.
//! No log is parsed, decompressed or shown here, and nothing outside the two roots is reached.
#![forbid(unsafe_code)]

pub mod beneath;
pub mod caller;
pub mod copy;
pub mod day;
pub mod fetch;
pub mod follow;
pub mod hold;
pub mod item;
pub mod list;
pub mod options;
pub mod remove;
pub mod run;
pub mod select;
pub mod spool;
pub mod tar;
pub mod usage;
pub mod walk;
