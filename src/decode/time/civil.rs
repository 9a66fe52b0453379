//! The proleptic Gregorian calendar in days since 1970-01-01.

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

    /// The first `YYYY-MM-DD` or `YYYYMMDD` in a path or name that is a date of the years 1970 to 2261.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let digits_around = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        (0..text.len()).find_map(|start| {
            let (date, length) = Self::at(text.as_bytes().get(start..)?)?;
            let alone = !(start > 0 && digits_around(start - 1)) && (length == 10 || !digits_around(start + 14));
            (alone && (1970..=2261).contains(&date.year)).then_some(date)
        })
    }

    fn at(bytes: &[u8]) -> Option<(Self, usize)> {
        let number =
            |digits: &[u8]| digits.iter().try_fold(0, |n, d| d.is_ascii_digit().then(|| n * 10 + i32::from(d - b'0')));
        let (parts, length) = match bytes {
            [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, ..] => ([*y0, *y1, *y2, *y3, *m0, *m1, *d0, *d1], 10),
            [y0, y1, y2, y3, m0, m1, d0, d1, ..] => ([*y0, *y1, *y2, *y3, *m0, *m1, *d0, *d1], 8),
            _ => return None,
        };
        let [year, month, day] = [number(&parts[..4])?, number(&parts[4..6])?, number(&parts[6..])?];
        Some((Self::new(year, month as u8, day as u8)?, length))
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// Days since 1970-01-01; negative before.
    #[must_use]
    pub fn days(self) -> i64 {
        days(self.year, self.month, self.day)
    }

    /// The year that a day is in, for days that a [`crate::record::Timestamp`] can be in.
    pub(super) fn year_of(days: i64) -> i32 {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let after_december = i64::from(day_of_year >= 306);
        (era * 400 + year_of_era + after_december) as i32
    }
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
        fn years_agree_with_chrono(days in -150_000..150_000_i64) {
            let date = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(0) + chrono::Duration::days(days);
            prop_assert_eq!(Date::year_of(days), date.year());
        }
    }

    #[test]
    fn dates_are_found_in_paths() {
        let date = |year, month, day| Date::new(year, month, day);
        assert_eq!(Date::find("NetLogs/sys-net/2025-08-28/nft-2025-08-28.log.gz"), date(2025, 8, 28));
        assert_eq!(Date::find("boot.log-20230411"), date(2023, 4, 11));
        assert_eq!(Date::find("netpcap/pcap-20250805185404.pcap"), date(2025, 8, 5));
        assert_eq!(Date::find("sys-firewall/1754420042.log"), None);
        assert_eq!(Date::find("12025-08-28 2025-13-01 é2024-02-29"), date(2024, 2, 29));
    }
}
