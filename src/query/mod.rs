//! L4: the filter language over one schema of fields, searching, and what records look like in a line.

use std::ops::Range;

use crate::record::{RecordId, Timestamp};
use crate::store::{Rows, Segment, Snapshot, Table};

/// What a filter can refer to besides the records.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The time of the cursor (`@`).
    pub cursor: Option<Timestamp>,
}

/// A filter that was parsed, checked against the schema, and can be run.
#[derive(Clone, Debug)]
pub struct Filter;

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {}: {message}", .at.start + 1)]
pub struct Error {
    /// The bytes of the expression that it is about.
    pub at: Range<usize>,
    /// What is wrong and what was expected.
    pub message: String,
}

impl Filter {
    /// Parses and checks an expression.
    ///
    /// # Errors
    /// When the expression is no filter; the error points at the place.
    pub fn compile(_expression: &str, _context: &Context) -> Result<Self, Error> {
        Ok(Self)
    }

    /// The rows of a segment that match.
    #[must_use]
    pub fn select(&self, _snapshot: &Snapshot, _table: &Table, _segment: &Segment) -> Rows {
        Rows::All
    }

    /// Whether a record matches.
    #[must_use]
    pub fn matches(&self, _snapshot: &Snapshot, _id: RecordId) -> bool {
        true
    }
}

/// A record in one line, as panes and plain output show it. The text may hold any character: whoever prints it escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The line, without its time and origin.
    pub text: String,
}

/// The line of a record.
#[must_use]
pub fn summary(snapshot: &Snapshot, id: RecordId) -> Summary {
    let mut bytes = Vec::new();
    if let Some((table, segment, row)) = snapshot.find(id)
        && let Some((offset, length)) = segment.extent(row)
    {
        let _ = table.content.read(offset, usize::try_from(length).unwrap_or(0), &mut bytes);
    }
    if let Some(flow) = snapshot.flow(id) {
        bytes = format!("{} -> {}", flow.tuple.source, flow.tuple.destination).into_bytes();
    }
    Summary { text: String::from_utf8_lossy(&bytes).trim_end().to_owned() }
}

/// The fields of a record, in the order of the schema.
#[must_use]
pub fn fields(snapshot: &Snapshot, id: RecordId) -> Vec<(String, String)> {
    let origin = snapshot.table(id.table()).map(|table| table.info.origin.to_string()).unwrap_or_default();
    vec![("qube".into(), origin), ("text".into(), summary(snapshot, id).text)]
}
