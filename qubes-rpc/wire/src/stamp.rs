//! Times as text: RFC 3339 in UTC with microseconds, and the compact form that names segments. Both sort as text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Length of `2026-11-21T03:54:36.123456Z`.
pub const RFC3339_LEN: usize = 27;
/// Length of `20261121T035436.123456Z`.
pub const COMPACT_LEN: usize = 23;

const MICROS_A_DAY: u64 = 86_400_000_000;
/// The last microsecond of the year 9999: later times do not fit the four digits.
const LAST: u64 = 253_402_300_799_999_999;

const RFC3339: &[u8; RFC3339_LEN] = b"YYYY-mm-ddTHH:MM:SS.ffffffZ";
const COMPACT: &[u8; COMPACT_LEN] = b"YYYYmmddTHHMMSS.ffffffZ";

/// Microseconds since 1970; a time before 1970 counts as 1970, one after 9999 as its last microsecond.
pub fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(LAST).min(LAST)
}

/// The time that is `micros` microseconds after 1970.
pub fn from_micros(micros: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros.min(LAST))
}

/// `time` as `2026-11-21T03:54:36.123456Z`.
pub fn rfc3339_micros(time: SystemTime) -> [u8; RFC3339_LEN] {
    fill(RFC3339, micros(time))
}

/// The time that [`rfc3339_micros`] wrote; `None` for any other form.
pub fn parse(text: &[u8]) -> Option<SystemTime> {
    read(RFC3339, text)
}

/// `time` as `20261121T035436.123456Z`, the form in names of segments.
pub fn compact(time: SystemTime) -> [u8; COMPACT_LEN] {
    fill(COMPACT, micros(time))
}

/// The time that [`compact`] wrote; `None` for any other form.
pub fn parse_compact(text: &[u8]) -> Option<SystemTime> {
    read(COMPACT, text)
}

/// Year, month, day, hour, minute, second, microsecond, in the letters of the templates.
const LETTERS: &[u8; 7] = b"YmdHMSf";

/// `template` with every letter replaced by a digit of its field.
fn fill<const N: usize>(template: &[u8; N], micros: u64) -> [u8; N] {
    let mut fields = fields(micros);
    let mut out = *template;
    // From the right, so that each letter takes the lowest digit that its field has left.
    for byte in out.iter_mut().rev() {
        if let Some(field) = field_of(*byte).and_then(|index| fields.get_mut(index)) {
            *byte = b'0' + (*field % 10) as u8;
            *field /= 10;
        }
    }
    out
}

/// The time in `text`, which must have the form of `template` and be a time that exists.
fn read<const N: usize>(template: &[u8; N], text: &[u8]) -> Option<SystemTime> {
    let text: &[u8; N] = text.try_into().ok()?;
    let mut fields = [0_u64; 7];
    for (&form, &byte) in template.iter().zip(text) {
        match field_of(form).and_then(|index| fields.get_mut(index)) {
            Some(field) if byte.is_ascii_digit() => *field = *field * 10 + u64::from(byte - b'0'),
            None if form == byte => {}
            _ => return None,
        }
    }
    let micros = micros_of(fields)?;
    // 31 April and 24:00 have no fields of their own: what does not come back as it was does not exist.
    (fill(template, micros) == *text).then(|| from_micros(micros))
}

fn field_of(letter: u8) -> Option<usize> {
    LETTERS.iter().position(|&known| known == letter)
}

fn fields(micros: u64) -> [u64; 7] {
    let (days, rest) = (micros / MICROS_A_DAY, micros % MICROS_A_DAY);
    let (year, month, day) = civil(days);
    let seconds = rest / 1_000_000;
    [year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60, rest % 1_000_000]
}

fn micros_of([year, month, day, hour, minute, second, micro]: [u64; 7]) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second;
    Some(days_since_1970(year, month, day) * MICROS_A_DAY + seconds * 1_000_000 + micro)
}

/// Days since 1970 to year, month, day: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for days that
/// are not negative. Years begin in March there, so that the leap day is the last of its year.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`].
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times as `date -u -d @SECONDS +%FT%T` gives them.
    const KNOWN: [(u64, &str); 6] = [
        (0, "1970-01-01T00:00:00"),
        (951_782_400, "2000-02-29T00:00:00"),
        (4_107_542_399, "2100-02-28T23:59:59"),
        (4_107_542_400, "2100-03-01T00:00:00"),
        (1_795_233_276, "2026-11-21T03:54:36"),
        (253_402_300_799, "9999-12-31T23:59:59"),
    ];

    #[test]
    fn times_are_written_as_date_writes_them() {
        for (seconds, text) in KNOWN {
            let time = UNIX_EPOCH + Duration::from_micros(seconds * 1_000_000 + 123_456);
            let written = rfc3339_micros(time);
            assert_eq!(std::str::from_utf8(&written).unwrap(), format!("{text}.123456Z"));
            assert_eq!(parse(&written), Some(time));
            assert_eq!(parse_compact(&compact(time)), Some(time));
        }
        assert_eq!(&compact(from_micros(1_795_233_276_000_001)), b"20261121T035436.000001Z");
    }

    #[test]
    fn every_day_comes_back() {
        for day in 0..500 * 366 {
            let time = from_micros(day * MICROS_A_DAY + 1);
            assert_eq!(parse(&rfc3339_micros(time)), Some(time), "day {day}");
        }
    }

    #[test]
    fn times_out_of_range_are_clamped() {
        assert_eq!(&rfc3339_micros(UNIX_EPOCH - Duration::from_secs(1)), b"1970-01-01T00:00:00.000000Z");
        assert_eq!(&rfc3339_micros(from_micros(u64::MAX)), b"9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for text in [
            "",
            "2026-11-21T03:54:36.123456",
            "2026-11-21 03:54:36.123456Z",
            "2026-02-29T00:00:00.000000Z",
            "2026-13-01T00:00:00.000000Z",
            "2026-00-01T00:00:00.000000Z",
            "2026-01-00T00:00:00.000000Z",
            "2026-01-01T24:00:00.000000Z",
            "2026-01-01T00:60:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "0000-01-01T00:00:00.000000Z",
            "2026-01-01T00:00:+0.000000Z",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
