//! L4: the filter language over one schema of fields, searching, and what records look like in a line.
//!
//! An expression becomes tokens ([`lexer`]), then a condition whose names and values are checked against the schema
//! ([`parser`], [`schema`], [`ast`]), which is evaluated a segment at a time, cheap columns first (`eval`).

use std::ops::Range;

use crate::record::{RecordId, Timestamp};
use crate::store::{Rows, Segment, Snapshot, Table};

pub mod ast;
mod columns;
pub mod complete;
pub mod copies;
mod eval;
mod header;
pub mod lexer;
pub mod literal;
mod operand;
mod parse;
pub mod parser;
pub mod ranges;
mod record;
mod row;
pub mod scan;
pub mod schema;
pub mod search;
mod sets;
mod stored;
mod stretch;
mod summary;
mod tuple;
pub mod value;

pub use copies::Copies;
pub use record::fields;
pub use scan::{Found, Results, Work, scan};
pub use search::{Case, Pattern};
pub use summary::{Summary, summary};
pub use value::Value;

/// What a filter can refer to besides the records.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The time of the cursor (`@`).
    pub cursor: Option<Timestamp>,
    /// A moment of the day that times without a date are on, where there is no cursor.
    pub day: Option<Timestamp>,
}

/// A filter that was parsed, checked against the schema, and can be run.
#[derive(Clone, Debug)]
pub struct Filter {
    condition: ast::Condition,
}

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
    /// Parses and checks an expression. An empty one holds for every record.
    ///
    /// # Errors
    /// When the expression is no filter; the error points at the place.
    pub fn compile(expression: &str, context: &Context) -> Result<Self, Error> {
        parser::parse(expression, context).map(|condition| Self { condition: condition.ordered() })
    }

    /// The condition, its parts in the order in which they are looked at.
    #[must_use]
    pub const fn condition(&self) -> &ast::Condition {
        &self.condition
    }

    /// The rows of a segment that match. Bytes that cannot be read back match nothing; [`scan()`] counts them.
    #[must_use]
    pub fn select(&self, snapshot: &Snapshot, table: &Table, segment: &Segment) -> Rows {
        eval::select(&self.condition, &eval::Scope::new(snapshot, table, segment), Rows::All)
    }

    /// Whether a record matches.
    #[must_use]
    pub fn matches(&self, snapshot: &Snapshot, id: RecordId) -> bool {
        row::Row::find(snapshot, id).is_some_and(|row| row.meets(&self.condition))
    }

    /// Whether its answers for packets depend on flows, which can change while packets are still being read.
    #[must_use]
    pub fn needs_flows(&self) -> bool {
        self.condition.needs_flows()
    }
}

impl From<Pattern> for Filter {
    /// The records in whose text the pattern occurs.
    fn from(pattern: Pattern) -> Self {
        Self { condition: parser::anywhere(ast::Test::Pattern(pattern)) }
    }
}

impl Pattern {
    /// The rows of a segment in whose text it occurs.
    #[must_use]
    pub fn select(&self, snapshot: &Snapshot, table: &Table, segment: &Segment) -> Rows {
        Filter::from(self.clone()).select(snapshot, table, segment)
    }
}
