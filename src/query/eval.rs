//! Evaluates conditions on whole segments.
//!
//! [`select`] answers for the candidate rows only: `and` hands the survivors of each part to the next, `or` the rows
//! that no part took yet. With the parts in the order of their cost, bytes are read for few rows.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ast::{Condition, Cost, Moment, Test};
use super::row::Row;
use super::schema::{FieldName, Id, Kinds, Known, RecordField};
use super::stored::needs_bytes;
use super::{columns, sets, stretch};
use crate::record::Kind;
use crate::store::column::Column;
use crate::store::{Bitmap, Columns, Rows, Segment, Snapshot, Table};

/// A segment to evaluate a condition on, and what that took.
pub struct Scope<'a> {
    pub snapshot: &'a Snapshot,
    pub table: &'a Table,
    pub segment: &'a Segment,
    /// Set from outside to stop early; the answer is worthless then.
    cancelled: Option<&'a AtomicBool>,
    /// Rows that some column comparison or reading looked at, counted each time.
    pub compared: Cell<u64>,
    /// Rows whose bytes were read.
    pub read_rows: Cell<u64>,
    /// Bytes read back.
    pub read_bytes: Cell<u64>,
    /// Rows whose bytes could not be read back.
    pub unreadable: Cell<u64>,
}

impl<'a> Scope<'a> {
    pub fn new(snapshot: &'a Snapshot, table: &'a Table, segment: &'a Segment) -> Self {
        let zero = || Cell::new(0);
        let (compared, read_rows, read_bytes, unreadable) = (zero(), zero(), zero(), zero());
        Self { snapshot, table, segment, cancelled: None, compared, read_rows, read_bytes, unreadable }
    }

    pub fn cancelled_by(self, cancelled: &'a AtomicBool) -> Self {
        Self { cancelled: Some(cancelled), ..self }
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
    }

    pub fn row(&self, row: usize) -> Row<'a> {
        Row { snapshot: self.snapshot, table: self.table, segment: self.segment, row }
    }

    pub fn rows(&self) -> usize {
        self.segment.rows
    }

    /// Counts a comparison of `rows` rows.
    pub fn count(&self, rows: usize) {
        add(&self.compared, rows);
    }
}

/// Adds to a counter.
pub fn add(counter: &Cell<u64>, number: usize) {
    counter.set(counter.get().saturating_add(number as u64));
}

/// The rows of `candidates` for which the condition holds.
pub fn select(condition: &Condition, scope: &Scope<'_>, candidates: Rows) -> Rows {
    if candidates == Rows::None || scope.rows() == 0 || scope.is_cancelled() {
        return Rows::None;
    }
    match condition {
        Condition::All(parts) => parts.iter().fold(candidates, |left, part| select(part, scope, left)),
        Condition::Any(parts) => any(parts, scope, candidates),
        Condition::Not(inner) => {
            let holds = select(inner, scope, candidates.clone());
            sets::difference(candidates, &holds, scope.rows())
        }
        Condition::Difference(left, right, ranges) => {
            difference(scope, (*left, *right), candidates, |d| ranges.contains(d))
        }
        Condition::Field(field, test) => leaf(field, test, scope, candidates),
    }
}

fn any(parts: &[Condition], scope: &Scope<'_>, candidates: Rows) -> Rows {
    let mut open = candidates;
    let mut taken = Rows::None;
    for part in parts {
        let more = select(part, scope, open.clone());
        open = sets::difference(open, &more, scope.rows());
        taken = sets::union(taken, more, scope.rows());
    }
    taken
}

fn difference(scope: &Scope<'_>, of: (Moment, Moment), candidates: Rows, test: impl Fn(i64) -> bool) -> Rows {
    scope.count(candidates.count(scope.rows()));
    sets::filtered(&candidates, scope.rows(), |row| {
        let row = scope.row(row);
        row.moment(of.0).zip(row.moment(of.1)).is_some_and(|(left, right)| test(left.since(right)))
    })
}

fn leaf(field: &FieldName, test: &Test, scope: &Scope<'_>, candidates: Rows) -> Rows {
    let candidates = sets::intersection(candidates, of_kinds(scope, field.kinds()), scope.rows());
    if candidates == Rows::None {
        return Rows::None;
    }
    let FieldName::Known(Known(known)) = field else { return stretch::select(scope, field, test, &candidates) };
    if field.cost() == Cost::Segment {
        return sets::intersection(candidates, of_table(scope, known.id, test), scope.rows());
    }
    if field.cost() == Cost::Bytes && needs_bytes(known.id, scope.segment.kind(0)) {
        return stretch::select(scope, field, test, &candidates);
    }
    match columns::select(scope, known.id, test, &candidates) {
        Some(rows) => sets::intersection(candidates, rows, scope.rows()),
        None => one_by_one(scope, known.id, test, &candidates),
    }
}

/// The rows whose kind is one of `kinds`.
fn of_kinds(scope: &Scope<'_>, kinds: Kinds) -> Rows {
    match &scope.segment.columns {
        Columns::Entries(entries) => match &entries.kind {
            Column::Uniform(kind) => sets::all_if(kinds.contains(*kind)),
            Column::Each(_) if !kinds.meets(Kinds::ENTRIES) => Rows::None,
            Column::Each(_) if Kinds::ENTRIES.and(kinds) == kinds => Rows::All,
            Column::Each(each) => {
                let chosen = Bitmap::from_test(scope.rows(), |row| kinds.contains(each[row]));
                Rows::from_bitmap(chosen, scope.rows())
            }
        },
        Columns::Packets(_) => sets::all_if(kinds.contains(Kind::Packet)),
        Columns::Flows(_) => sets::all_if(kinds.contains(Kind::Flow)),
        Columns::Dns(_) => sets::all_if(kinds.contains(Kind::Dns)),
    }
}

fn of_table(scope: &Scope<'_>, id: Id, test: &Test) -> Rows {
    let info = &scope.table.info;
    sets::all_if(match id {
        Id::Record(RecordField::Qube) => test.accepts_text(info.origin.as_bytes()),
        Id::Record(RecordField::Source) => test.accepts_text(info.name.as_bytes()),
        Id::Record(RecordField::Format) => test.accepts_text(info.format.as_bytes()),
        _ => false,
    })
}

/// Looks at every candidate by itself: for flows, DNS exchanges, and what has no column.
fn one_by_one(scope: &Scope<'_>, id: Id, test: &Test, candidates: &Rows) -> Rows {
    scope.count(candidates.count(scope.rows()));
    sets::filtered(candidates, scope.rows(), |row| {
        let mut accepted = false;
        if row % 4_096 != 0 || !scope.is_cancelled() {
            scope.row(row).own_values(id, &mut |value| accepted |= test.accepts(&value));
        }
        accepted
    })
}
