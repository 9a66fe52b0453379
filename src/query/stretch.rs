//! Reads the bytes of many rows in few large pieces, and looks for text in a whole piece at once.

use std::ops::Range;

use super::ast::Test;
use super::eval::{Scope, add};
use super::schema::{FieldName, Id, Known, LineField};
use super::search::Pattern;
use super::stored::values_in;
use crate::decode::MAX_RECORD;
use crate::store::{Bitmap, Rows};

/// Bytes that are read at once, unless a single row has more.
const PIECE: u64 = 1 << 20;
/// Unwanted bytes between two rows that are read along rather than skipped.
const GAP: u64 = 16 << 10;

/// Bytes of consecutive wanted rows.
struct Piece {
    bytes: Vec<u8>,
    /// The rows and their places in the bytes, ascending.
    rows: Vec<(usize, Range<usize>)>,
}

/// The candidates with a value of `field` in their bytes that passes.
pub fn select(scope: &Scope<'_>, field: &FieldName, test: &Test, candidates: &Rows) -> Rows {
    let mut passed = Bitmap::empty(scope.rows());
    let at_once = match test {
        Test::Pattern(pattern) if pattern.within_lines() && is_whole_text(field) => Some(pattern),
        _ => None,
    };
    for_each_piece(scope, candidates, |piece| match at_once {
        Some(pattern) if piece.is_dense() => search(piece, pattern, &mut passed),
        _ => row_by_row(scope, piece, field, test, &mut passed),
    });
    Rows::from_bitmap(passed, scope.rows())
}

const fn is_whole_text(field: &FieldName) -> bool {
    matches!(field, FieldName::Known(Known(known)) if matches!(known.id, Id::Line(LineField::Text)))
}

/// Calls `each` with the bytes of every candidate, of which at most [`MAX_RECORD`] are read, until cancelled.
pub fn for_each_row(scope: &Scope<'_>, candidates: &Rows, each: &mut dyn FnMut(usize, &[u8])) {
    for_each_piece(scope, candidates, |piece| piece.rows.iter().for_each(|(row, place)| each(*row, piece.of(place))));
}

/// Reads the candidates' bytes piece by piece, until cancelled.
fn for_each_piece(scope: &Scope<'_>, candidates: &Rows, mut visit: impl FnMut(&Piece)) {
    let mut wanted = (0..scope.rows()).filter(|row| candidates.contains(*row)).peekable();
    let mut piece = Piece { bytes: Vec::new(), rows: Vec::new() };
    while let Some(first) = wanted.next() {
        if scope.is_cancelled() {
            return;
        }
        let Some((start, mut end)) = extent(scope, first) else { continue };
        piece.rows.clear();
        piece.add(first, start, start..end);
        while let Some(row) = wanted.next_if(|row| extent(scope, *row).is_some_and(|next| follows(start, end, next))) {
            if let Some((from, to)) = extent(scope, row) {
                piece.add(row, start, from..to);
                end = end.max(to);
            }
        }
        piece.read(scope, start, end);
        visit(&piece);
    }
}

/// Start and end of the bytes of a row, of which at most [`MAX_RECORD`] count.
fn extent(scope: &Scope<'_>, row: usize) -> Option<(u64, u64)> {
    let (offset, length) = scope.segment.extent(row)?;
    Some((offset, offset.saturating_add(length.min(MAX_RECORD as u64))))
}

/// Whether a row is read along with the piece from `start` to `end`.
const fn follows(start: u64, end: u64, next: (u64, u64)) -> bool {
    next.0 >= end && next.0 - end <= GAP && next.1 - start <= PIECE
}

impl Piece {
    fn add(&mut self, row: usize, start: u64, place: Range<u64>) {
        let from = (place.start - start) as usize;
        let length = (place.end - place.start) as usize;
        self.rows.push((row, from..from + length));
    }

    /// Reads the bytes; rows that cannot be read back, or not whole, keep what there is.
    fn read(&mut self, scope: &Scope<'_>, start: u64, end: u64) {
        self.bytes.clear();
        let outcome = scope.table.content.read(start, (end - start) as usize, &mut self.bytes);
        let length = self.bytes.len();
        let missing = self.rows.iter().filter(|(_, place)| place.end > length || outcome.is_err()).count();
        add(&scope.unreadable, missing);
        add(&scope.read_rows, self.rows.len());
        add(&scope.read_bytes, length);
        for (_, place) in &mut self.rows {
            *place = place.start.min(length)..place.end.min(length);
        }
    }

    /// Whether most of its bytes belong to wanted rows.
    fn is_dense(&self) -> bool {
        let wanted: usize = self.rows.iter().map(|(_, place)| place.len()).sum();
        wanted * 2 >= self.bytes.len()
    }

    fn of(&self, place: &Range<usize>) -> &[u8] {
        self.bytes.get(place.clone()).unwrap_or_default()
    }
}

fn row_by_row(scope: &Scope<'_>, piece: &Piece, field: &FieldName, test: &Test, passed: &mut Bitmap) {
    for (row, place) in &piece.rows {
        let mut accepted = false;
        values_in(scope.segment.kind(*row), piece.of(place), field, &mut |value| accepted |= test.accepts(&value));
        if accepted {
            passed.insert(*row);
        }
    }
}

/// Looks for a pattern that stays within lines: goes from hit to hit, and on behind the row of each.
fn search(piece: &Piece, pattern: &Pattern, passed: &mut Bitmap) {
    let mut from = 0;
    while let Some(hit) = pattern.find_at(&piece.bytes, from) {
        let next = piece.rows.partition_point(|(_, place)| place.end <= hit.start);
        let Some((row, place)) = piece.rows.get(next) else { return };
        if hit.start < place.start {
            from = place.start;
            continue;
        }
        if hit.end <= place.end || pattern.is_match(piece.of(place)) {
            passed.insert(*row);
        }
        from = place.end;
    }
}
