//! L5: headless output. Plain, stable, and with nothing from a log that a terminal could obey.

pub mod grep;
pub mod json;
pub mod links;
pub mod provenance;
pub mod records;
pub mod skew;
pub mod story;
pub mod summary;

use std::fmt;

use crate::decode::Reject;
use crate::store::TableInfo;

/// Stretches of a source that are no records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// How many there are.
    pub count: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// The first of them.
    pub first: Option<Reject>,
}

impl Rejected {
    /// Those of a table.
    #[must_use]
    pub fn of(info: &TableInfo) -> Self {
        Self { count: info.rejected, bytes: info.rejected_bytes, first: info.rejects.first().cloned() }
    }

    /// Counts one more.
    pub fn add(&mut self, reject: &Reject) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(reject.length);
        self.first.get_or_insert_with(|| reject.clone());
    }
}

impl fmt::Display for Rejected {
    /// `2 stretches (120 bytes) are no records, the first at byte 24: truncated`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "1 stretch ({} bytes) is no record, at byte ", self.bytes)?,
            count => write!(f, "{count} stretches ({} bytes) are no records, the first at byte ", self.bytes)?,
        }
        self.first.as_ref().map_or(Ok(()), |first| write!(f, "{}: {}", first.offset, first.reason))
    }
}

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
