//! Compact columns: one value for all rows where that is enough, narrow numbers where values are near each other.

mod narrow;
mod time;

pub use narrow::{Indices, Offsets};
pub use time::{MISSING_TIME, TimeColumn};

/// A value a row; stored once when all rows have the same.
#[derive(Clone, Debug)]
pub enum Column<T> {
    /// Every row has this value.
    Uniform(T),
    /// A value for each row.
    Each(Box<[T]>),
}

impl<T: Copy> Column<T> {
    /// The value of `row`.
    #[must_use]
    pub fn get(&self, row: usize) -> T {
        match self {
            Self::Uniform(value) => *value,
            Self::Each(values) => values[row],
        }
    }
}

/// Collects a column; takes no memory for as long as all values are the same.
#[derive(Clone, Debug)]
pub struct ColumnBuilder<T> {
    rows: usize,
    first: Option<T>,
    /// All values, once there are different ones; keeps its memory from one column to the next.
    values: Vec<T>,
}

impl<T> Default for ColumnBuilder<T> {
    fn default() -> Self {
        Self { rows: 0, first: None, values: Vec::new() }
    }
}

impl<T: Copy + PartialEq> ColumnBuilder<T> {
    /// Adds the value of the next row.
    pub fn push(&mut self, value: T) {
        if !self.values.is_empty() {
            self.values.push(value);
        } else if value != *self.first.get_or_insert(value) {
            self.spread();
            self.values.push(value);
        }
        self.rows += 1;
    }

    /// Adds the values of all rows of `other`.
    pub fn append(&mut self, other: &Self) {
        let Some(first) = other.first else { return };
        let same_first = first == *self.first.get_or_insert(first);
        if !(same_first && self.values.is_empty() && other.values.is_empty()) {
            self.spread();
            self.values.extend_from_slice(&other.values);
            self.values.resize(self.rows + other.rows, first);
        }
        self.rows += other.rows;
    }

    /// The column so far; starts another one.
    pub fn finish(&mut self) -> Option<Column<T>> {
        let first = self.first?;
        let column =
            if self.values.is_empty() { Column::Uniform(first) } else { Column::Each(self.values.as_slice().into()) };
        self.clear();
        Some(column)
    }

    /// Starts another column.
    pub fn clear(&mut self) {
        (self.rows, self.first) = (0, None);
        self.values.clear();
    }

    fn spread(&mut self) {
        if let Some(first) = self.first {
            self.values.resize(self.rows, first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_built_column_has_the_values_that_came(parts in prop::collection::vec(prop::collection::vec(0..3u8, 0..5), 0..6)) {
            let mut builder = ColumnBuilder::default();
            for (number, part) in parts.iter().enumerate() {
                let mut other = ColumnBuilder::default();
                let target = if number % 2 == 0 { &mut builder } else { &mut other };
                part.iter().for_each(|value| target.push(*value));
                builder.append(&other);
            }
            let values = parts.concat();
            let column = builder.finish();
            prop_assert_eq!(column.is_some(), !values.is_empty());
            for (row, value) in values.iter().enumerate() {
                prop_assert_eq!(column.as_ref().map(|column| column.get(row)), Some(*value));
            }
            prop_assert!(builder.finish().is_none());
        }
    }
}
