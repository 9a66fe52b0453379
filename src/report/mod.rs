//! L5: headless output. Plain, stable, and with nothing from a log that a terminal could obey.

pub mod grep;
pub mod json;
pub mod provenance;
pub mod records;
pub mod summary;
