//! Times, some of which may be missing.

use super::narrow::STRIDE;
use crate::record::Timestamp;

/// A time that stands for "no time"; [`Timestamp::MIN`] is above it.
pub const MISSING_TIME: i64 = i64::MIN;

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;
const MICROSECOND: i64 = 1_000;
const NANOSECOND: i64 = 1;

/// Times of the rows of a segment: a base for 64 rows each, and steps above it in the coarsest unit that loses nothing;
/// or the plain times where that does not fit.
#[derive(Clone, Debug)]
pub enum TimeColumn {
    /// `base + step × unit` nanoseconds.
    Steps {
        /// Nanoseconds per step.
        unit: i64,
        /// The smallest time of each 64 rows.
        bases: Box<[i64]>,
        /// Steps above the base; the largest value where there is no time.
        steps: Steps,
    },
    /// Nanoseconds; [`MISSING_TIME`] where there is none.
    Plain(Box<[i64]>),
}

/// Steps above a base.
#[derive(Clone, Debug)]
pub enum Steps {
    /// Two bytes each.
    Short(Box<[u16]>),
    /// Four bytes each.
    Long(Box<[u32]>),
}

impl TimeColumn {
    /// Packs times in nanoseconds, with [`MISSING_TIME`] for none.
    #[must_use]
    pub fn from_nanoseconds(times: &[i64]) -> Self {
        steps::<SECOND>(times)
            .or_else(|| steps::<MILLISECOND>(times))
            .or_else(|| steps::<MICROSECOND>(times))
            .or_else(|| steps::<NANOSECOND>(times))
            .unwrap_or_else(|| Self::Plain(times.into()))
    }

    /// The time of `row`, if it has one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Timestamp> {
        let (unit, base, step) = match self {
            Self::Plain(times) => return Some(Timestamp(times[row])).filter(|time| time.0 != MISSING_TIME),
            Self::Steps { unit, bases, steps } => (unit, bases[row / STRIDE], steps.get(row)?),
        };
        Some(Timestamp(base + i64::from(step) * unit))
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Steps { bases, steps: Steps::Short(steps), .. } => size_of_val(&**bases) + size_of_val(&**steps),
            Self::Steps { bases, steps: Steps::Long(steps), .. } => size_of_val(&**bases) + size_of_val(&**steps),
            Self::Plain(times) => size_of_val(&**times),
        }
    }
}

impl Steps {
    fn new(steps: Vec<u32>) -> Self {
        let short = |step: &u32| *step < u32::from(u16::MAX) || *step == u32::MAX;
        if steps.iter().all(short) {
            Self::Short(steps.iter().map(|step| *step as u16).collect())
        } else {
            Self::Long(steps.into_boxed_slice())
        }
    }

    fn get(&self, row: usize) -> Option<u32> {
        match self {
            Self::Short(steps) => Some(steps[row]).filter(|step| *step != u16::MAX).map(u32::from),
            Self::Long(steps) => Some(steps[row]).filter(|step| *step != u32::MAX),
        }
    }
}

/// Times as steps of `UNIT` nanoseconds, if they are such.
fn steps<const UNIT: i64>(times: &[i64]) -> Option<TimeColumn> {
    let mut bases = Vec::with_capacity(times.len().div_ceil(STRIDE));
    let mut steps = Vec::with_capacity(times.len());
    for rows in times.chunks(STRIDE) {
        let base = rows.iter().copied().filter(|time| *time != MISSING_TIME).min().unwrap_or(0);
        bases.push(base);
        for time in rows {
            steps.push(if *time == MISSING_TIME { u32::MAX } else { step::<UNIT>(base, *time)? });
        }
    }
    Some(TimeColumn::Steps { unit: UNIT, bases: bases.into_boxed_slice(), steps: Steps::new(steps) })
}

fn step<const UNIT: i64>(base: i64, time: i64) -> Option<u32> {
    let above = time.checked_sub(base)?;
    let step = u32::try_from(above / UNIT).ok()?;
    (above % UNIT == 0 && step != u32::MAX).then_some(step)
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
        let near_times = (0..70_000i64).prop_map(|s| if s == 0 { MISSING_TIME } else { s * 1_000_000 });
        prop_oneof![prop::collection::vec(any_time, 0..50), prop::collection::vec(near_times, 0..200)]
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(times in times()) {
            let column = TimeColumn::from_nanoseconds(&times);
            for (row, time) in times.iter().enumerate() {
                let expected = (*time != MISSING_TIME).then_some(Timestamp(*time));
                prop_assert_eq!(column.get(row), expected);
            }
        }
    }

    #[test]
    fn a_day_of_lines_takes_two_bytes_a_time_in_seconds_and_four_in_microseconds() {
        let day = |unit: i64| TimeColumn::from_nanoseconds(&(0..86_400).map(|s| s * unit).collect::<Vec<i64>>());
        let bases = 8 * 86_400 / STRIDE;
        assert_eq!(day(1_000_000_000).heap_bytes(), 2 * 86_400 + bases);
        assert_eq!(day(999_999_000).heap_bytes(), 4 * 86_400 + bases);
    }
}
