//! What arrived: sources with formats and why, spans, counts and errors, and sums that add up.

use std::io::{self, Write};

use serde_json::json;

use super::{Format, json};
use crate::civil;
use crate::escape::Form;
use crate::record::{Kind, Precision, Timestamp};
use crate::store::{Snapshot, Table};

mod coverage;
mod text;

pub use coverage::Coverage;

/// Sums over the tables of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Sources, those that could not be read included.
    pub sources: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Records of each kind, in the order of [`Kind::ALL`].
    pub records: [u64; Kind::ALL.len()],
    /// Stretches of bytes that are no record.
    pub rejected: u64,
    /// Bytes in them.
    pub rejected_bytes: u64,
    /// Errors of sources as a whole.
    pub errors: u64,
    /// First and last time of all records.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Sums {
    /// Adds up the tables of `snapshot`.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut sums = Self::default();
        for table in snapshot.tables() {
            sums.add(table);
        }
        sums
    }

    fn add(&mut self, table: &Table) {
        let info = &table.info;
        self.sources += u64::from(!info.derived);
        self.bytes += info.bytes;
        for (sum, count) in self.records.iter_mut().zip(info.counts) {
            *sum += count;
        }
        self.rejected += info.rejected;
        self.rejected_bytes += info.rejected_bytes;
        self.errors += info.errors.len() as u64;
        self.span = union(self.span, table.span());
    }

    /// Whether something of the input could not be read as it should.
    #[must_use]
    pub const fn partial(&self) -> bool {
        self.rejected > 0 || self.errors > 0
    }
}

/// Prints the summary of an archive that was read in `seconds`.
///
/// # Errors
/// When `out` fails.
pub fn print(snapshot: &Snapshot, seconds: f64, format: Format, out: &mut dyn Write) -> io::Result<Sums> {
    let sums = Sums::of(snapshot);
    let (tables, coverage) = (in_order(snapshot), Coverage::of(snapshot));
    match format {
        Format::Text { ascii } => {
            text::Page::new(Form { ascii, tab: 0 }, out).print(&tables, &coverage, &sums, seconds)?
        }
        Format::JsonLines => {
            for table in tables {
                json::write_line(&table_object(table), out)?;
            }
            json::write_line(&sums_object(&sums, &coverage, seconds), out)?;
        }
    }
    Ok(sums)
}

/// Sources by qube and name, then the derived tables.
fn in_order(snapshot: &Snapshot) -> Vec<&Table> {
    let mut tables: Vec<&Table> = snapshot.tables().map(|table| &**table).collect();
    tables.sort_by_key(|table| (table.info.derived, table.info.origin.clone(), table.info.name.clone()));
    tables
}

/// The largest resident memory of this process so far in KiB (`VmHWM`, proc_pid_status(5)).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn kinds_object(counts: &[u64; Kind::ALL.len()]) -> serde_json::Map<String, serde_json::Value> {
    Kind::ALL.iter().zip(counts).map(|(kind, count)| (kind.name().to_owned(), (*count).into())).collect()
}

fn table_object(table: &Table) -> serde_json::Value {
    let info = &table.info;
    let rejects = |r: &crate::decode::Reject| json!({"offset": r.offset, "length": r.length, "reason": r.reason});
    json!({
        "source": &*info.name,
        "derived": info.derived,
        "qube": &*info.origin,
        "format": info.format,
        "reason": info.reason,
        "bytes": info.bytes,
        "complete": info.complete,
        "records": kinds_object(&info.counts),
        "first": table.span().map(|span| time(span.0)),
        "last": table.span().map(|span| time(span.1)),
        "rejected": info.rejected,
        "rejected_bytes": info.rejected_bytes,
        "rejects": info.rejects.iter().map(rejects).collect::<Vec<_>>(),
        "errors": info.errors,
    })
}

fn sums_object(sums: &Sums, coverage: &[Coverage], seconds: f64) -> serde_json::Value {
    json!({
        "sources": sums.sources,
        "bytes": sums.bytes,
        "records": kinds_object(&sums.records),
        "first": sums.span.map(|span| time(span.0)),
        "last": sums.span.map(|span| time(span.1)),
        "captures": coverage.iter().map(Coverage::object).collect::<Vec<_>>(),
        "rejected": sums.rejected,
        "rejected_bytes": sums.rejected_bytes,
        "errors": sums.errors,
        "seconds": seconds,
        "peak_kib": peak_memory(),
    })
}

/// The least span that holds both.
fn union(a: Option<(Timestamp, Timestamp)>, b: Option<(Timestamp, Timestamp)>) -> Option<(Timestamp, Timestamp)> {
    a.zip(b).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))).or(a).or(b)
}

fn time(time: Timestamp) -> String {
    civil::rfc3339(time, Precision::Nanosecond)
}
