//! Sets of rows of a segment: what a filter or a search selects.

use super::segment::SEGMENT_ROWS;

const WORDS: usize = SEGMENT_ROWS / 64;

/// A set of rows of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    words: Box<[u64]>,
}

impl Bitmap {
    /// No row of a segment of `rows` rows.
    #[must_use]
    pub fn empty(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64).min(WORDS)].into_boxed_slice() }
    }

    /// All rows of a segment of `rows` rows.
    #[must_use]
    pub fn full(rows: usize) -> Self {
        let mut all = Self { words: vec![u64::MAX; rows.div_ceil(64).min(WORDS)].into_boxed_slice() };
        if let (Some(last), used @ 1..) = (all.words.last_mut(), rows % 64) {
            *last = (1 << used) - 1;
        }
        all
    }

    /// The rows for which `test` holds, of a segment of `rows` rows.
    #[must_use]
    pub fn from_test(rows: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut set = Self::empty(rows);
        for (index, word) in set.words.iter_mut().enumerate() {
            let start = index * 64;
            for bit in 0..64.min(rows - start) {
                *word |= u64::from(test(start + bit)) << bit;
            }
        }
        set
    }

    /// The rows of this set for which `test` holds; `test` is called for no other.
    #[must_use]
    pub fn filtered(&self, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut set = self.clone();
        for row in self.iter() {
            if !test(row) {
                set.remove(row);
            }
        }
        set
    }

    /// Adds `row`.
    pub fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Removes `row`.
    pub fn remove(&mut self, row: usize) {
        self.words[row / 64] &= !(1 << (row % 64));
    }

    /// Whether `row` is in the set.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many rows are in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many rows below `row` are in the set.
    #[must_use]
    pub fn count_below(&self, row: usize) -> usize {
        let whole: usize = self.words.iter().take(row / 64).map(|word| word.count_ones() as usize).sum();
        let rest = self.words.get(row / 64).map_or(0, |word| word & ((1 << (row % 64)) - 1));
        whole + rest.count_ones() as usize
    }

    /// Whether no row is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The rows, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| index * 64 + rest.trailing_zeros() as usize)
        })
    }

    /// Keeps the rows that are in `other` too.
    pub fn intersect(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    /// Adds the rows of `other`.
    pub fn unite(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// Removes the rows of `other`.
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.words.len() * 8
    }
}

/// A set of rows of one segment, without a bitmap where all or none are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// No row.
    None,
    /// Every row.
    All,
    /// These rows.
    Some(Bitmap),
}

impl Rows {
    /// Simplifies a set over a segment of `rows` rows.
    #[must_use]
    pub fn from_bitmap(bitmap: Bitmap, rows: usize) -> Self {
        match bitmap.count() {
            0 => Self::None,
            n if n == rows => Self::All,
            _ => Self::Some(bitmap),
        }
    }

    /// Whether `row` is in the set.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(bitmap) => bitmap.contains(row),
        }
    }

    /// How many of the `rows` rows of the segment are in the set.
    #[must_use]
    pub fn count(&self, rows: usize) -> usize {
        match self {
            Self::None => 0,
            Self::All => rows,
            Self::Some(bitmap) => bitmap.count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn sets_behave_as_sets(rows in 1..300usize, a in prop::collection::btree_set(0..300usize, 0..40),
                               b in prop::collection::btree_set(0..300usize, 0..40)) {
            let clip = |s: &BTreeSet<usize>| s.iter().copied().filter(|r| *r < rows).collect::<BTreeSet<_>>();
            let (a, b) = (clip(&a), clip(&b));
            let left = Bitmap::from_test(rows, |r| a.contains(&r));
            let right = Bitmap::from_test(rows, |r| b.contains(&r));
            let set = |m: &Bitmap| m.iter().collect::<BTreeSet<_>>();
            prop_assert_eq!(left.count(), a.len());
            let mut both = left.clone();
            both.intersect(&right);
            prop_assert_eq!(set(&both), a.intersection(&b).copied().collect());
            let mut either = left.clone();
            either.unite(&right);
            prop_assert_eq!(set(&either), a.union(&b).copied().collect());
            let mut rest = Bitmap::full(rows);
            rest.subtract(&right);
            prop_assert_eq!(set(&rest), (0..rows).filter(|r| !b.contains(r)).collect());
        }
    }
}
