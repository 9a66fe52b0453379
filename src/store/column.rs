//! Compact columns: one value for all rows where that is enough, small deltas where times are near each other.

use crate::record::Timestamp;

/// A value a row; stored once when all rows have the same.
#[derive(Clone, Debug)]
pub enum Column<T> {
    /// Every row has this value.
    Uniform(T),
    /// A value for each row.
    Each(Box<[T]>),
}

impl<T: Copy + PartialEq> Column<T> {
    /// Keeps `values` as small as it can.
    #[must_use]
    pub fn from_values(values: Vec<T>) -> Self {
        match values.first() {
            Some(&first) if values.iter().all(|v| *v == first) => Self::Uniform(first),
            _ => Self::Each(values.into_boxed_slice()),
        }
    }

    /// The value of `row`.
    #[must_use]
    pub fn get(&self, row: usize) -> T {
        match self {
            Self::Uniform(value) => *value,
            Self::Each(values) => values[row],
        }
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Uniform(_) => 0,
            Self::Each(values) => size_of_val::<[T]>(values),
        }
    }
}

/// Times of the rows of a segment, some of which may be missing: a base and 32-bit deltas in the coarsest unit that
/// loses nothing, or the plain times where that does not fit.
#[derive(Clone, Debug)]
pub enum TimeColumn {
    /// `base + delta × unit` nanoseconds; [`MISSING_DELTA`] where there is none.
    Deltas {
        /// Smallest time.
        base: i64,
        /// Nanoseconds per step.
        unit: i64,
        /// Steps above the base.
        deltas: Box<[u32]>,
    },
    /// Nanoseconds; [`MISSING_TIME`] where there is none.
    Plain(Box<[i64]>),
}

/// A delta that stands for "no time".
pub const MISSING_DELTA: u32 = u32::MAX;
/// A time that stands for "no time"; [`Timestamp::MIN`] is above it.
pub const MISSING_TIME: i64 = i64::MIN;

const UNITS: [i64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

impl TimeColumn {
    /// Packs times in nanoseconds, with [`MISSING_TIME`] for none.
    #[must_use]
    pub fn from_nanoseconds(times: Vec<i64>) -> Self {
        let present = || times.iter().copied().filter(|t| *t != MISSING_TIME);
        let base = present().min().unwrap_or(0);
        let top = present().max().unwrap_or(0);
        for unit in UNITS {
            let span = top.checked_sub(base).map(|span| span / unit);
            let fits = span.is_some_and(|span| span < i64::from(MISSING_DELTA));
            if fits && present().all(|t| (t - base) % unit == 0) {
                let delta = |t: &i64| match *t {
                    MISSING_TIME => MISSING_DELTA,
                    t => u32::try_from((t - base) / unit).unwrap_or(MISSING_DELTA),
                };
                return Self::Deltas { base, unit, deltas: times.iter().map(delta).collect() };
            }
        }
        Self::Plain(times.into_boxed_slice())
    }

    /// The time of `row`, if it has one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Timestamp> {
        match self {
            Self::Deltas { base, unit, deltas } => match deltas[row] {
                MISSING_DELTA => None,
                delta => Some(Timestamp(base + i64::from(delta) * unit)),
            },
            Self::Plain(times) => match times[row] {
                MISSING_TIME => None,
                time => Some(Timestamp(time)),
            },
        }
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Deltas { deltas, .. } => size_of_val::<[u32]>(deltas),
            Self::Plain(times) => size_of_val::<[i64]>(times),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times() -> impl Strategy<Value = Vec<i64>> {
        let any_time = prop_oneof![
            Just(MISSING_TIME),
            Just(i64::MAX),
            Just(i64::MIN + 1),
            any::<i64>(),
            (0..100_000i64).prop_map(|s| s * 1_000_000_000),
            (0..100_000i64).prop_map(|s| 1_700_000_000_000_000_000 + s * 1_000),
        ];
        prop::collection::vec(any_time, 0..50)
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(times in times()) {
            let column = TimeColumn::from_nanoseconds(times.clone());
            for (row, time) in times.iter().enumerate() {
                let expected = (*time != MISSING_TIME).then_some(Timestamp(*time));
                prop_assert_eq!(column.get(row), expected);
            }
        }
    }

    #[test]
    fn whole_seconds_of_a_day_take_four_bytes() {
        let column = TimeColumn::from_nanoseconds((0..86_400).map(|s| s * 1_000_000_000).collect());
        assert_eq!(column.heap_bytes(), 4 * 86_400);
    }
}
