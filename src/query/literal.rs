//! Values as expressions write them: numbers, durations, times, addresses, names.

use std::net::IpAddr;

use chrono::NaiveDate;

use super::Context;
use super::ranges;
use crate::decode::dns;
use crate::record::{Kind, Level, Timestamp, protocol};
use crate::store::Outcome;

use super::schema::Type;

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;
const MINUTE: i64 = 60_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// A number: decimal, hexadecimal after `0x`, with `k M G T` (powers of 1000) or `Ki Mi Gi Ti` (powers of 1024) and
/// an optional `B` behind it. Beyond 2^63 - 1 it is that.
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    if let Some(digits) = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return u64::from_str_radix(digits, 16).ok().map(clamped);
    }
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, suffix) = text.split_at(split);
    let factor: i64 = match suffix.strip_suffix('B').unwrap_or(suffix) {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => return None,
    };
    scaled(digits, factor)
}

fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `digits`, which may have a fraction, times `factor`; a fraction needs a factor.
fn scaled(digits: &str, factor: i64) -> Option<i64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| !text.is_empty() && text.len() <= 30 && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || (digits.contains('.') && (factor == 1 || !all_digits(fraction))) {
        return None;
    }
    let mut result = whole.parse::<i128>().unwrap_or(i128::MAX).saturating_mul(i128::from(factor));
    let mut unit = i128::from(factor);
    for digit in fraction.bytes() {
        result = result.saturating_add(unit * i128::from(digit - b'0') / 10);
        unit /= 10;
    }
    Some(i64::try_from(result).unwrap_or(i64::MAX))
}

/// A stretch of time in nanoseconds: `500ns`, `20us`, `100ms`, `5s`, `2m` or `2min`, `3h`, `1d`, with a sign or not,
/// and several behind each other (`1m30s`).
#[must_use]
pub fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, behind) = rest.split_at(digits);
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        sum = sum.saturating_add(in_unit(value, unit)?);
        rest = behind;
    }
    text.ends_with(char::is_alphabetic).then_some(sign * sum)
}

fn in_unit(value: &str, unit: &str) -> Option<i64> {
    let nanoseconds = match unit {
        "ns" => return scaled(value, 1),
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" | "sec" => SECOND,
        "m" | "min" => MINUTE,
        "h" => 60 * MINUTE,
        "d" => DAY,
        _ => return None,
    };
    scaled(value, nanoseconds)
}

/// The first and the last nanosecond of a time: of the day, minute, second or fraction of a second that is written.
/// `@` is the cursor, alone or with a duration added; a time without a date is on the cursor's or the data's day.
///
/// # Errors
/// What was expected instead.
pub fn time(text: &str, context: &Context) -> Result<(i64, i64), &'static str> {
    if let Some(offset) = text.strip_prefix('@') {
        let cursor = context.cursor.ok_or("there is no cursor here that @ could stand for")?;
        let offset = if offset.is_empty() { Some(0) } else { duration(offset).filter(|_| signed(offset)) };
        let at = cursor.offset(offset.ok_or("expected @, @-2s or @+500ms")?).0;
        return Ok((at, at));
    }
    if text.contains(['T', ' ']) || text.matches('-').count() == 2 {
        return date_and_time(text).ok_or("expected a time such as \"2025-08-05 18:54:10\", 18:54 or @-2s");
    }
    let (offset, precision) =
        time_of_day(text).ok_or("expected a time such as \"2025-08-05 18:54\", 18:54:10 or @-2s")?;
    let day = context.cursor.or(context.day).ok_or("on which day? Write the date too: \"2025-08-05 18:54\"")?;
    let start = day.0.div_euclid(DAY).checked_mul(DAY).and_then(|day| day.checked_add(offset));
    let start = start.ok_or("a time between the years 1678 and 2261")?;
    Ok((start, start.saturating_add(precision - 1)))
}

fn signed(text: &str) -> bool {
    text.starts_with(['+', '-'])
}

/// `2025-08-05`, or with a time of day behind `T` or a blank, and behind that `Z` or an offset; UTC without one.
fn date_and_time(text: &str) -> Option<(i64, i64)> {
    let (date, rest) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let mut parts = date.split('-');
    let (year, month, day) = (fixed(parts.next()?, 4)?, fixed(parts.next()?, 2)?, fixed(parts.next()?, 2)?);
    let date =
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    let midnight = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt().filter(|_| parts.next().is_none())?;
    if rest.is_empty() {
        return Some((midnight, midnight.checked_add(DAY - 1)?));
    }
    let (clock, zone) = rest.find(['Z', '+', '-']).map_or((rest, "Z"), |at| rest.split_at(at));
    let (offset, precision) = time_of_day(clock.trim_end())?;
    let start = midnight.checked_add(offset)?.checked_sub(zone_offset(zone)?)?;
    Some((start, start.checked_add(precision - 1)?))
}

/// `Z`, `+02:00`, `+0200` or `+02` in nanoseconds.
fn zone_offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let digits: String = zone.get(1..)?.chars().filter(|c| *c != ':').collect();
    let hours = fixed(digits.get(..2)?, 2)?;
    let minutes = if digits.len() == 2 { 0 } else { fixed(digits.get(2..)?, 2)? };
    let size = (hours * 60 + minutes) * MINUTE;
    (hours < 24 && minutes < 60).then_some(if zone.starts_with('-') { -size } else { size })
}

/// `18:54`, `18:54:10` or `18:54:10.5`: nanoseconds since midnight, and how many of them it stands for.
fn time_of_day(text: &str) -> Option<(i64, i64)> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let hours = fixed(hours, hours.len().clamp(1, 2))?;
    let minutes = fixed(minutes, 2)?;
    let seconds = parts.next().map(|seconds| fixed(seconds, 2));
    if hours > 23 || minutes > 59 || parts.next().is_some() {
        return None;
    }
    let whole = (hours * 60 + minutes) * MINUTE;
    match (seconds, fraction) {
        (None, None) => Some((whole, MINUTE)),
        (Some(seconds), fraction) => {
            let seconds = seconds.filter(|s| *s < 60)? * SECOND;
            let (part, precision) = fraction.map_or(Some((0, SECOND)), fraction_of_second)?;
            Some((whole + seconds + part, precision))
        }
        (None, Some(_)) => None,
    }
}

fn fraction_of_second(digits: &str) -> Option<(i64, i64)> {
    let length = u32::try_from(digits.len()).ok().filter(|length| (1..=9).contains(length))?;
    let unit = 10_i64.pow(9 - length);
    Some((fixed(digits, digits.len())? * unit, unit))
}

/// A number of exactly `length` digits.
fn fixed(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The first and the last address of an address or network (`10.137.0.0/16`).
///
/// # Errors
/// What was expected instead.
pub fn address(text: &str) -> Result<(IpAddr, IpAddr), &'static str> {
    let expected = "expected an address such as 10.137.0.17, or a network such as 10.137.0.0/16";
    let Some((address, length)) = text.split_once('/') else {
        return text.parse().map(|address| (address, address)).map_err(|_| expected);
    };
    let length = Some(length).filter(|l| l.len() <= 3 && l.bytes().all(|b| b.is_ascii_digit()));
    let length: u8 = length.and_then(|l| l.parse().ok()).ok_or(expected)?;
    let address: IpAddr = address.parse().map_err(|_| expected)?;
    ranges::network(address, length).ok_or("the prefix has more bits than the address")
}

/// The number of a name of an enumeration, whatever its case; `None` where the type has no such name.
#[must_use]
pub fn named(value_type: Type, text: &str) -> Option<i64> {
    let place =
        |names: &[(i64, &str)]| names.iter().find(|(_, n)| n.eq_ignore_ascii_case(text)).map(|(number, _)| *number);
    place(&names(value_type))
}

/// The names of the values of an enumeration, with their numbers.
#[must_use]
pub fn names(value_type: Type) -> Vec<(i64, &'static str)> {
    match value_type {
        Type::Level => {
            let own = Level::ALL.iter().map(|level| (*level as i64, level.name()));
            own.chain([(0, "emergency"), (2, "critical"), (3, "error"), (4, "warn")]).collect()
        }
        Type::Kind => Kind::ALL.iter().map(|kind| (*kind as i64, kind.name())).collect(),
        Type::Outcome => Outcome::ALL.iter().map(|outcome| (*outcome as i64, outcome.name())).collect(),
        Type::Protocol => protocol::NAMES.iter().map(|(number, name)| (i64::from(*number), *name)).collect(),
        Type::QueryType => (0..=257).filter_map(|kind| Some((i64::from(kind), dns::kind_name(kind)?))).collect(),
        Type::ResponseCode => {
            (0..=10).filter_map(|code| Some((i64::from(code), dns::response_code_name(code)?))).collect()
        }
        Type::Boolean => vec![(1, "true"), (0, "false"), (1, "yes"), (0, "no"), (1, "1"), (0, "0")],
        _ => Vec::new(),
    }
}

/// A moment that a time stands for, for jumping to it.
///
/// # Errors
/// What was expected instead.
pub fn moment(text: &str, context: &Context) -> Result<Timestamp, &'static str> {
    time(text, context).map(|(start, _)| Timestamp(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let accepted = [("80", 80), ("0x1F", 31), ("4k", 4_000), ("1.5k", 1_500), ("2MiB", 2 << 20), ("3kB", 3_000)];
        for (text, number_meant) in accepted {
            assert_eq!(number(text), Some(number_meant), "{text}");
        }
        assert_eq!(number("99999999999999999999"), Some(i64::MAX));
        assert_eq!(number("9999999T"), Some(i64::MAX));
        for text in ["", "k", "1.5", "0x", "0xg", "-1", "1e3", ".5k", "5.", "1..2", "12x", "+1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        let accepted = [("5s", 5 * SECOND), ("-2s", -2 * SECOND), ("1m30s", 90 * SECOND), ("0.5ms", 500_000), ("0", 0)];
        for (text, nanoseconds) in accepted {
            assert_eq!(duration(text), Some(nanoseconds), "{text}");
        }
        for text in ["", "5", "s", "5x", "-", "1..5s", "0.5ns", "5 s"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(duration("999999999999999999d"), Some(i64::MAX));
    }

    #[test]
    fn times_stand_for_as_much_as_is_written() {
        let context = Context { cursor: None, day: Some(Timestamp::from_parts(1_754_420_042, 0)) };
        let start = 1_754_419_920 * SECOND + 120 * SECOND;
        assert_eq!(time("18:54", &context), Ok((start, start + MINUTE - 1)));
        assert_eq!(time("2025-08-05 18:54", &context), Ok((start, start + MINUTE - 1)));
        assert_eq!(time("2025-08-05T20:54:02+02:00", &context), Ok((start + 2 * SECOND, start + 3 * SECOND - 1)));
        assert_eq!(time("18:54:00.25", &context), Ok((start + SECOND / 4, start + SECOND / 4 + 9_999_999)));
        assert_eq!(time("2025-08-05", &context).map(|(a, b)| b - a), Ok(DAY - 1));
    }

    #[test]
    fn odd_times_are_refused() {
        let context = Context { cursor: Some(Timestamp::MAX), day: None };
        let odd = ["24:00", "18:60", "18", "18:54:60", "1:2:3:4", "2025-13-01", "2025-02-30", "9999-01-01", "", "@x"];
        for text in odd.into_iter().chain(["@5s", "18:54.5", "2025-08-05 x", "2025-08-05T18:54+9", "0000-00-00"]) {
            assert!(time(text, &context).is_err(), "{text}");
        }
        assert_eq!(time("@+5s", &context), Ok((i64::MAX, i64::MAX)));
        assert!(time("18:54", &Context::default()).is_err());
    }
}
