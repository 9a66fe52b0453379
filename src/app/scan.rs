//! Filters and searches that run in the background, and what they have found so far.

use std::sync::atomic::AtomicBool;

use crate::query::{Case, Context, Error, Filter, Found, Pattern, Results, Work, scan};
use crate::record::Timestamp;
use crate::store::Snapshot;

/// A filter or search and how far it is.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Tells its results from those of others.
    pub generation: u64,
    /// As the user typed it.
    pub expression: String,
    /// What it looks for.
    pub look_for: LookFor,
    /// What it has found.
    pub found: Results,
    /// Everything there is has been scanned.
    pub done: bool,
}

/// What a scan looks for.
#[derive(Clone, Debug)]
pub struct LookFor {
    /// The records.
    pub filter: Filter,
    /// What to highlight in their lines.
    pub pattern: Option<Pattern>,
}

impl LookFor {
    /// A filter expression.
    ///
    /// # Errors
    /// When it is no filter; the error points at the place.
    pub fn filter(expression: &str, context: &Context) -> Result<Self, Error> {
        Ok(Self { filter: Filter::compile(expression, context)?, pattern: None })
    }

    /// A text to search for, or a regular expression between slashes; without a capital letter case is ignored.
    ///
    /// # Errors
    /// When it is too long, or no regular expression.
    pub fn search(text: &str) -> Result<Self, Error> {
        let inside = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|source| !source.is_empty());
        let pattern = match inside {
            Some(source) => Pattern::regex(source, Case::Smart)?,
            None => Pattern::literal(text, Case::Smart)?,
        };
        Ok(Self { filter: pattern.clone().into(), pattern: Some(pattern) })
    }
}

impl Scan {
    /// A scan that has found nothing yet.
    #[must_use]
    pub fn new(generation: u64, expression: String, look_for: LookFor) -> Self {
        Self { generation, expression, look_for, found: Results::default(), done: false }
    }

    /// Asks for everything that it does not know of `snapshot`, what is nearest to `near` first.
    pub(super) fn request(&self, snapshot: &Snapshot, near: Option<Timestamp>) -> ScanRequest {
        ScanRequest {
            generation: self.generation,
            filter: self.look_for.filter.clone(),
            snapshot: snapshot.clone(),
            near,
            known: self.found.clone(),
        }
    }
}

/// What to scan.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// To be sent back with the results.
    pub generation: u64,
    filter: Filter,
    snapshot: Snapshot,
    near: Option<Timestamp>,
    known: Results,
}

impl ScanRequest {
    /// Scans what is not known yet; `each` gets the result of every segment. Takes long: it belongs into a background
    /// thread. Stops soon after `cancelled` is set.
    pub fn run(&self, cancelled: &AtomicBool, each: &mut dyn FnMut(Found)) -> Work {
        scan(&self.filter, &self.snapshot, &|_| true, self.near, &self.known, cancelled, each)
    }
}
