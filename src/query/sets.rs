//! Operations on sets of rows of a segment.

use crate::store::{Bitmap, Rows};

/// The rows of both sets.
pub fn intersection(a: Rows, b: Rows, rows: usize) -> Rows {
    match (a, b) {
        (Rows::None, _) | (_, Rows::None) => Rows::None,
        (Rows::All, other) | (other, Rows::All) => other,
        (Rows::Some(mut a), Rows::Some(b)) => {
            a.intersect(&b);
            Rows::from_bitmap(a, rows)
        }
    }
}

/// The rows of either set.
pub fn union(a: Rows, b: Rows, rows: usize) -> Rows {
    match (a, b) {
        (Rows::All, _) | (_, Rows::All) => Rows::All,
        (Rows::None, other) | (other, Rows::None) => other,
        (Rows::Some(mut a), Rows::Some(b)) => {
            a.unite(&b);
            Rows::from_bitmap(a, rows)
        }
    }
}

/// The rows of `a` that are not in `b`.
pub fn difference(a: Rows, b: &Rows, rows: usize) -> Rows {
    let mut left = match (a, b) {
        (Rows::None, _) | (_, Rows::All) => return Rows::None,
        (a, Rows::None) => return a,
        (Rows::All, Rows::Some(_)) => Bitmap::full(rows),
        (Rows::Some(a), Rows::Some(_)) => a,
    };
    if let Rows::Some(b) = b {
        left.subtract(b);
    }
    Rows::from_bitmap(left, rows)
}

/// The rows of `candidates` for which `test` holds; it is called for no other.
pub fn filtered(candidates: &Rows, rows: usize, test: impl FnMut(usize) -> bool) -> Rows {
    let passed = match candidates {
        Rows::None => return Rows::None,
        Rows::All => Bitmap::from_test(rows, test),
        Rows::Some(some) => some.filtered(test),
    };
    Rows::from_bitmap(passed, rows)
}

/// All rows or none.
pub const fn all_if(holds: bool) -> Rows {
    if holds { Rows::All } else { Rows::None }
}
