//! What arrived: sources with formats and why, spans, counts and errors, and sums that add up.

use std::io::{self, Write};

use serde_json::json;

use super::{Format, json};
use crate::civil;
use crate::escape::{Form, escape};
use crate::record::{Kind, Precision, Timestamp};
use crate::store::{Snapshot, Table};

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
        self.span = match (self.span, table.span()) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
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
    match format {
        Format::Text { ascii } => {
            let form = Form { ascii, tab: 0 };
            for table in snapshot.tables() {
                print_table(table, form, out)?;
            }
            print_sums(&sums, seconds, out)?;
        }
        Format::JsonLines => {
            for table in snapshot.tables() {
                json::write_line(&table_object(table), out)?;
            }
            json::write_line(&sums_object(&sums, seconds), out)?;
        }
    }
    Ok(sums)
}

fn print_table(table: &Table, form: Form, out: &mut dyn Write) -> io::Result<()> {
    let info = &table.info;
    writeln!(out, "{}", escape(info.name.as_bytes(), form))?;
    write!(out, "  {}  {}", escape(info.origin.as_bytes(), form), info.format)?;
    if !info.reason.is_empty() {
        write!(out, " ({})", escape(info.reason.as_bytes(), form))?;
    }
    writeln!(out)?;
    if let Some(span) = table.span() {
        writeln!(out, "  {}  {}", counts(&info.counts), span_text(span))?;
    }
    if info.rejected > 0 {
        let what = format!("{} rejected ({})", info.rejected, civil::bytes(info.rejected_bytes));
        writeln!(out, "  {what}")?;
    }
    for reject in &info.rejects {
        let text = format!("    at byte {}: {}", reject.offset, reject.reason);
        writeln!(out, "{}", escape(text.as_bytes(), form))?;
    }
    if info.rejected > info.rejects.len() as u64 {
        writeln!(out, "    and {} more", info.rejected - info.rejects.len() as u64)?;
    }
    for error in &info.errors {
        writeln!(out, "  error: {}", escape(error.as_bytes(), form))?;
    }
    Ok(())
}

fn print_sums(sums: &Sums, seconds: f64, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} sources, {} bytes, {}", sums.sources, sums.bytes, counts(&sums.records))?;
    if let Some(span) = sums.span {
        writeln!(out, "{}", span_text(span))?;
    }
    if sums.partial() {
        let rejected = format!("{} rejected ({})", sums.rejected, civil::bytes(sums.rejected_bytes));
        writeln!(out, "{rejected}, {} errors", sums.errors)?;
    }
    writeln!(
        out,
        "read in {seconds:.2} s{}",
        peak_memory().map_or_else(String::new, |kib| format!(", {} at the peak", civil::bytes(kib * 1024)))
    )
}

fn counts(counts: &[u64; Kind::ALL.len()]) -> String {
    let some = Kind::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
    let all: Vec<String> = some.map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    if all.is_empty() { "no records".to_owned() } else { all.join(", ") }
}

fn span_text((first, last): (Timestamp, Timestamp)) -> String {
    let time = |time| civil::rfc3339(time, Precision::Microsecond);
    format!("{} to {}", time(first), time(last))
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
    let time = |time| civil::rfc3339(time, Precision::Nanosecond);
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

fn sums_object(sums: &Sums, seconds: f64) -> serde_json::Value {
    json!({
        "sources": sums.sources,
        "bytes": sums.bytes,
        "records": kinds_object(&sums.records),
        "rejected": sums.rejected,
        "rejected_bytes": sums.rejected_bytes,
        "errors": sums.errors,
        "seconds": seconds,
        "peak_kib": peak_memory(),
    })
}
