//! Times as a user types them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::record::Timestamp;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads a time to go to: a time of day (`00:39`, `18:54:10.5`), a distance (`+5s`, `-15m`, `+500ms`), a date
/// (`2025-08-05`) or both (`2025-08-05 18:54:10`). A time of day is that of the cursor's day, or of the first day
/// that has it within `span`. All times are UTC.
///
/// # Errors
/// When the text is no such time, or one before 1677 or after 2262; the message says what was expected.
pub fn parse(text: &str, cursor: Timestamp, span: (Timestamp, Timestamp)) -> Result<Timestamp, String> {
    let text = text.trim();
    if text.starts_with(['+', '-']) {
        return distance(text).map(|nanoseconds| cursor.offset(nanoseconds));
    }
    let plain = text.trim_end_matches('Z').replace('T', " ");
    if let Some(time) = time_of_day(&plain) {
        return Ok(nearest_day(time, cursor, span));
    }
    date_and_time(&plain).ok_or_else(|| "expected a time like 00:39, 18:54:10.5, +5s, -15m or 2025-08-05 00:39".into())
}

/// Nanoseconds of a signed distance.
fn distance(text: &str) -> Result<i64, String> {
    let digits = text.trim_start_matches(['+', '-']);
    let split = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (number, unit) = digits.split_at(split);
    let unit = match unit.trim() {
        "ms" => 1e6,
        "" | "s" => 1e9,
        "m" | "min" => 60e9,
        "h" => 3_600e9,
        "d" => 86_400e9,
        other => return Err(format!("unknown unit {other:?}: expected ms, s, m, h or d")),
    };
    let number: f64 = number.parse().map_err(|_| "expected a number after the sign".to_owned())?;
    let nanoseconds = (number * unit).round() as i64;
    Ok(if text.starts_with('-') { nanoseconds.saturating_neg() } else { nanoseconds })
}

/// Nanoseconds since midnight.
fn time_of_day(text: &str) -> Option<i64> {
    let formats = ["%H:%M:%S%.f", "%H:%M:%S", "%H:%M"];
    let time = formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
    Some(time.signed_duration_since(NaiveTime::MIN).num_nanoseconds()?.clamp(0, DAY - 1))
}

fn nearest_day(time: i64, cursor: Timestamp, span: (Timestamp, Timestamp)) -> Timestamp {
    let on_day_of = |at: Timestamp| Timestamp((at.0.saturating_sub(at.0.rem_euclid(DAY))).saturating_add(time));
    let here = on_day_of(cursor);
    let inside = |t: &Timestamp| (span.0..=span.1).contains(t);
    [here, here.offset(DAY), here.offset(-DAY), on_day_of(span.0)].into_iter().find(inside).unwrap_or(here)
}

fn date_and_time(text: &str) -> Option<Timestamp> {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let moment = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    moment.or_else(midnight)?.and_utc().timestamp_nanos_opt().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        date_and_time(text).unwrap()
    }

    fn go(text: &str) -> Result<Timestamp, String> {
        parse(text, at("2025-08-05 18:54:10"), (at("2025-08-05 18:00:00"), at("2025-08-06 02:00:00")))
    }

    #[test]
    fn all_forms_are_understood() {
        assert_eq!(go("18:54:10.5"), Ok(at("2025-08-05 18:54:10.5")));
        assert_eq!(go("00:39"), Ok(at("2025-08-06 00:39:00")), "the first day on which the archive has that time");
        assert_eq!(go("+5s"), Ok(at("2025-08-05 18:54:15")));
        assert_eq!(go("-15m"), Ok(at("2025-08-05 18:39:10")));
        assert_eq!(go("+1.5h"), Ok(at("2025-08-05 20:24:10")));
        assert_eq!(go("+500ms"), Ok(at("2025-08-05 18:54:10.5")));
        assert_eq!(go("2025-08-06"), Ok(at("2025-08-06 00:00:00")));
        assert_eq!(go("2025-08-06T01:02:03Z"), Ok(at("2025-08-06 01:02:03")));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        assert!(go("+5 parsecs").unwrap_err().contains("unit"));
        assert!(go("noon").unwrap_err().contains("expected a time"));
        assert!(go("+").is_err() && go("").is_err() && go("25:00").is_err() && go("9999-01-01").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,24}", cursor: i64, first: i64, last: i64) {
            let _ = parse(&text, Timestamp(cursor), (Timestamp(first), Timestamp(last)));
        }

        #[test]
        fn no_number_panics(text in "[+-][0-9.]{1,30}(ms|s|m|h|d)", cursor: i64) {
            let _ = parse(&text, Timestamp(cursor), (Timestamp::MIN, Timestamp::MAX));
        }
    }
}
