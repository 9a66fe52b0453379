//! Names, framing and limits that the services of the LogVM share. No dependencies, no I/O: what a sender, a collector
//! and a reader must agree on, and nothing else.
#![forbid(unsafe_code)]

pub mod ack;
pub mod alert;
pub mod argument;
pub mod exit;
pub mod layout;
pub mod limits;
pub mod marker;
pub mod name;
pub mod quota;
pub mod stamp;

pub use layout::{Compression, Kind, SegmentName};
pub use name::QubeName;
