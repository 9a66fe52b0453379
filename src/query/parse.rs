//! The parts of a stored line or entry that have no column.

/// The parts of a syslog line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line<'a> {
    /// The host name.
    pub host: Option<&'a [u8]>,
    /// The program.
    pub identifier: Option<&'a [u8]>,
    /// Its process id.
    pub pid: Option<u32>,
    /// What is left: the message, or all of a line that is no syslog line.
    pub message: &'a [u8],
}

/// Parses a line without its newline.
pub fn line(text: &[u8]) -> Line<'_> {
    let inner = after_received(text);
    header(inner).unwrap_or(Line { message: inner, ..Line::default() })
}

/// What follows the time that the LogVM wrote before the line, and the TAB behind it.
fn after_received(text: &[u8]) -> &[u8] {
    let tab = text.iter().take(40).position(|b| *b == b'\t');
    let stamp = |at: &usize| *at >= 19 && text.iter().take(*at).any(u8::is_ascii_digit);
    tab.filter(stamp).and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

/// `Aug  5 18:54:05 host identifier[pid]: message`, or the same with an ISO 8601 time.
fn header(text: &[u8]) -> Option<Line<'_>> {
    let rest = after_time(text)?;
    let (host, rest) = word(rest)?;
    let colon = rest.iter().take(80).position(|b| *b == b':')?;
    let (tag, message) = (rest.get(..colon)?, rest.get(colon + 1..)?);
    if tag.is_empty() || tag.contains(&b' ') {
        return None;
    }
    let message = message.strip_prefix(b" ").unwrap_or(message);
    let (identifier, pid) = split_tag(tag);
    Some(Line { host: Some(host), identifier: Some(identifier), pid, message })
}

fn after_time(text: &[u8]) -> Option<&[u8]> {
    if text.first()?.is_ascii_digit() {
        let (time, rest) = word(text)?;
        return (time.len() >= 19 && time.contains(&b'T')).then_some(rest);
    }
    let clock = text.get(7..15)?;
    let classic = text.first()?.is_ascii_uppercase() && clock.get(2) == Some(&b':') && clock.get(5) == Some(&b':');
    text.get(16..).filter(|_| classic && text.get(15) == Some(&b' '))
}

fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().take(300).position(|b| *b == b' ')?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// `curl[1284]` in its two parts.
fn split_tag(tag: &[u8]) -> (&[u8], Option<u32>) {
    let Some(open) = tag.iter().rposition(|b| *b == b'[') else { return (tag, None) };
    let pid = tag.get(open + 1..).and_then(|rest| rest.strip_suffix(b"]")).and_then(number);
    match pid {
        Some(pid) => (tag.get(..open).unwrap_or(tag), Some(pid)),
        None => (tag, None),
    }
}

/// A decimal number of at most 32 bits.
pub fn number(text: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

/// The keys of an nft line with their values; a key without `=` (such as `DF`, `SYN`) has an empty value.
pub fn nft_fields(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let start = memchr::memmem::find(text, b"IN=").unwrap_or(text.len());
    let words = text.get(start..).unwrap_or_default().split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty());
    words.map(|word| match word.iter().position(|b| *b == b'=') {
        Some(at) => (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default()),
        None => (word, &b""[..]),
    })
}

/// The fields of an entry of a journal export: `NAME=value` lines, or `NAME`, a length of 64 bits and that many bytes
/// (systemd's `JOURNAL_EXPORT_FORMATS`). Ends at the first thing that is neither.
pub fn journal_fields(entry: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = entry;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, behind) = (rest.get(..end)?, rest.get(end + 1..).unwrap_or_default());
        if line.is_empty() {
            return None;
        }
        if let Some(equals) = memchr::memchr(b'=', line) {
            rest = behind;
            return Some((line.get(..equals)?, line.get(equals + 1..)?));
        }
        let (length, data) = behind.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest = data.get(length.checked_add(1)?..).unwrap_or_default();
        Some((line, data.get(..length)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syslog_lines_have_parts() {
        let texts = [
            "Tue Aug  5 18:54:08 UTC 2025\tAug  5 18:54:06 work curl[1284]: * Trying gone.example...",
            "2025-08-05T18:54:08.000001Z\t2025-08-05T18:54:06+0000 work curl[1284]: * Trying gone.example...",
            "Aug  5 18:54:06 work curl[1284]: * Trying gone.example...",
        ];
        for text in texts {
            let line = line(text.as_bytes());
            assert_eq!(line.host, Some(&b"work"[..]), "{text}");
            assert_eq!((line.identifier, line.pid), (Some(&b"curl"[..]), Some(1284)), "{text}");
            assert_eq!(line.message, b"* Trying gone.example...", "{text}");
        }
    }

    #[test]
    fn other_lines_are_all_message() {
        for text in ["", "x", "no syslog\tline", "[[[:", "Aug  5 18:54:06", "2025-08-05T18:54:06+0000 "] {
            assert_eq!(line(text.as_bytes()).message, text.as_bytes());
        }
    }

    #[test]
    fn binary_journal_fields_are_read() {
        let entry = b"A=1\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nB=x=y\n\n";
        let fields: Vec<_> = journal_fields(entry).collect();
        assert_eq!(fields, [(&b"A"[..], &b"1"[..]), (b"MESSAGE", b"a\nb"), (b"B", b"x=y")]);
        assert_eq!(journal_fields(b"A\n\xff\xff\xff\xff\xff\xff\xff\xffx").count(), 0);
    }
}
