//! Spans of time as settings and callers write them: a number with `s`, `m`, `h` or `d`.

use std::time::Duration;

use crate::ack;

/// The span that `text` is, such as `90d`; `None` for anything else, and for more seconds than can be counted.
pub fn parse(text: &str) -> Option<Duration> {
    let unit = match text.as_bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86_400,
        _ => return None,
    };
    let count = ack::decimal(text.get(..text.len() - 1)?.as_bytes())?;
    count.checked_mul(unit).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [("0s", 0), ("10m", 600), ("1h", 3600), ("90d", 7_776_000)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "d", "1", "-1d", "+1d", "1.5h", "1 d", "9999999999999999d", "99999999999999999999d", "1é"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
