//! Numbers and times as people read them.

use logvm_wire::stamp;

/// A size in at most 8 columns.
#[must_use]
pub fn bytes(count: u64) -> String {
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].into_iter();
    let (mut count, mut unit) = (count as f64, units.next().unwrap_or("B"));
    while let Some(next) = units.next().filter(|_| count >= 1000.0) {
        (count, unit) = (count / 1024.0, next);
    }
    if unit == "B" || count >= 99.95 { format!("{count:.0} {unit}") } else { format!("{count:.1} {unit}") }
}

/// A time as `2026-11-21 03:54:36`, in UTC; blanks where there is none.
#[must_use]
pub fn time(micros: Option<u64>) -> String {
    let Some(micros) = micros else { return " ".repeat(19) };
    let text = stamp::rfc3339_micros(stamp::from_micros(micros));
    text.iter().take(19).map(|byte| if *byte == b'T' { ' ' } else { char::from(*byte) }).collect()
}

/// A length of time in at most 8 columns.
#[must_use]
pub fn span(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{:.1} h", seconds as f64 / 3600.0),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A count with its noun.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_fit_their_columns() {
        assert_eq!([0, 999, 1024, 150 << 20, 3 << 29].map(bytes), ["0 B", "999 B", "1.0 KiB", "150 MiB", "1.5 GiB"]);
        assert_eq!([59, 60, 5400, 172_800].map(|s| span(s * 1_000_000)), ["59 s", "1 min", "1.5 h", "2 d"]);
        for power in 0..64 {
            for number in [1_u64 << power, (1 << power) - 1, u64::MAX >> power] {
                assert!(bytes(number).len() <= 8 && span(number / 2).len() <= 11, "{number}");
            }
        }
    }

    #[test]
    fn times_are_utc_to_the_second() {
        assert_eq!(time(Some(1_795_233_276_123_456)), "2026-11-21 03:54:36");
        assert_eq!(time(None).len(), 19);
    }
}
