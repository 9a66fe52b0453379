use chrono::{DateTime, NaiveDateTime};
use proptest::prelude::*;

use super::*;

fn at(text: &str, hints: &Hints) -> Option<(i64, Precision, bool, Form)> {
    parse(text.as_bytes(), hints, None).map(|s| (s.time.at.0, s.time.precision, s.time.inferred, s.form))
}

fn moment(rfc3339: &str) -> i64 {
    DateTime::parse_from_rfc3339(rfc3339).unwrap().timestamp_nanos_opt().unwrap()
}

fn hints(modified: &str) -> Hints {
    Hints { modified: Some(Timestamp(moment(modified))), ..Hints::default() }
}

#[test]
fn each_form_is_read() {
    use Form::{Date, Plain, Rfc3339, ShortFull, Syslog, Unix};
    use Precision::{Microsecond, Millisecond, Nanosecond, Second};
    let noon = "2025-08-05T18:54:06Z";
    for (text, expected, precision, inferred, form) in [
        ("2025-08-05T18:54:06Z", noon, Second, false, Rfc3339),
        ("2025-08-05T18:54:06+0000 host", noon, Second, false, Rfc3339),
        ("2025-08-06T00:24:06+05:30\t", noon, Second, false, Rfc3339),
        ("2025-08-05T16:54:06-02", noon, Second, false, Rfc3339),
        ("2025-08-05T18:54:06 host", noon, Second, true, Rfc3339),
        ("2025-08-05T18:54:06.5Z", "2025-08-05T18:54:06.5Z", Millisecond, false, Rfc3339),
        ("2025-08-05T18:54:06.123456789Z", "2025-08-05T18:54:06.123456789Z", Nanosecond, false, Rfc3339),
        ("2025-08-05T18:54:06.1234567891234Z", "2025-08-05T18:54:06.123456789Z", Nanosecond, false, Rfc3339),
        ("2025-08-05T18:54:06.123456Z", "2025-08-05T18:54:06.123456Z", Microsecond, false, Rfc3339),
        ("2025-08-05T23:59:60Z", "2025-08-06T00:00:00Z", Second, false, Rfc3339),
        ("Tue Aug  5 18:54:06 UTC 2025\t", noon, Second, false, Date),
        ("Tue Aug  5 06:54:06 PM UTC 2025\t", noon, Second, false, Date),
        ("Tue Aug  5 12:54:06 AM GMT 2025", "2025-08-05T00:54:06Z", Second, false, Date),
        ("Tue  5 Aug 18:54:06 UTC 2025", noon, Second, false, Date),
        ("Tue 05 Aug 2025", "", Second, false, Date),
        ("Tue Aug  5 18:54:06 CEST 2025", noon, Second, true, Date),
        ("Tue Aug  5 15:54:06 -03 2025", noon, Second, false, Date),
        ("Tue Aug  5 18:54:06 2025", noon, Second, true, Date),
        ("Aug  5 18:54:06 host", noon, Second, true, Syslog),
        ("Aug 5 18:54:06", noon, Second, true, Syslog),
        ("Aug 05 18:54:06.123456 host", "2025-08-05T18:54:06.123456Z", Microsecond, true, Syslog),
        ("Tue 2025-08-05 18:54:06 UTC host", noon, Second, false, ShortFull),
        ("Tue 2025-08-05 18:54:06 CEST host", noon, Second, true, ShortFull),
        ("1754420046.123456 host", "2025-08-05T18:54:06.123456Z", Microsecond, false, Unix),
        ("2025-08-05 18:54:06,123 INFO", "2025-08-05T18:54:06.123Z", Millisecond, true, Plain),
        ("2025-08-05 18:54:06 UTC [1]", noon, Second, false, Plain),
        ("2025-08-05 20:54:06.000 +0200", noon, Millisecond, false, Plain),
    ] {
        let expected = (!expected.is_empty()).then(|| (moment(expected), precision, inferred, form));
        assert_eq!(at(text, &hints("2025-08-06T00:00:00Z")), expected, "{text}");
    }
}

#[test]
fn the_length_is_that_of_the_time() {
    for (text, length) in [
        ("2025-08-05T18:54:06.5Z\tx", 22),
        ("2025-08-05 18:54:06 INFO", 19),
        ("Tue Aug  5 18:54:06 UTC 2025\tAug  5", 28),
        ("2025-08-05 18:54:06 UTC x", 23),
        ("2025-08-05T18:54:06. ", 19),
    ] {
        let stamp = parse(text.as_bytes(), &Hints::default(), None);
        assert_eq!(stamp.map(|s| s.length), Some(length), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_time_is_none() {
    for text in [
        "",
        "2025-02-29T00:00:00Z",
        "2025-08-05T24:00:00Z",
        "2025-08-05T18:60:00Z",
        "2025-08-05T18:54:06Zulu",
        "2025-08-05 18:54:06abc",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "Aug 32 18:54:06",
        "Feb 30 18:54:06",
        "Tue Aug  5 13:54:06 PM UTC 2025",
        "Tue Aug  5 18:54:06 UTC",
        "1754420046.12345 host",
        "17544200461.123456 host",
        "192.168.0.1",
    ] {
        assert_eq!(at(text, &hints("2025-08-06T00:00:00Z")), None, "{text}");
    }
}

#[test]
fn a_year_comes_from_the_last_change() {
    let year = |line: &str, modified: &str| at(line, &hints(modified)).map(|t| t.0);
    assert_eq!(year("Dec 31 23:59:59", "2026-01-02T00:00:00Z"), Some(moment("2025-12-31T23:59:59Z")));
    assert_eq!(year("Jan  1 00:00:01", "2026-01-02T00:00:00Z"), Some(moment("2026-01-01T00:00:01Z")));
    assert_eq!(year("Jan  3 00:00:00", "2026-01-02T00:00:00Z"), Some(moment("2026-01-03T00:00:00Z")));
    assert_eq!(year("Jan  3 00:00:01", "2026-01-02T00:00:00Z"), Some(moment("2025-01-03T00:00:01Z")));
    assert_eq!(year("Feb 29 12:00:00", "2026-01-02T00:00:00Z"), Some(moment("2024-02-29T12:00:00Z")));
    assert_eq!(at("Jan  1 00:00:01", &Hints::default()), None);
}

#[test]
fn a_year_comes_from_the_received_time_first() {
    let hints = Hints { date: Date::new(2020, 1, 1), ..hints("2030-01-02T00:00:00Z") };
    let year = |line: &str, received: &str| {
        let received = Timestamp(moment(received));
        parse(line.as_bytes(), &hints, Some(received)).map(|stamp| stamp.time.at.0)
    };
    assert_eq!(year("Dec 31 23:59:59", "2026-01-01T00:00:01Z"), Some(moment("2025-12-31T23:59:59Z")));
    assert_eq!(year("Jan  1 00:00:01", "2025-12-31T23:59:59Z"), Some(moment("2026-01-01T00:00:01Z")));
    assert_eq!(year("Feb 29 00:00:00", "2027-12-31T00:00:00Z"), Some(moment("2028-02-29T00:00:00Z")));
    assert_eq!(at("Dec 31 23:59:59", &hints).map(|t| t.0), Some(moment("2019-12-31T23:59:59Z")));
}

#[test]
fn a_zone_that_is_not_written_is_the_one_given() {
    let hints = Hints { zone_offset_seconds: 2 * 3600, ..hints("2026-01-01T00:00:00Z") };
    let local = Some(moment("2025-08-05T16:54:06Z"));
    for text in ["Aug  5 18:54:06", "2025-08-05 18:54:06", "Tue Aug  5 18:54:06 CEST 2025"] {
        assert_eq!(at(text, &hints).map(|t| t.0), local, "{text}");
    }
    let new_year = parse(b"Jan  1 00:30:00", &hints, Some(Timestamp(moment("2025-12-31T22:30:00Z"))));
    assert_eq!(new_year.map(|s| s.time.at.0), Some(moment("2025-12-31T22:30:00Z")));
}

proptest! {
    #[test]
    fn agrees_with_chrono(seconds in -9_000_000_000..9_000_000_000_i64, nanoseconds in 0..1_000_000_000_u32) {
        let moment = DateTime::from_timestamp(seconds, nanoseconds).unwrap();
        let expected = moment.timestamp_nanos_opt().unwrap();
        let none = Hints::default();
        let rfc3339 = moment.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
        prop_assert_eq!(at(&rfc3339, &none), Some((expected, Precision::Nanosecond, false, Form::Rfc3339)));
        let whole = expected.div_euclid(1_000_000_000) * 1_000_000_000;
        let date = moment.format("%a %b %e %H:%M:%S UTC %Y").to_string();
        prop_assert_eq!(at(&date, &none), Some((whole, Precision::Second, false, Form::Date)));
        let twelve = moment.format("%a %b %e %I:%M:%S %p UTC %Y").to_string();
        prop_assert_eq!(at(&twelve, &none), Some((whole, Precision::Second, false, Form::Date)));
        let syslog = moment.format("%b %e %H:%M:%S").to_string();
        let near = parse(syslog.as_bytes(), &none, Some(Timestamp(expected))).unwrap();
        prop_assert_eq!(near.time.at.0, whole);
    }

    #[test]
    fn arbitrary_text_agrees_with_chrono(text in "[0-3][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9]Z") {
        let other = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%SZ").ok();
        let expected = other.and_then(|t| t.and_utc().timestamp_nanos_opt());
        prop_assert_eq!(at(&text, &Hints::default()).map(|t| t.0), expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic(line in prop::collection::vec(any::<u8>(), 0..60), received in any::<i64>()) {
        if let Some(stamp) = parse(&line, &Hints::default(), Some(Timestamp(received))) {
            prop_assert!(stamp.length <= line.len());
        }
    }
}
