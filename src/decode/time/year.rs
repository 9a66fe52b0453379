//! Which year a line that names none was written in.

use super::Hints;
use crate::civil::Date;
use crate::record::Timestamp;

const DAY: i64 = 86_400;
/// Half of a mean Gregorian year, in seconds.
const HALF_YEAR: i64 = 15_778_476;
/// Between two leap days lie at most this many years (1896 and 1904).
const LEAP_GAP: i32 = 8;

/// Days since 1970 of the `month` and `day` whose second (in UTC, counted from the day's local midnight) fits best:
/// nearest to `received`; else nearest to the date in the path; else the latest that is not after the last change,
/// with a day to spare for wrong clocks and zones.
pub(super) fn days(month: u8, day: u8, second_of_day: i64, hints: &Hints, received: Option<Timestamp>) -> Option<i64> {
    let near = received.map(seconds).or_else(|| hints.date.map(|date| date.days() * DAY + DAY / 2));
    let latest = match near {
        Some(near) => near + HALF_YEAR,
        None => seconds(hints.modified?) + DAY,
    };
    let year = year_of(latest);
    let not_after = |year: &i32| {
        let days = Date::new(*year, month, day)?.days();
        (days * DAY + second_of_day <= latest).then_some(days)
    };
    let before = (0..=LEAP_GAP).find_map(|back| not_after(&(year - back)));
    match near {
        Some(near) if month == 2 && day == 29 => nearest_leap_day(near, second_of_day),
        _ => before,
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000_000_000)
}

fn year_of(second: i64) -> i32 {
    Date::of(Timestamp::from_parts(second, 0)).year()
}

fn nearest_leap_day(near: i64, second_of_day: i64) -> Option<i64> {
    let year = year_of(near);
    let leap_days = (year - LEAP_GAP..=year + LEAP_GAP).filter_map(|year| Some(Date::new(year, 2, 29)?.days()));
    leap_days.min_by_key(|days| (days * DAY + second_of_day - near).abs())
}
