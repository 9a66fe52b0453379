//! Marker lines: what logvm itself has to say in the middle of a qube's log.
//!
//! A line of a qube is stored as `<received>` TAB `<line>`; a marker is `<received>` SPACE `logvm: <text>`. Since
//! every line of a qube gets its time and its TAB from the collector, and holds no newline, no qube can write a marker.

use std::time::SystemTime;

use crate::stamp;

const TAG: &[u8] = b" logvm: ";

/// The marker line that says `text` at `received`, with its newline. A newline within `text` becomes a space.
pub fn line(received: SystemTime, text: &str) -> Vec<u8> {
    let mut out = stamp::rfc3339_micros(received).to_vec();
    out.extend_from_slice(TAG);
    out.extend(text.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
    out.push(b'\n');
    out
}

/// The time and the text of a marker line (with or without its newline); `None` for the line of a qube.
pub fn parse(line: &[u8]) -> Option<(SystemTime, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (received, rest) = line.split_at_checked(stamp::RFC3339_LEN)?;
    Some((stamp::parse(received)?, rest.strip_prefix(TAG)?))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_marker_is_told_from_the_line_of_a_qube() {
        let at = UNIX_EPOCH + Duration::from_micros(1_763_000_000_000_001);
        let marker = line(at, "dropped 3 lines\nand more");
        assert_eq!(marker, b"2025-11-13T02:13:20.000001Z logvm: dropped 3 lines and more\n");
        assert_eq!(parse(&marker), Some((at, b"dropped 3 lines and more".as_slice())));

        let mut forged = stamp::rfc3339_micros(at).to_vec();
        forged.push(b'\t');
        forged.extend_from_slice(&marker);
        assert_eq!(parse(&forged), None);
        assert_eq!(parse(b""), None);
    }
}
