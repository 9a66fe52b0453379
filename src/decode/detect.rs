//! Which format a source has, by its first bytes, and the decoder for it.

use memchr::memchr_iter;

use super::journal::{self, JournalDecoder};
use super::pcap::PcapDecoder;
use super::text::{self, TextDecoder};
use super::time::{self, Form};
use super::{Decoder, Reject, Sink, Window};
use crate::civil::Date;

pub use super::time::Hints;

/// How many bytes of a source are worth showing to [`detect`].
pub const HEAD: usize = 64 << 10;

/// How many lines are looked at.
const LINES: usize = 200;

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Nothing.
    Empty,
    /// A classic capture.
    Pcap,
    /// A capture in pcapng.
    PcapNg,
    /// A systemd journal, exported.
    JournalExport,
    /// Text with LogVM's received time before each line.
    LogVm,
    /// Text whose lines are nf_log's.
    NftLog,
    /// Text in the form of RFC 3164 or RFC 5424, or journalctl's `short`.
    Syslog,
    /// Text from journalctl with full dates.
    Journalctl,
    /// Any other text.
    Text,
    /// Bytes that nothing here reads.
    Binary,
}

impl Format {
    /// Whether its records are packets.
    #[must_use]
    pub const fn is_capture(self) -> bool {
        matches!(self, Self::Pcap | Self::PcapNg)
    }

    /// What a person calls it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Pcap => "pcap capture",
            Self::PcapNg => "pcapng capture",
            Self::JournalExport => "journal export",
            Self::LogVm => "LogVM log",
            Self::NftLog => "nft log",
            Self::Syslog => "syslog",
            Self::Journalctl => "journalctl text",
            Self::Text => "plain text",
            Self::Binary => "binary",
        }
    }
}

/// A format and why it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The format.
    pub format: Format,
    /// Why, for a person.
    pub reason: String,
}

impl Detection {
    fn new(format: Format, reason: impl Into<String>) -> Self {
        Self { format, reason: reason.into() }
    }
}

/// Tells the format of a source by its first bytes (up to [`HEAD`] are looked at). Its name decides nothing, but a
/// name that promises something else is told in the reason.
#[must_use]
pub fn detect(head: &[u8], name: &str) -> Detection {
    let head = head.get(..HEAD).unwrap_or(head);
    let mut detection = empty(head)
        .or_else(|| capture(head))
        .or_else(|| known_binary(head))
        .or_else(|| journal_export(head))
        .unwrap_or_else(|| text_or_binary(head));
    if let Some(promised) = promised(name).filter(|promised| !promised.contains(&detection.format)) {
        let wanted = promised.first().map_or("", |format| format.description());
        detection.reason.push_str(&format!("; not a {wanted}, as its name says"));
    }
    detection
}

/// The decoder for what was detected.
#[must_use]
pub fn decoder(detection: &Detection, hints: Hints) -> Box<dyn Decoder + Send> {
    match detection.format {
        Format::Pcap => Box::new(PcapDecoder::default()),
        Format::JournalExport => Box::new(JournalDecoder::new()),
        Format::LogVm | Format::NftLog | Format::Syslog | Format::Journalctl | Format::Text => {
            Box::new(TextDecoder::new(hints))
        }
        Format::Empty | Format::PcapNg | Format::Binary => {
            Box::new(Opaque { offset: None, reason: detection.reason.clone() })
        }
    }
}

/// Rejects all of a source, in one piece.
#[derive(Debug)]
struct Opaque {
    offset: Option<u64>,
    reason: String,
}

impl Decoder for Opaque {
    fn decode(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let offset = *self.offset.get_or_insert(window.offset);
        let length = window.offset + window.bytes.len() as u64 - offset;
        if window.last && length > 0 {
            sink.reject(Reject { offset, length, reason: self.reason.clone() });
        }
        window.bytes.len()
    }
}

fn empty(head: &[u8]) -> Option<Detection> {
    head.is_empty().then(|| Detection::new(Format::Empty, "there is nothing in it"))
}

/// What the end of a name promises.
fn promised(name: &str) -> Option<&'static [Format]> {
    let name = name.to_ascii_lowercase();
    let ends = |end: &str| name.ends_with(end);
    match () {
        () if ends(".pcap") || ends(".pcapng") || ends(".cap") => Some(&[Format::Pcap, Format::PcapNg, Format::Empty]),
        () if ends(".export") => Some(&[Format::JournalExport, Format::Empty]),
        () => None,
    }
}

fn capture(head: &[u8]) -> Option<Detection> {
    let magic = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
    let (order, value) = match magic {
        0x0a0d_0d0a => {
            let reason = "starts with a pcapng section header block";
            return Some(Detection::new(Format::PcapNg, reason));
        }
        0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34 => ("big-endian", magic),
        _ => ("little-endian", magic.swap_bytes()),
    };
    let unit = match value {
        0xa1b2_c3d4 => "microseconds",
        0xa1b2_3c4d => "nanoseconds",
        0xa1b2_cd34 => "microseconds, Kuznetzov's variant",
        _ => return None,
    };
    Some(Detection::new(Format::Pcap, format!("starts with pcap magic {value:08x}, {order}, {unit}")))
}

/// Formats that are told apart only to say what they are.
fn known_binary(head: &[u8]) -> Option<Detection> {
    const MAGICS: &[(&[u8], &str)] = &[
        (b"LPKSHHRH", "a native systemd journal; export it with journalctl -o export --file"),
        (b"\x1f\x8b", "gzip data that could not be opened"),
        (b"\x28\xb5\x2f\xfd", "zstd data that could not be opened"),
        (b"\xfd7zXZ\0", "xz data"),
        (b"BZh", "bzip2 data"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x7fELF", "an ELF program"),
        (b"ElfFile\0", "a Windows event log"),
        (b"\xff\xfe", "UTF-16 text, little-endian"),
        (b"\xfe\xff", "UTF-16 text, big-endian"),
    ];
    let (_, what) = MAGICS.iter().find(|(magic, _)| head.starts_with(magic))?;
    Some(Detection::new(Format::Binary, *what))
}

/// An export starts with a field of the journal's own, or has one within its first fields.
fn journal_export(head: &[u8]) -> Option<Detection> {
    let start = head.iter().position(|byte| *byte != b'\n')?;
    let names = journal::fields(head.get(start..)?).map(|(name, _)| name).take(64);
    let own = names
        .take_while(|name| !name.is_empty())
        .find(|name| matches!(*name, b"__CURSOR" | b"__REALTIME_TIMESTAMP"))?;
    let first = head.get(start..)?.starts_with(own);
    let own = String::from_utf8_lossy(own);
    let reason = if first { format!("first line is {own}=") } else { format!("has the journal field {own}=") };
    Some(Detection::new(Format::JournalExport, reason))
}

fn text_or_binary(head: &[u8]) -> Detection {
    let counts = Counts::of(head);
    if let Some(detection) = counts.format() {
        return detection;
    }
    let control = |byte: &&u8| matches!(**byte, 0..=8 | 14..=26 | 28..=31 | 127);
    let odd = head.iter().filter(control).count();
    if odd * 10 > head.len() {
        let share = odd * 100 / head.len().max(1);
        return Detection::new(Format::Binary, format!("{share} % control bytes, and no times"));
    }
    let reason = if counts.timed > 0 { "lines, some with a time" } else { "lines without times" };
    Detection::new(Format::Text, reason)
}

/// How many of the first lines are of which kind.
#[derive(Debug, Default)]
struct Counts {
    lines: usize,
    received: usize,
    nft: usize,
    syslog: usize,
    journalctl: usize,
    timed: usize,
}

impl Counts {
    fn of(head: &[u8]) -> Self {
        let mut counts = Self::default();
        let mut start = 0;
        for end in memchr_iter(b'\n', head).chain([head.len()]).take(LINES) {
            let line = head.get(start..end).unwrap_or_default();
            start = end + 1;
            if !line.trim_ascii().is_empty() {
                counts.add(line.get(..text::HEAD).unwrap_or(line));
            }
        }
        counts
    }

    fn add(&mut self, line: &[u8]) {
        // Any year will do to see that there is a time.
        let hints = Hints { date: Date::new(2000, 1, 1), ..Hints::default() };
        let parts = text::parse_line(line, &hints);
        self.lines += 1;
        self.received += usize::from(parts.received.is_some());
        self.nft += usize::from(parts.nft().is_some());
        self.timed += usize::from(parts.claimed.is_some());
        let form = time::parse(line, &hints, None).map(|stamp| stamp.form);
        let sender = parts.identifier.is_some();
        match form {
            Some(Form::Rfc3339 | Form::ShortFull | Form::Unix) if sender => self.journalctl += 1,
            Some(Form::Syslog) => self.syslog += 1,
            None if line.starts_with(b"<") && parts.level != crate::record::Level::Unknown => self.syslog += 1,
            _ => {}
        }
    }

    /// The format that more than half of the lines have.
    fn format(&self) -> Option<Detection> {
        let most = |count: usize| count * 2 > self.lines;
        let inside = match () {
            () if most(self.nft) => "nft lines",
            () if most(self.timed) => "syslog",
            () => "text",
        };
        match () {
            () if most(self.received) => {
                let reason = format!("lines with a received time and {inside} inside");
                Some(Detection::new(Format::LogVm, reason))
            }
            () if most(self.nft) => Some(Detection::new(Format::NftLog, "lines of the kernel's nf_log")),
            () if most(self.journalctl) => {
                Some(Detection::new(Format::Journalctl, "lines with a full date, a host and an identifier"))
            }
            () if most(self.syslog) => Some(Detection::new(Format::Syslog, "lines with syslog's time or <PRI>")),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests;
