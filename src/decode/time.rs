//! The times that logs write: fixed forms, read by position, with nothing allocated.
//!
//! Forms: RFC 3339 and journalctl's `short-iso`; `date`'s default output; RFC 3164 (no year, no zone); journalctl's
//! `short-full` and `short-unix`; and `YYYY-MM-DD HH:MM:SS` of application logs. What is not written (year, zone) is
//! inferred from [`Hints`] and marked so.

mod forms;
mod year;

use crate::civil::Date;
use crate::record::{Precision, Time, Timestamp};

/// What is known about the times of a source from outside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// A date that the source's path names, near which its lines are.
    pub date: Option<Date>,
    /// When the source was last written: its lines are not later.
    pub modified: Option<Timestamp>,
    /// Seconds east of UTC that a time without a zone is in.
    pub zone_offset_seconds: i32,
}

/// How a time was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 3339, also with a zone such as `+0000` or none.
    Rfc3339,
    /// `date`'s output, such as `Tue Aug  5 18:54:06 UTC 2025`.
    Date,
    /// RFC 3164, such as `Aug  5 18:54:07`, also with a fraction.
    Syslog,
    /// journalctl's `short-full`, such as `Tue 2025-08-05 18:54:07 UTC`.
    ShortFull,
    /// journalctl's `short-unix`, such as `1754420047.123456`.
    Unix,
    /// `YYYY-MM-DD HH:MM:SS`, as applications write it.
    Plain,
}

/// A time at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time.
    pub time: Time,
    /// How it was written.
    pub form: Form,
    /// How many bytes it takes.
    pub length: usize,
}

/// Reads the time that `line` starts with. A year that is not written is taken near `received`, where that is known,
/// else from the hints; without any of these such a time cannot be told.
#[must_use]
pub fn parse(line: &[u8], hints: &Hints, received: Option<Timestamp>) -> Option<Stamp> {
    let (written, rest) = forms::read(line)?;
    let length = line.len() - rest.len();
    Some(Stamp { time: written.resolve(hints, received)?, form: written.form, length })
}

/// A time as written, before year and zone are settled.
#[derive(Clone, Copy, Debug)]
struct Written {
    form: Form,
    day: Day,
    second_of_day: i64,
    nanoseconds: u32,
    precision: Precision,
    zone: Zone,
}

#[derive(Clone, Copy, Debug)]
enum Day {
    /// Days since 1970-01-01.
    Known(i64),
    /// Month and day of a year that was not written.
    OfSomeYear(u8, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    /// Seconds east of UTC.
    Offset(i32),
    /// Not written, or by a name that does not tell its offset.
    Unknown,
}

impl Written {
    fn resolve(&self, hints: &Hints, received: Option<Timestamp>) -> Option<Time> {
        let (offset, zone_inferred) = match self.zone {
            Zone::Offset(seconds) => (seconds, false),
            Zone::Unknown => (hints.zone_offset_seconds, true),
        };
        let second_of_day = self.second_of_day - i64::from(offset);
        let (days, year_inferred) = match self.day {
            Day::Known(days) => (days, false),
            Day::OfSomeYear(month, day) => (year::days(month, day, second_of_day, hints, received)?, true),
        };
        let nanoseconds = (days * 86_400 + second_of_day).checked_mul(1_000_000_000)?;
        let at = Timestamp(nanoseconds.checked_add(i64::from(self.nanoseconds))?);
        Some(Time { at, precision: self.precision, inferred: zone_inferred || year_inferred })
    }
}

#[cfg(test)]
mod tests;
