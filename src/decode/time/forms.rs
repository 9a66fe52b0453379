//! The fixed forms, byte by byte.

use super::{Date, Day, Form, Written, Zone};
use crate::record::Precision;

/// What is read and what follows it.
type Read<'a, T> = Option<(T, &'a [u8])>;

/// Reads a time in whichever form `line` starts with. What follows must not go on like a word or number.
pub(super) fn read(line: &[u8]) -> Read<'_, Written> {
    let (written, rest) = match line.first()? {
        b'0'..=b'9' => iso(line).or_else(|| unix(line))?,
        b'A'..=b'Z' => syslog(line).or_else(|| with_weekday(line))?,
        _ => return None,
    };
    let ends = !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    ends.then_some((written, rest))
}

/// `2025-08-05T18:54:08.123456Z`, `2025-08-05T18:54:08+0000`, `2025-08-05 18:54:08,123`.
fn iso(line: &[u8]) -> Read<'_, Written> {
    let (date, rest) = iso_date(line)?;
    let (form, rest) = match rest {
        [b'T' | b't', rest @ ..] => (Form::Rfc3339, rest),
        [b' ', rest @ ..] => (Form::Plain, rest),
        _ => return None,
    };
    let (clock, rest) = clock(rest)?;
    let (zone, rest) = match form {
        Form::Rfc3339 => offset(rest).unwrap_or((Zone::Unknown, rest)),
        _ => offset(rest).or_else(|| sure_zone(rest)).unwrap_or((Zone::Unknown, rest)),
    };
    Some((clock.on(Day::Known(date.days()), form, zone), rest))
}

/// `1754420047.123456`, with exactly six digits of a fraction.
fn unix(line: &[u8]) -> Read<'_, Written> {
    let point = line.iter().take(11).position(|byte| *byte == b'.')?;
    let seconds = line.get(..point).filter(|digits| digits.len() >= 9)?;
    let seconds = seconds.iter().try_fold(0, |n, d| Some(n * 10 + i64::from(digit(*d)?)))?;
    let (nanoseconds, precision, rest) = fraction(line.get(point..)?);
    if line.len() - rest.len() != point + 7 {
        return None;
    }
    let clock = Clock { second_of_day: seconds.rem_euclid(86_400), nanoseconds, precision };
    Some((clock.on(Day::Known(seconds.div_euclid(86_400)), Form::Unix, Zone::Offset(0)), rest))
}

/// `Aug  5 18:54:07`, also `Aug 5`, `Aug 05`, and with a fraction.
fn syslog(line: &[u8]) -> Read<'_, Written> {
    let (month, rest) = month(line)?;
    let (day, rest) = day_of_month(rest)?;
    let (clock, rest) = clock(rest.strip_prefix(b" ")?)?;
    // Year 2000 has all the days that any year can have.
    Date::new(2000, month, day)?;
    Some((clock.on(Day::OfSomeYear(month, day), Form::Syslog, Zone::Unknown), rest))
}

/// `Tue Aug  5 18:54:06 UTC 2025` and `Tue 2025-08-05 18:54:07 UTC`.
fn with_weekday(line: &[u8]) -> Read<'_, Written> {
    let [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', rest @ ..] = line else { return None };
    short_full(rest).or_else(|| date_output(rest))
}

fn short_full(line: &[u8]) -> Read<'_, Written> {
    let (date, rest) = iso_date(line)?;
    let (clock, rest) = clock(rest.strip_prefix(b" ")?)?;
    let (zone, rest) = named_zone(rest.strip_prefix(b" ")?)?;
    Some((clock.on(Day::Known(date.days()), Form::ShortFull, zone), rest))
}

/// After the weekday: `Aug  5 18:54:06 UTC 2025`, `Aug  5 06:54:06 PM UTC 2025`, `5 Aug 18:54:06 UTC 2025`; the zone
/// may be missing, as in the output of `ctime`.
fn date_output(line: &[u8]) -> Read<'_, Written> {
    let (month, day, rest) = match month(line) {
        Some((month, rest)) => {
            let (day, rest) = day_of_month(rest)?;
            (month, day, rest)
        }
        None => {
            let (day, rest) = day_of_month(line)?;
            let (month, rest) = self::month(rest.strip_prefix(b" ")?)?;
            (month, day, rest)
        }
    };
    let (clock, rest) = clock(rest.strip_prefix(b" ")?)?;
    let (clock, rest) = half_day(clock, rest)?;
    let rest = rest.strip_prefix(b" ")?;
    let (zone, rest) = match named_zone(rest) {
        Some((zone, rest)) => (zone, rest.strip_prefix(b" ")?),
        None => (Zone::Unknown, rest),
    };
    let (year, rest) = four(rest)?;
    let date = Date::new(year, month, day)?;
    Some((clock.on(Day::Known(date.days()), Form::Date, zone), rest))
}

#[derive(Clone, Copy)]
struct Clock {
    second_of_day: i64,
    nanoseconds: u32,
    precision: Precision,
}

impl Clock {
    const fn on(self, day: Day, form: Form, zone: Zone) -> Written {
        let Self { second_of_day, nanoseconds, precision } = self;
        Written { form, day, second_of_day, nanoseconds, precision, zone }
    }
}

/// `HH:MM:SS` and a fraction behind a point or comma. A leap second counts as the next second.
fn clock(line: &[u8]) -> Read<'_, Clock> {
    let [h0, h1, b':', m0, m1, b':', s0, s1, rest @ ..] = line else { return None };
    let (hour, minute, second) = (two(*h0, *h1)?, two(*m0, *m1)?, two(*s0, *s1)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let second_of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let (nanoseconds, precision, rest) = fraction(rest);
    Some((Clock { second_of_day, nanoseconds, precision }, rest))
}

/// ` AM` or ` PM` after a time of twelve hours; the time as it is when neither follows.
fn half_day(clock: Clock, rest: &[u8]) -> Read<'_, Clock> {
    const HALF: i64 = 12 * 3600;
    let (afternoon, rest) = match rest {
        [b' ', b'A', b'M', rest @ ..] => (0, rest),
        [b' ', b'P', b'M', rest @ ..] => (HALF, rest),
        _ => return Some((clock, rest)),
    };
    if !(3600..13 * 3600).contains(&clock.second_of_day) {
        return None;
    }
    Some((Clock { second_of_day: clock.second_of_day % HALF + afternoon, ..clock }, rest))
}

/// The digits after a point or comma, as nanoseconds; digits beyond the ninth are passed over.
fn fraction(line: &[u8]) -> (u32, Precision, &[u8]) {
    let [b'.' | b',', rest @ ..] = line else { return (0, Precision::Second, line) };
    let (mut value, mut count) = (0, 0);
    for byte in rest.iter().take(9) {
        let Some(digit) = digit(*byte) else { break };
        value = value * 10 + digit;
        count += 1;
    }
    let (precision, missing) = match count {
        0 => return (0, Precision::Second, line),
        1..=3 => (Precision::Millisecond, 9 - count),
        4..=6 => (Precision::Microsecond, 9 - count),
        _ => (Precision::Nanosecond, 9 - count),
    };
    let end = if count < 9 { count } else { count + digits(rest.get(9..).unwrap_or_default()) };
    (value * 10_u32.pow(missing as u32), precision, rest.get(end..).unwrap_or_default())
}

/// `Z`, `+01:00`, `+0100`, `+01`; also after a blank.
fn offset(line: &[u8]) -> Read<'_, Zone> {
    let (sign, rest) = match line {
        [b'Z' | b'z', rest @ ..] => return Some((Zone::Offset(0), rest)),
        [b'+', rest @ ..] | [b' ', b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] | [b' ', b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let [h0, h1, rest @ ..] = rest else { return None };
    let hours = two(*h0, *h1)?;
    let minutes = match rest {
        [b':', m0, m1, after @ ..] | [m0, m1, after @ ..] => two(*m0, *m1).map(|minutes| (minutes, after)),
        _ => None,
    };
    let (minutes, rest) = minutes.unwrap_or((0, rest));
    let valid = hours <= 23 && minutes <= 59;
    valid.then(|| (Zone::Offset(sign * (hours as i32 * 3600 + minutes as i32 * 60)), rest))
}

/// A blank and a zone name that can be nothing else.
fn sure_zone(line: &[u8]) -> Read<'_, Zone> {
    match line {
        [b' ', b'U', b'T', b'C', rest @ ..] | [b' ', b'G', b'M', b'T', rest @ ..]
            if !rest.first().is_some_and(u8::is_ascii_alphanumeric) =>
        {
            Some((Zone::Offset(0), rest))
        }
        _ => None,
    }
}

/// A zone where one has to be: an offset, or an abbreviation, of which only UTC and GMT tell an offset.
fn named_zone(line: &[u8]) -> Read<'_, Zone> {
    if let [b'+' | b'-', ..] = line {
        return offset(line);
    }
    let length = line.iter().take(6).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (name, rest) = line.split_at_checked(length).filter(|(name, _)| name.len() >= 2 && name.len() <= 5)?;
    let zone = if matches!(name, b"UTC" | b"GMT") { Zone::Offset(0) } else { Zone::Unknown };
    Some((zone, rest))
}

fn iso_date(line: &[u8]) -> Read<'_, Date> {
    let (year, [b'-', m0, m1, b'-', d0, d1, rest @ ..]) = four(line)? else { return None };
    let date = Date::new(year, two(*m0, *m1)? as u8, two(*d0, *d1)? as u8)?;
    Some((date, rest))
}

fn month(line: &[u8]) -> Read<'_, u8> {
    let [a, b, c, rest @ ..] = line else { return None };
    let month = match &[*a, *b, *c] {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    };
    Some((month, rest))
}

/// One or two digits after up to two blanks.
fn day_of_month(line: &[u8]) -> Read<'_, u8> {
    let line = line.strip_prefix(b" ").unwrap_or(line);
    let line = line.strip_prefix(b" ").unwrap_or(line);
    let (day, rest) = match line {
        [a, b, rest @ ..] if b.is_ascii_digit() => (two(*a, *b)?, rest),
        [a, rest @ ..] => (digit(*a)?, rest),
        [] => return None,
    };
    Some((day as u8, rest))
}

fn four(line: &[u8]) -> Read<'_, i32> {
    let [a, b, c, d, rest @ ..] = line else { return None };
    Some(((two(*a, *b)? * 100 + two(*c, *d)?) as i32, rest))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}
