//! The proleptic Gregorian calendar in days since 1970-01-01.

use crate::record::Timestamp;

/// A day of the calendar that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// A date; `None` when the calendar has no such day, or the year is not within 0 to 9999.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let exists = (0..=9999).contains(&year) && day >= 1 && day <= days_in_month(year, month);
        exists.then_some(Self { year, month, day })
    }

    /// The day in UTC of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        let shifted = moment.0.div_euclid(86_400_000_000_000) + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let (year_of_era, day_of_year) = year_and_day(of_era);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self { year: (era * 400 + year_of_era) as i32 + i32::from(month <= 2), month: month as u8, day: day as u8 }
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01; negative before.
    #[must_use]
    pub fn days(self) -> i64 {
        days(self.year, self.month, self.day)
    }
}

/// Year of a cycle of 400 years and day of that year, both counted from March, of a day of the cycle.
const fn year_and_day(day_of_cycle: i64) -> (i64, i64) {
    let year = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    (year, day_of_cycle - (365 * year + year / 4 - year / 100))
}

/// Days from 1970-01-01 to a date, by counting years from March ("chrono-Compatible Low-Level Date Algorithms",
/// H. Hinnant).
fn days(year: i32, month: u8, day: u8) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_chrono(year in -5..10_005, month in 0..14_u8, day in 0..33_u8) {
            let date = Date::new(year, month, day);
            let other = NaiveDate::from_ymd_opt(year, month.into(), day.into()).filter(|_| (0..=9999).contains(&year));
            prop_assert_eq!(date.is_some(), other.is_some());
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
            prop_assert_eq!(date.map(Date::days), other.map(|o| o.signed_duration_since(epoch).num_days()));
        }

        #[test]
        fn days_of_moments_agree_with_chrono(nanoseconds in any::<i64>()) {
            let date = Date::of(Timestamp(nanoseconds));
            let other = chrono::DateTime::from_timestamp_nanos(nanoseconds).date_naive();
            let parts = (date.year, u32::from(date.month), u32::from(date.day));
            prop_assert_eq!(parts, (other.year(), other.month(), other.day()));
        }
    }
}
