//! The columns of the list, and the order they give.

use std::cmp::Ordering;

use crate::archive::Archive;

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// When its first byte was received.
    Received,
    /// The qube it came from.
    Origin,
    /// What it holds.
    Kind,
    /// Bytes.
    Size,
    /// How long it goes on.
    Span,
    /// What may happen to it.
    State,
}

impl Column {
    /// All columns, as they are drawn.
    pub const ALL: [Self; 6] = [Self::Received, Self::Origin, Self::Kind, Self::Size, Self::Span, Self::State];

    /// Its heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Origin => "origin",
            Self::Kind => "kind",
            Self::Size => "size",
            Self::Span => "span",
            Self::State => "state",
        }
    }

    /// The next one, around.
    #[must_use]
    pub fn next(self) -> Self {
        let behind = Self::ALL.into_iter().skip_while(|column| *column != self).nth(1);
        behind.unwrap_or(Self::Received)
    }

    /// Whether one usually wants to see the largest first.
    #[must_use]
    pub const fn is_descending(self) -> bool {
        matches!(self, Self::Received | Self::Size | Self::Span)
    }

    /// How two archives follow each other; `now` is the end of those that are open.
    #[must_use]
    pub fn compare(self, a: &Archive, b: &Archive, now: u64) -> Ordering {
        match self {
            Self::Received => a.start.cmp(&b.start),
            Self::Origin => a.origin.cmp(&b.origin),
            Self::Kind => a.kind.cmp(&b.kind),
            Self::Size => a.size.cmp(&b.size),
            Self::Span => a.span(now).cmp(&b.span(now)),
            Self::State => a.state.cmp(&b.state),
        }
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// The largest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self::by(Column::Received)
    }
}

impl Sort {
    /// By a column, in its usual direction.
    #[must_use]
    pub const fn by(column: Column) -> Self {
        Self { column, descending: column.is_descending() }
    }

    /// How two archives follow each other: those that are equal by time, the latest first, then by id.
    #[must_use]
    pub fn compare(self, a: &Archive, b: &Archive, now: u64) -> Ordering {
        let order = self.column.compare(a, b, now);
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| b.start.cmp(&a.start)).then_with(|| a.id.cmp(&b.id))
    }
}

/// Where a column is in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The column.
    pub column: Column,
    /// Its first cell.
    pub x: u16,
    /// Its cells.
    pub width: u16,
}

impl Place {
    /// Whether a cell belongs to it, the blank behind it included.
    #[must_use]
    pub const fn contains(self, x: u16) -> bool {
        x >= self.x && x - self.x <= self.width
    }
}

/// Cells before the first column, for cursor and mark.
pub const SIGNS: u16 = 2;
/// What the origin's column has at least.
const ORIGIN: u16 = 8;
/// What the other columns have, those first that go last when there is no room.
const WIDTHS: [(Column, u16); 5] =
    [(Column::Received, 19), (Column::State, 10), (Column::Size, 8), (Column::Kind, 8), (Column::Span, 8)];

/// The columns that have room in a row, from left to right; the origin takes what the others leave.
#[must_use]
pub fn places(width: u16) -> Vec<Place> {
    let mut room = width.saturating_sub(SIGNS + ORIGIN);
    let mut taken: Vec<(Column, u16)> = Vec::new();
    for (column, width) in WIDTHS {
        let Some(rest) = room.checked_sub(width + 1) else { break };
        room = rest;
        taken.push((column, width));
    }
    taken.push((Column::Origin, ORIGIN + room));
    taken.sort();
    let mut x = SIGNS;
    let place = |(column, width)| {
        let place = Place { column, x, width };
        x += width + 1;
        place
    };
    taken.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_any_width_and_never_more() {
        for width in SIGNS + ORIGIN..300 {
            let places = places(width);
            let end = places.last().map(|place| place.x + place.width);
            assert_eq!(end, Some(width), "{places:?}");
        }
        assert_eq!(places(78).len(), Column::ALL.len());
    }

    #[test]
    fn every_column_has_a_next_one() {
        let around = std::iter::successors(Some(Column::Received), |column| Some(column.next()));
        assert!(around.take(Column::ALL.len()).eq(Column::ALL));
        assert_eq!(Column::State.next(), Column::Received);
    }
}
