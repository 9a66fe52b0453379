//! Lines that arrived more than once: the same message in a qube's journal, in LogVM's log of it, and in a file of the
//! vault. One of them is enough to look at; the others are its copies.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::eval::Scope;
use super::parse;
use super::scan::{Key, key};
use super::stored::text_of;
use super::stretch::for_each_row;
use crate::record::{Kind, Precision, Timestamp};
use crate::store::{Bitmap, Columns, Rows, Segment, Snapshot, Table};

/// At most this many lines of an origin are compared (each takes 56 bytes meanwhile); of one that has more, no line
/// counts as a copy.
const MOST_LINES: usize = 4 << 20;

/// A copy is at most this much later or earlier than its original in the order of records. A line that LogVM received
/// long after the time that it claims stays, since that tells something.
const NEAR: u64 = 60_000_000_000;

/// At most so many lines of a journal's entry are compared.
const LINES_OF_ENTRY: usize = 64;

/// The rows that are copies of others.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    rows: HashMap<Key, Arc<Rows>>,
}

impl Copies {
    /// Compares the lines of each origin that has them in more than one format. Lines are the same when they claim the
    /// same second and have the same sender and message; of these the format with the finest times has the original,
    /// and another format has as many copies as the original has lines. Reads all of these lines: it belongs into a
    /// background thread. Nothing is found when it was cancelled.
    #[must_use]
    pub fn find(snapshot: &Snapshot, cancelled: &AtomicBool) -> Self {
        let mut copies = Self::default();
        for tables in origins(snapshot).into_values().filter(|tables| is_promising(tables)) {
            copies.add_origin(snapshot, &tables, cancelled);
        }
        if cancelled.load(Ordering::Relaxed) { Self::default() } else { copies }
    }

    /// The copies in a segment, if there are any.
    #[must_use]
    pub fn of(&self, segment: &Segment) -> Option<&Arc<Rows>> {
        self.rows.get(&key(segment))
    }

    fn add_origin(&mut self, snapshot: &Snapshot, tables: &[&Arc<Table>], cancelled: &AtomicBool) {
        let segments: Vec<(&Arc<Table>, &Arc<Segment>)> =
            tables.iter().flat_map(|table| table.segments.iter().map(|segment| (*table, segment))).collect();
        let mut lines = lines(snapshot, &segments, cancelled);
        lines.sort_unstable();
        let mut found: HashMap<u32, Bitmap> = HashMap::new();
        for same in lines.chunk_by(|one, other| one.print == other.print) {
            for copy in copies_among(same) {
                let rows = segments.get(copy.segment as usize).map_or(0, |(_, segment)| segment.rows);
                found.entry(copy.segment).or_insert_with(|| Bitmap::empty(rows)).insert(copy.row as usize);
            }
        }
        for (place, rows) in found {
            if let Some((_, segment)) = segments.get(place as usize) {
                self.rows.insert(key(segment), Arc::new(Rows::from_bitmap(rows, segment.rows)));
            }
        }
    }
}

/// A line as it is compared: the fields are in the order of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// Stands for the claimed second, the sender and the message.
    print: u64,
    precision: Reverse<Precision>,
    format: &'static str,
    time: Timestamp,
    segment: u32,
    row: u32,
    /// It is all of its record: an entry of a journal may have several lines, which a log has one by one.
    whole: bool,
}

/// Tables of lines by origin.
fn origins(snapshot: &Snapshot) -> BTreeMap<&str, Vec<&Arc<Table>>> {
    let mut origins: BTreeMap<&str, Vec<&Arc<Table>>> = BTreeMap::new();
    for table in snapshot.tables().filter(|table| line_count(table) > 0) {
        origins.entry(&table.info.origin).or_default().push(table);
    }
    origins
}

fn line_count(table: &Table) -> u64 {
    [Kind::Text, Kind::Nft, Kind::Journal].iter().map(|kind| table.info.counts[*kind as usize]).sum()
}

/// Whether there is more than one format, and not too much to compare.
fn is_promising(tables: &[&Arc<Table>]) -> bool {
    let formats = tables.iter().any(|table| table.info.format != tables[0].info.format);
    let lines: u64 = tables.iter().map(|table| line_count(table)).sum();
    formats && lines <= MOST_LINES as u64
}

fn lines(snapshot: &Snapshot, segments: &[(&Arc<Table>, &Arc<Segment>)], cancelled: &AtomicBool) -> Vec<Line> {
    let state = RandomState::new();
    let mut lines = Vec::new();
    for (place, (table, segment)) in (0..).zip(segments) {
        let Columns::Entries(entries) = &segment.columns else { continue };
        let scope = Scope::new(snapshot, table, segment).cancelled_by(cancelled);
        for_each_row(&scope, &Rows::All, &mut |row, bytes| {
            let Some(claimed) = segment.claimed(row) else { return };
            let second = claimed.0.div_euclid(1_000_000_000);
            let (sender, process, message) = message(table, segment.kind(row), bytes);
            let precision = Reverse(entries.times.get(row).claimed);
            let time = segment.key_time(row);
            let whole = !message.contains(&b'\n');
            lines.extend(message.split(|byte| *byte == b'\n').take(LINES_OF_ENTRY).map(|text| {
                let print = state.hash_one((second, sender, process, text.trim_ascii_end()));
                Line { print, precision, format: table.info.format, time, segment: place, row: row as u32, whole }
            }));
        });
    }
    lines
}

/// Sender, process and message of a line or entry; blanks at the end do not count.
fn message<'a>(table: &Table, kind: Kind, bytes: &'a [u8]) -> (Option<&'a [u8]>, Option<u32>, &'a [u8]) {
    if table.info.is_journal() {
        let field = |name: &[u8]| parse::journal_fields(bytes).find(|(n, _)| *n == name).map(|(_, value)| value);
        let sender = field(b"SYSLOG_IDENTIFIER").or_else(|| field(b"_COMM"));
        let process = field(b"SYSLOG_PID").or_else(|| field(b"_PID")).and_then(parse::number);
        return (sender, process, field(b"MESSAGE").unwrap_or_default().trim_ascii_end());
    }
    let line = parse::line(text_of(kind, bytes));
    (line.identifier, line.pid, line.message.trim_ascii_end())
}

/// Of lines that are the same, sorted: those that are copies.
fn copies_among(same: &[Line]) -> impl Iterator<Item = &Line> {
    let formats: Vec<Range<usize>> = runs(same);
    let original = formats.first().cloned().unwrap_or_default();
    let others = formats.into_iter().skip(1);
    others.flat_map(move |format| {
        let pairs = same[format].iter().zip(&same[original.clone()]);
        let near = |copy: &Line, original: &Line| copy.time.since(original.time).unsigned_abs() <= NEAR;
        pairs.filter(move |(copy, original)| copy.whole && near(copy, original)).map(|(copy, _)| copy)
    })
}

/// The stretches of lines of one format.
fn runs(same: &[Line]) -> Vec<Range<usize>> {
    let mut start = 0;
    let stretches = same.chunk_by(|one, other| one.format == other.format);
    let place = |stretch: &[Line]| {
        let from = start;
        start += stretch.len();
        from..start
    };
    stretches.map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [&str; 3] = ["a journal", "a log", "another log"];

    /// A line of a format that has finer times the earlier it is in [`FORMATS`].
    fn line(format: usize, seconds: i64, row: u32) -> Line {
        let precision = Reverse(if format == 0 { Precision::Microsecond } else { Precision::Second });
        let time = Timestamp::from_parts(seconds, 0);
        Line { print: 7, precision, format: FORMATS[format], time, segment: 0, row, whole: true }
    }

    fn copies(mut lines: Vec<Line>) -> Vec<u32> {
        lines.sort_unstable();
        let mut rows: Vec<u32> = copies_among(&lines).map(|line| line.row).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn each_format_has_as_many_copies_as_there_are_originals() {
        assert_eq!(copies(vec![line(1, 0, 1), line(0, 0, 2), line(2, 1, 3)]), [1, 3]);
        assert_eq!(copies(vec![line(0, 0, 1), line(1, 0, 2), line(1, 0, 3)]), [2], "a line that only the log has");
        assert_eq!(
            copies(vec![line(1, 0, 1), line(1, 0, 2)]),
            [0_u32; 0],
            "lines that a source has twice happened twice"
        );
    }

    #[test]
    fn a_line_that_came_late_or_only_in_part_is_no_copy() {
        assert_eq!(copies(vec![line(0, 0, 1), line(1, 61, 2)]), [0_u32; 0]);
        assert_eq!(copies(vec![line(0, 0, 1), Line { whole: false, ..line(1, 0, 2) }]), [0_u32; 0]);
    }
}
