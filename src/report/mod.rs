//! L5: headless output. Plain, stable, and with nothing from a log that a terminal could obey.

pub mod grep;
pub mod json;
pub mod links;
pub mod provenance;
pub mod records;
pub mod skew;
pub mod story;
pub mod summary;

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line each, for people.
    Text {
        /// Only ASCII.
        ascii: bool,
    },
    /// A JSON object a line, with every field and the provenance.
    JsonLines,
}
