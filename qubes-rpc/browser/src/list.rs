//! A cursor in a list of which only some rows are visible.

use std::ops::Range;

/// Where a list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The row under the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub top: usize,
    /// Rows that have room.
    pub height: usize,
}

impl List {
    /// Moves the cursor; it stops at the ends of `len` rows.
    pub fn step(&mut self, rows: isize, len: usize) {
        self.go(self.cursor.saturating_add_signed(rows), len);
    }

    /// Puts the cursor on a row, or the last one, and shows it.
    pub fn go(&mut self, row: usize, len: usize) {
        self.cursor = row.min(len.saturating_sub(1));
        self.show(len);
    }

    /// Scrolls as far as it takes to show the cursor, and no empty rows that could be full.
    pub fn show(&mut self, len: usize) {
        let height = self.height.max(1);
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.top = self.top.clamp(self.cursor.saturating_sub(height - 1), self.cursor).min(len.saturating_sub(height));
    }

    /// Rows that a page key moves.
    #[must_use]
    pub const fn page(&self) -> isize {
        if self.height > 2 { self.height as isize - 1 } else { 1 }
    }

    /// The visible rows, of `len`.
    #[must_use]
    pub fn window(&self, len: usize) -> Range<usize> {
        let top = self.top.min(len);
        top..(top + self.height).min(len)
    }
}
