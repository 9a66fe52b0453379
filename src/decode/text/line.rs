//! The parts of one line: times, sender, level, message.

use memchr::memchr;

use super::super::scan::until_blank;
use super::super::time::{self, Form, Hints, Stamp};
use super::super::{Nft, nft};
use crate::record::{Level, Time};

/// A host name or identifier has at most this many bytes (RFC 5424 allows 255 for the host).
const MAX_NAME: usize = 256;

/// How far into a line the structured data of RFC 5424 is looked for.
const MAX_STRUCTURED_DATA: usize = 4 << 10;

/// A line taken apart. What a part does not have is `None`; `message` is what remains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// LogVM's time, written before a TAB.
    pub received: Option<Time>,
    /// The sender's time.
    pub claimed: Option<Time>,
    /// The sender's host name, as it gives it.
    pub host: Option<&'a [u8]>,
    /// The program, such as `systemd` or `kernel` (RFC 3164's TAG, RFC 5424's APP-NAME).
    pub identifier: Option<&'a [u8]>,
    /// The program's process id.
    pub pid: Option<u32>,
    /// Severity, where a `<PRI>` or `dmesg -x` gives it; words in the message are not judged.
    pub level: Level,
    /// The rest of the line, without its line ending.
    pub message: &'a [u8],
}

/// Takes a line apart, whether its newline is there or not:
/// `[received TAB] [<PRI>] [time] [host] [identifier[pid]:] message`.
#[must_use]
pub fn parse_line<'a>(line: &'a [u8], hints: &Hints) -> Line<'a> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let stamp = time::parse(line, hints, None);
    let (received, body, stamp) = match stamp.and_then(|stamp| received(line, &stamp)) {
        Some((time, body)) => (Some(time), body, time::parse(body, hints, Some(time.at))),
        None => (None, line, stamp),
    };
    let mut parts = Line { received, ..Line::bare(body) };
    parts.read(stamp, hints);
    parts
}

/// LogVM's time and what follows its TAB.
fn received<'a>(line: &'a [u8], stamp: &Stamp) -> Option<(Time, &'a [u8])> {
    let body = line.get(stamp.length..)?.strip_prefix(b"\t")?;
    matches!(stamp.form, Form::Rfc3339 | Form::Date).then_some((stamp.time, body))
}

impl<'a> Line<'a> {
    const fn bare(message: &'a [u8]) -> Self {
        let level = Level::Unknown;
        Self { received: None, claimed: None, host: None, identifier: None, pid: None, level, message }
    }

    /// The nf_log line in the message, if there is one and the kernel (or ulogd) is named as the sender, or nobody is.
    #[must_use]
    pub fn nft(&self) -> Option<Nft<'a>> {
        let sender = matches!(self.identifier, None | Some(b"kernel" | b"ulogd"));
        if sender { nft::parse(self.message) } else { None }
    }

    /// Takes the parts off the message, which so far is all that follows the received time.
    fn read(&mut self, stamp: Option<Stamp>, hints: &Hints) {
        if let Some(stamp) = stamp {
            return self.read_timed(stamp);
        }
        match self.message {
            [b'<', ..] => self.read_priority(hints),
            [b'[', ..] => self.read_sender(nft::after_uptime(self.message), is_surely_identifier),
            _ => self.read_dmesg_level(),
        }
    }

    fn read_timed(&mut self, stamp: Stamp) {
        self.claimed = Some(stamp.time);
        let rest = self.message.get(stamp.length..).unwrap_or_default();
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        self.message = rest;
        if stamp.form != Form::Plain {
            self.read_sender(rest, is_identifier);
        }
        if stamp.form == Form::Syslog && self.identifier.is_none() {
            self.read_host_alone();
        }
    }

    /// `<PRI>` (RFC 3164, 4.1.1), and what may follow it.
    fn read_priority(&mut self, hints: &Hints) {
        let Some((level, rest)) = priority(self.message) else { return };
        self.level = level;
        self.message = rest;
        let received = self.received.map(|time| time.at);
        let versioned = rest.strip_prefix(b"1 ");
        if let Some(parts) = versioned.and_then(|rest| structured(rest, hints)) {
            (self.claimed, self.host, self.identifier) = (parts.claimed, parts.host, parts.identifier);
            (self.pid, self.message) = (parts.pid, parts.message);
            return;
        }
        match time::parse(rest, hints, received) {
            Some(stamp) => self.read_timed(stamp),
            None => self.read_sender(rest, is_identifier),
        }
    }

    /// `host identifier[pid]: ` or `identifier[pid]: `, where `is_identifier` tells the latter.
    fn read_sender(&mut self, text: &'a [u8], is_identifier: fn(&[u8]) -> bool) {
        let (first, rest) = word(text);
        if is_identifier(first) {
            return self.set_sender(None, first, rest);
        }
        let (second, rest) = word(rest);
        if is_name(first) && is_identifier(second) {
            self.set_sender(Some(first), second, rest);
        }
    }

    fn set_sender(&mut self, host: Option<&'a [u8]>, tag: &'a [u8], message: &'a [u8]) {
        let (identifier, pid) = split_tag(tag);
        self.host = host;
        self.identifier = Some(identifier);
        self.pid = pid;
        self.message = message;
    }

    /// RFC 3164 always has a host, even where no identifier follows.
    fn read_host_alone(&mut self) {
        let (host, rest) = word(self.message);
        if is_name(host) && !rest.is_empty() {
            self.host = Some(host);
            self.message = rest;
        }
    }

    /// `kern  :info  : `, as `dmesg -x` prints it.
    fn read_dmesg_level(&mut self) {
        const NAMES: [&[u8]; 8] = [b"emerg", b"alert", b"crit", b"err", b"warn", b"notice", b"info", b"debug"];
        let Some((facility, [b':', rest @ ..])) = self.message.split_at_checked(6) else { return };
        let Some((level, [b':', b' ', rest @ ..])) = rest.split_at_checked(6) else { return };
        let is_name = |name: &[u8]| !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric);
        let number = NAMES.iter().position(|name| *name == level.trim_ascii_end());
        if let Some(number) = number.filter(|_| is_name(facility.trim_ascii_end())) {
            self.level = Level::from_severity(number as u8);
            self.message = rest;
        }
    }
}

/// The severity of `<0>` to `<191>`, and what follows.
fn priority(text: &[u8]) -> Option<(Level, &[u8])> {
    let text = text.strip_prefix(b"<")?;
    let end = memchr(b'>', text.get(..4).unwrap_or(text))?;
    let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
    let value = decimal(digits).filter(|value| *value <= 191)?;
    Some((Level::from_severity((value & 7) as u8), text.get(end + 1..)?))
}

/// RFC 5424 behind its version: `time host app-name procid msgid structured-data message`, where `-` is none.
fn structured<'a>(text: &'a [u8], hints: &Hints) -> Option<Line<'a>> {
    let given = |field: &'a [u8]| (field != b"-").then_some(field);
    let (time, rest) = word(text);
    let claimed = time::parse(time, hints, None).filter(|stamp| stamp.length == time.len()).map(|stamp| stamp.time);
    if claimed.is_none() && time != b"-" {
        return None;
    }
    let (host, rest) = word(rest);
    let (identifier, rest) = word(rest);
    let (pid, rest) = word(rest);
    let (_message_id, rest) = word(rest);
    let message = after_structured_data(rest)?;
    let (host, identifier, pid) = (given(host), given(identifier), decimal(pid));
    Some(Line { claimed, host, identifier, pid, ..Line::bare(message) })
}

/// What follows `-` or `[id name="value"]…` (RFC 5424, 6.3). Some senders write only one of them before the other.
fn after_structured_data(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_prefix(b"- ").unwrap_or(text);
    let limit = rest.len().saturating_sub(MAX_STRUCTURED_DATA);
    while rest.first() == Some(&b'[') && rest.len() > limit {
        rest = after_element(rest, limit)?;
    }
    Some(rest.strip_prefix(b" ").unwrap_or(rest))
}

fn after_element(element: &[u8], limit: usize) -> Option<&[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    let end = element.get(..element.len() - limit)?.iter().position(|byte| {
        let literal = escaped;
        escaped = *byte == b'\\' && quoted && !literal;
        quoted ^= *byte == b'"' && !literal;
        *byte == b']' && !quoted
    })?;
    element.get(end + 1..)
}

/// The bytes up to a blank, and what follows it; a word that is too long for a name is empty.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = until_blank(text.get(..MAX_NAME).unwrap_or(text));
    match text.split_at_checked(end) {
        Some((word, [b' ', rest @ ..])) => (word, rest),
        Some((word, [])) => (word, &[]),
        _ => (&[], text),
    }
}

/// Whether a word can be a host name.
fn is_name(word: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    !word.is_empty() && word.iter().all(allowed)
}

/// Whether a word ends as an identifier does, in `:`.
fn is_identifier(word: &[u8]) -> bool {
    word.len() > 1 && word.ends_with(b":") && !word.iter().any(|byte| matches!(byte, b'"' | b'=' | b'{'))
}

/// Whether a word can be nothing but an identifier: it has a process id, or is the kernel's.
fn is_surely_identifier(word: &[u8]) -> bool {
    word == b"kernel:" || (is_identifier(word) && split_tag(word).1.is_some())
}

/// `identifier` and `pid` of `identifier[pid]:` or `identifier:`.
fn split_tag(tag: &[u8]) -> (&[u8], Option<u32>) {
    let tag = tag.strip_suffix(b":").unwrap_or(tag);
    let parts = tag.strip_suffix(b"]").and_then(|open| {
        let at = open.iter().rposition(|byte| *byte == b'[')?;
        Some((open.get(..at)?, decimal(open.get(at + 1..)?)?))
    });
    parts.map_or((tag, None), |(identifier, pid)| (identifier, Some(pid)))
}

fn decimal(digits: &[u8]) -> Option<u32> {
    let value = |n: u32, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, value) }
}
