//! Patterns to search for in the lines of records.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::query::{Error, summary};
use crate::store::{Bitmap, Rows, Segment, Snapshot};

/// A regular expression, or the literal text where it is none; without upper case letters it ignores case.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it is empty or too large.
    pub fn compile(text: &str) -> Result<Self, Error> {
        let whole = |message: &str| Error { at: 0..text.len(), message: message.to_owned() };
        if text.is_empty() {
            return Err(whole("type what to search for"));
        }
        let build = |pattern: &str| {
            let mut builder = RegexBuilder::new(pattern);
            builder.case_insensitive(!text.contains(char::is_uppercase)).size_limit(1 << 20).build()
        };
        let regex = build(text).or_else(|_| build(&regex::escape(text))).map_err(|_| whole("pattern too large"))?;
        Ok(Self { regex })
    }

    /// The rows of a segment whose lines match.
    #[must_use]
    pub fn select(&self, snapshot: &Snapshot, segment: &Segment) -> Rows {
        let test = |row| self.regex.is_match(&summary(snapshot, segment.id(row)).text);
        Rows::from_bitmap(Bitmap::from_test(segment.rows, test), segment.rows)
    }

    /// Where it matches in a line, as byte ranges in ascending order.
    #[must_use]
    pub fn find(&self, line: &str) -> Vec<Range<usize>> {
        self.regex.find_iter(line).map(|found| found.range()).filter(|range| !range.is_empty()).collect()
    }
}
