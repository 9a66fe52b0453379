//! What paths say: the qube that records come from, and the day.

use crate::civil::Date;
use crate::record::Timestamp;

/// The years that paths are taken to name; a [`Timestamp`] reaches all of their days.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2261;

/// Whether `name` can be the name of a qube: a letter, then at most 30 of `[a-zA-Z0-9_.-]`.
#[must_use]
pub fn is_qube_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    name.len() <= 31 && name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(allowed)
}

/// The qube that a path names by its layout. Only these layouts count, anywhere in the path, the innermost first:
///
/// - `QubesLogs/<qube>/…`, the LogVM's;
/// - `NetLogs/<qube>/…` and `NetLogs/<qube>-<YYYY-MM-DD>.…`, the vault's;
/// - `journal/<qube>.export`, plain or compressed.
///
/// A path with `..` in it names none. Members of archives are asked for one by one, the outermost first, so that what a
/// qube packs cannot rename it.
#[must_use]
pub fn origin_of(path: &str) -> Option<&str> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return None;
    }
    (0..parts.len()).rev().find_map(|at| origin_at(&parts[at..])).filter(|name| is_qube_name(name))
}

/// The qube, if the path starts with one of the layouts.
fn origin_at<'a>(parts: &[&'a str]) -> Option<&'a str> {
    match parts {
        ["QubesLogs" | "NetLogs", qube, _, ..] => Some(qube),
        ["NetLogs", file] => before_date(file),
        ["journal", file] => {
            let plain = [".gz", ".zst"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
            plain.strip_suffix(".export")
        }
        _ => None,
    }
}

/// `sys-vpn` of `sys-vpn-2025-08-05.tgz`.
fn before_date(file: &str) -> Option<&str> {
    let at = (0..file.len()).find(|at| {
        let rest = file.as_bytes().get(at + 11);
        file.as_bytes()[*at] == b'-'
            && matches!(rest, None | Some(b'.'))
            && dashed(&file.as_bytes()[at + 1..]).is_some()
    })?;
    file.get(..at)
}

/// The day that a path names, its innermost part first: `2025-08-05`, `20250805` alone or with a time of six digits
/// after it, or as the stem of a LogVM's file the seconds since the epoch at its start.
#[must_use]
pub fn date_of(path: &str) -> Option<Date> {
    path.rsplit('/').find_map(|part| date_in(part.as_bytes()))
}

fn date_in(part: &[u8]) -> Option<Date> {
    let starts = (0..part.len()).filter(|at| {
        let digit_before = at.checked_sub(1).is_some_and(|before| part[before].is_ascii_digit());
        part[*at].is_ascii_digit() && !digit_before
    });
    starts.map(|at| &part[at..]).find_map(|rest| dashed(rest).or_else(|| compact(rest))).or_else(|| epoch(part))
}

/// `2025-08-05`, not followed by a digit.
fn dashed(text: &[u8]) -> Option<Date> {
    if text.get(4) != Some(&b'-') || text.get(7) != Some(&b'-') || text.get(10).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    day(text.get(..4)?, text.get(5..7)?, text.get(8..10)?)
}

/// `20250805` or `20250805185404`, not followed by a digit.
fn compact(text: &[u8]) -> Option<Date> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !matches!(digits, 8 | 14) {
        return None;
    }
    day(&text[..4], &text[4..6], &text[6..8])
}

/// `1754420042.log` or `1754420042-….log`.
fn epoch(file: &[u8]) -> Option<Date> {
    let digits = file.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits != 10 || !matches!(file.get(digits), Some(b'.' | b'-')) {
        return None;
    }
    Some(Date::of(Timestamp::from_parts(number(&file[..digits])?, 0)))
}

fn day(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    Date::new(number(year).filter(|year| YEARS.contains(year))?, number(month)?, number(day)?)
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    digits.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_name_their_qube() {
        for (path, qube) in [
            ("/home/user/QubesLogs/work/1754420042.log", "work"),
            ("QubesLogs/disp1234/x/y.log", "disp1234"),
            ("NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz", "sys-vpn"),
            ("/data/NetLogs/sys-net/2025-08-05.tgz", "sys-net"),
            ("NetLogs/sys-dns-2025-08-05.tgz", "sys-dns"),
            ("NetLogs/sys-dns-2025-08-05", "sys-dns"),
            ("./input/journal/sys-firewall.export.gz", "sys-firewall"),
            ("journal/work.export", "work"),
            ("NetLogs/old/QubesLogs/work/1.log", "work"),
        ] {
            assert_eq!(origin_of(path), Some(qube), "{path}");
        }
    }

    #[test]
    fn other_paths_name_none() {
        for path in [
            "/var/log/foo",
            "QubesLogs/work",
            "NetLogs/2025-08-05/x.pcap",
            "NetLogs/readme.txt",
            "QubesLogs/../work/x",
            "QubesLogs/1work/x",
            "QubesLogs/a b/x",
            "QubesLogs/aaaaaaaaaabbbbbbbbbbccccccccccdd/x",
            "/var/log/journal/0a1b/system.journal",
            "journal/deep/work.export",
            "NetLogs/-2025-08-05.tgz",
            "",
        ] {
            assert_eq!(origin_of(path), None, "{path}");
        }
    }

    #[test]
    fn dates_are_found_where_they_are_written() {
        for (path, date) in [
            ("NetLogs/sys-vpn/2025-08-05/x.tgz", Some((2025, 8, 5))),
            ("netpcap/pcap-20250805185404.pcap", Some((2025, 8, 5))),
            ("2024-01-01/pcap-20250805.pcap", Some((2025, 8, 5))),
            ("QubesLogs/work/1754420042.log", Some((2025, 8, 5))),
            ("QubesLogs/work/1754420042-3.log", Some((2025, 8, 5))),
            ("2024-02-29", Some((2024, 2, 29))),
            ("2023-02-29", None),
            ("20251301", None),
            ("pcap-2025080518540.pcap", None),
            ("x12345-08-05", None),
            ("9999-99-99/0000000000.log", Some((1970, 1, 1))),
        ] {
            assert_eq!(date_of(path), date.and_then(|(y, m, d)| Date::new(y, m, d)), "{path}");
        }
    }
}
