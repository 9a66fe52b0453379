//! The summary as a page of 100 columns; only long names make it wider.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::{Coverage, Sums, peak_memory};
use crate::civil;
use crate::escape::{Form, escape};
use crate::record::{Kind, Precision, Timestamp};
use crate::report::Rejected;
use crate::store::{Table, TableInfo};

/// Columns of the names of sources and of the counts of their records.
const NAME: usize = 32;
const COUNTS: usize = 22;

/// Rejects of a source that are shown one by one.
const SHOWN_REJECTS: usize = 8;

/// Writes a summary for people.
pub struct Page<'a> {
    form: Form,
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub fn new(form: Form, out: &'a mut dyn Write) -> Self {
        Self { form, out }
    }

    pub fn print(&mut self, tables: &[&Table], coverage: &[Coverage], sums: &Sums, seconds: f64) -> io::Result<()> {
        for (at, table) in tables.iter().enumerate() {
            self.headings(at.checked_sub(1).map(|before| &*tables[before].info), &table.info)?;
            self.source(table)?;
        }
        self.coverage(coverage)?;
        self.sums(sums, seconds)
    }

    /// What is new since the source before: the qube, the folder or archive, the format.
    fn headings(&mut self, before: Option<&TableInfo>, info: &TableInfo) -> io::Result<()> {
        let section = |info: &TableInfo| if info.derived { String::new() } else { info.origin.to_string() };
        let new_section = before.is_none_or(|b| (b.derived, section(b)) != (info.derived, section(info)));
        if new_section {
            let title = match &*info.origin {
                _ if info.derived => "derived from packets",
                "" => "(no qube)",
                qube => qube,
            };
            let blank = if before.is_some() { "\n" } else { "" };
            writeln!(self.out, "{blank}{}", escape(title.as_bytes(), self.form))?;
        }
        if info.derived {
            return Ok(());
        }
        let (folder, _) = split(&info.name);
        let new_folder = new_section || before.is_some_and(|before| split(&before.name).0 != folder);
        if new_folder && !folder.is_empty() {
            writeln!(self.out, "  {}", escape(folder.as_bytes(), self.form))?;
        }
        let same = |b: &TableInfo| (b.format, &b.reason) == (info.format, &info.reason);
        if new_folder || !before.is_some_and(same) {
            let why = if info.reason.is_empty() { String::new() } else { format!(": {}", info.reason) };
            writeln!(self.out, "  {}{}", info.format, escape(why.as_bytes(), self.form))?;
        }
        Ok(())
    }

    fn source(&mut self, table: &Table) -> io::Result<()> {
        let info = &table.info;
        let name =
            escape(if info.derived { &info.name } else { split(&info.name).1 }.as_bytes(), self.form).into_owned();
        let bytes = if info.derived { String::new() } else { civil::bytes(info.bytes) };
        let span = table.span().map_or_else(String::new, |span| self.span(span));
        let line = format!("    {}  {} {bytes:>7}  {span}", padded(&name, NAME), padded(&counts(&info.counts), COUNTS));
        writeln!(self.out, "{}", line.trim_end())?;
        if info.rejected > 0 {
            self.rejects(info)?;
        }
        for error in &info.errors {
            writeln!(self.out, "      error: {}", escape(error.as_bytes(), self.form))?;
        }
        Ok(())
    }

    fn rejects(&mut self, info: &TableInfo) -> io::Result<()> {
        if info.rejected == 1 {
            let text = Rejected::of(info).to_string();
            return writeln!(self.out, "      {}", escape(text.as_bytes(), self.form));
        }
        writeln!(self.out, "      {} stretches ({} bytes) are no records:", info.rejected, info.rejected_bytes)?;
        for reject in info.rejects.iter().take(SHOWN_REJECTS) {
            let text = format!("byte {}, {} bytes: {}", reject.offset, reject.length, reject.reason);
            writeln!(self.out, "        {}", escape(text.as_bytes(), self.form))?;
        }
        match info.rejected.saturating_sub(SHOWN_REJECTS as u64) {
            0 => Ok(()),
            more => writeln!(self.out, "        and {more} more"),
        }
    }

    fn coverage(&mut self, coverage: &[Coverage]) -> io::Result<()> {
        if !coverage.is_empty() {
            writeln!(self.out, "\ncaptures cover")?;
        }
        for vantage in coverage {
            let name = escape(vantage.qube.as_bytes(), self.form).into_owned();
            let files = if vantage.captures == 1 { "capture" } else { "captures" };
            let what = format!("{} packet in {} {files}", vantage.packets, vantage.captures);
            let snaplen = if vantage.snaplen > 0 { format!("snaplen {}", vantage.snaplen) } else { String::new() };
            let span = vantage.span.map_or_else(String::new, |span| self.span(span));
            let line = format!("    {}  {}  {}  {snaplen}", padded(&name, 16), padded(&span, 30), padded(&what, 28));
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn sums(&mut self, sums: &Sums, seconds: f64) -> io::Result<()> {
        if sums.sources > 0 {
            writeln!(self.out)?;
        }
        let sources = if sums.sources == 1 { "source" } else { "sources" };
        writeln!(self.out, "{} {sources}, {} bytes: {}", sums.sources, sums.bytes, counts(&sums.records))?;
        if let Some(span) = sums.span {
            let span = self.span(span);
            writeln!(self.out, "{span} UTC")?;
        }
        if sums.partial() {
            let (rejected, bytes, errors) = (sums.rejected, sums.rejected_bytes, sums.errors);
            writeln!(self.out, "incomplete: {rejected} stretches ({bytes} bytes) are no records, {errors} errors")?;
        }
        let memory =
            peak_memory().map_or_else(String::new, |kib| format!(", {} at the peak", civil::bytes(kib * 1024)));
        writeln!(self.out, "read in {seconds:.2} s{memory}")
    }

    /// `2025-08-05 18:54:08 – 18:54:51`; with the second date where it is another day.
    fn span(&self, (first, last): (Timestamp, Timestamp)) -> String {
        let clock = |time| civil::time_of_day(time, Precision::Second);
        let (start, end) = (civil::date(first), civil::date(last));
        let dash = if self.form.ascii { "-" } else { "–" };
        let day = if start == end { String::new() } else { format!("{end} ") };
        format!("{start} {} {dash} {day}{}", clock(first), clock(last))
    }
}

/// The folder or archive of a source, with its separator, and the rest of its name.
fn split(name: &str) -> (&str, &str) {
    name.split_at(name.rfind(['/', '!']).map_or(0, |at| at + 1))
}

/// Blanks behind `text` up to `columns`.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

fn counts(counts: &[u64; Kind::ALL.len()]) -> String {
    let some = Kind::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
    let all: Vec<String> = some.map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    if all.is_empty() { "no records".to_owned() } else { all.join(", ") }
}
