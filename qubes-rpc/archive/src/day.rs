//! Times as callers write them and paths name them, all in UTC.

use std::time::SystemTime;

use logvm_wire::{span, stamp};

/// Reads `2026-11-21`, `2026-11-21T03:54Z`, `2026-11-21T03:54:36Z` with up to six digits of a second, or a span before
/// `now`: a number with `s`, `m`, `h` or `d`.
#[must_use]
pub fn parse(text: &str, now: SystemTime) -> Option<SystemTime> {
    span::parse(text).map_or_else(|| date_time(text), |span| now.checked_sub(span))
}

/// Midnight of the innermost day that a path names, as `2026-11-21` or `20261121`.
#[must_use]
pub fn of_path(path: &str) -> Option<SystemTime> {
    path.rsplit('/').find_map(in_name)
}

fn in_name(name: &str) -> Option<SystemTime> {
    let starts = (0..name.len()).filter(|at| *at == 0 || !name.as_bytes()[at - 1].is_ascii_digit());
    starts.filter_map(|at| name.get(at..)).find_map(|rest| rest.get(..10).and_then(date_time).or_else(|| compact(rest)))
}

fn compact(rest: &str) -> Option<SystemTime> {
    let day = rest.get(..8).filter(|day| day.bytes().all(|byte| byte.is_ascii_digit()))?;
    stamp::parse_compact(format!("{day}T000000.000000Z").as_bytes())
}

fn date_time(text: &str) -> Option<SystemTime> {
    /// What is missing at the end of a shorter form.
    const REST: &str = "0000-00-00T00:00:00.000000Z";
    let short = text.strip_suffix('Z').unwrap_or(text);
    let complete = match short.len() {
        10 if short.len() == text.len() => true,
        16 | 19 | 21..=26 => short.len() < text.len(),
        _ => false,
    };
    let whole = complete.then(|| REST.get(short.len()..).map(|rest| format!("{short}{rest}")))??;
    stamp::parse(whole.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    const NOW: u64 = 1_795_233_276;

    fn seconds(text: &str) -> Option<f64> {
        let at = parse(text, UNIX_EPOCH + Duration::from_secs(NOW))?;
        at.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
    }

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("2026-11-21", 1_795_219_200.0),
            ("2026-11-21T03:54Z", 1_795_233_240.0),
            ("2026-11-21T03:54:36Z", 1_795_233_276.0),
            ("2026-11-21T03:54:36.5Z", 1_795_233_276.5),
            ("2026-11-21T03:54:36.000001Z", 1_795_233_276.000_001),
            ("2h", 1_795_226_076.0),
            ("0s", 1_795_233_276.0),
            ("1d", 1_795_146_876.0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let wrong =
            ["", "Z", "d", "-1h", "+1h", "99999999999999999999d", "99999999999999d", "2026-02-30", "2026-11-21Z"];
        let more = ["2026-11-21T03:54:36", "2026-11-21T03:54:36.Z", "2026-11-21T3:54Z", "ü", "yesterday", "éééééé21"];
        for text in wrong.into_iter().chain(more) {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn paths_name_days() {
        let day = stamp::parse(b"2025-08-05T00:00:00.000000Z");
        for path in ["sys-vpn/2025-08-05/x.tgz", "sys-net/nft-2025-08-05.log", "a/pcap-20250805185404.pcap"] {
            assert_eq!(of_path(path), day, "{path}");
        }
        assert_eq!(of_path("work/x-1234567890.log"), None);
    }
}
