//! L0: days of the calendar, moments and sizes as people write them; all in UTC.

mod date;

use chrono::{DateTime, Utc};

use crate::record::{Precision, Timestamp};

pub use date::Date;

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(time.0)
}

/// `2025-08-05`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    utc(time).format("%Y-%m-%d").to_string()
}

/// `00:39:12`, with as many digits after the point as the precision has.
#[must_use]
pub fn time_of_day(time: Timestamp, precision: Precision) -> String {
    let format = match precision {
        Precision::Second => "%H:%M:%S",
        Precision::Millisecond => "%H:%M:%S%.3f",
        Precision::Microsecond => "%H:%M:%S%.6f",
        Precision::Nanosecond => "%H:%M:%S%.9f",
    };
    utc(time).format(format).to_string()
}

/// `2025-08-05T00:39:12Z` (RFC 3339), with as many digits after the point as the precision has.
#[must_use]
pub fn rfc3339(time: Timestamp, precision: Precision) -> String {
    format!("{}T{}Z", date(time), time_of_day(time, precision))
}

/// A number of bytes in at most four digits and a unit: `999 B`, `1.2 kB`, `34 MB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let mut scaled = count as f64 / 1_000.0;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1_000.0;
        unit += 1;
    }
    if scaled < 9.95 { format!("{scaled:.1} {}", UNITS[unit]) } else { format!("{scaled:.0} {}", UNITS[unit]) }
}

/// Columns that [`time_of_day`] takes.
#[must_use]
pub const fn width(precision: Precision) -> usize {
    match precision.digits() {
        0 => 8,
        digits => 9 + digits,
    }
}

/// A duration with its sign, in the two largest units that say something: `+0.123s`, `-2m05s`, `+3d04h`.
#[must_use]
pub fn delta(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { '-' } else { '+' };
    let milliseconds = nanoseconds.unsigned_abs() / 1_000_000;
    let seconds = milliseconds / 1_000;
    match seconds {
        0..60 => format!("{sign}{seconds}.{:03}s", milliseconds % 1_000),
        60..3_600 => format!("{sign}{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{sign}{}h{:02}m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{sign}{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_show_the_digits_they_have() {
        let moment = Timestamp(1_754_354_340_123_456_789);
        assert_eq!(rfc3339(moment, Precision::Second), "2025-08-05T00:39:00Z");
        assert_eq!(time_of_day(moment, Precision::Millisecond), "00:39:00.123");
        assert_eq!(time_of_day(moment, Precision::Nanosecond), "00:39:00.123456789");
    }

    #[test]
    fn the_ends_of_time_can_be_shown() {
        assert_eq!(date(Timestamp::MIN), "1677-09-21");
        assert_eq!(date(Timestamp::MAX), "2262-04-11");
    }

    #[test]
    fn times_are_as_wide_as_told() {
        for precision in [Precision::Second, Precision::Millisecond, Precision::Microsecond, Precision::Nanosecond] {
            assert_eq!(time_of_day(Timestamp(0), precision).len(), width(precision));
        }
    }

    #[test]
    fn durations_use_two_units() {
        let second = 1_000_000_000;
        assert_eq!(delta(123_456_789), "+0.123s");
        assert_eq!(delta(-125 * second), "-2m05s");
        assert_eq!(delta(7_260 * second), "+2h01m");
        assert_eq!(delta(i64::MIN), "-106751d23h");
    }

    #[test]
    fn sizes_stay_short() {
        let shown = [0, 999, 1_000, 9_949, 9_951, 999_499, 999_500, u64::MAX].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "18 EB"]);
    }
}
