//! Alerts: one line each in `alerts.log` at the root of the store, `<time>` TAB `<origin>` TAB `<text>`.

use std::time::SystemTime;

use crate::{QubeName, stamp};

/// The alert that says `text` about `origin`, with its newline. A newline or tab within `text` becomes a space.
pub fn line(at: SystemTime, origin: &QubeName, text: &str) -> Vec<u8> {
    let mut out = stamp::rfc3339_micros(at).to_vec();
    out.push(b'\t');
    out.extend_from_slice(origin.as_str().as_bytes());
    out.push(b'\t');
    out.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\t') { b' ' } else { byte }));
    out.push(b'\n');
    out
}

/// Time, origin and text of a line of `alerts.log`, with or without its newline; `None` for any other line.
pub fn parse(line: &[u8]) -> Option<(SystemTime, QubeName, &str)> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n").unwrap_or(line)).ok()?;
    let mut parts = line.splitn(3, '\t');
    let at = stamp::parse(parts.next()?.as_bytes())?;
    let origin = QubeName::parse(parts.next()?)?;
    Some((at, origin, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_comes_back() {
        let (at, origin) = (stamp::from_micros(1), QubeName::parse("work").unwrap());
        let written = line(at, &origin, "80 % of\t1 GiB\nused");
        assert_eq!(written, b"1970-01-01T00:00:00.000001Z\twork\t80 % of 1 GiB used\n");
        assert_eq!(parse(&written), Some((at, origin, "80 % of 1 GiB used")));
        assert_eq!(parse(b"1970-01-01T00:00:00.000001Z\t../x\ty\n"), None);
        assert_eq!(parse(b"x"), None);
    }
}
