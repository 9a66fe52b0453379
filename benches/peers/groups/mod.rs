//! The groups of workloads.

pub mod filter;
pub mod flows;
pub mod grep;
pub mod journal;
pub mod load;
pub mod screen;
