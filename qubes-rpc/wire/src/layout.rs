//! What the files of the store are called.
//!
//! ```text
//! ~/QubesLogs/alerts.log                              alerts, see `alert`
//! ~/QubesLogs/<origin>/.lock                          locked while one of the origin's collectors writes
//! ~/QubesLogs/<origin>/<start>-<session>.log          lines: `<received>` TAB `<line>`
//! ~/QubesLogs/<origin>/<start>-<session>.export       journal export, byte for byte
//! ~/QubesLogs/<origin>/<start>-<session>.export.stamps    `<offset>` TAB `<received>`, one for each read
//! ~/QubesLogs/<origin>/<start>-<session>.log.zst      a closed segment, compressed (also .gz, .xz)
//! ~/QubesLogs/<origin>/<start>-<session>.hold         an empty file: nothing of this segment may be deleted
//! ```
//!
//! A session is one qrexec call. One that goes on for long is stored in parts: `<start>-<session>-1.log` and so on, each
//! with its own start; the parts of a session in the order of their numbers are what was sent. The clock may have gone
//! back between two parts, so their starts need not be in order.
//!
//! A segment is *open* as long as its collector lives and holds an exclusive lock (flock(2)) on it. Whoever wants to
//! compress or delete it tries the same lock first; a lock that is had at once means that nobody writes there any more.
//! Since there is a moment between the creation of a file and its lock, the newest files are to be left alone as well.

use std::fmt;
use std::time::SystemTime;

use crate::{QubeName, ack, stamp};

/// The root of the store, below the home directory of the LogVM's user.
pub const ROOT: &str = "QubesLogs";
/// Alerts, at the root.
pub const ALERTS: &str = "alerts.log";
/// The lock of an origin, in its directory; it also holds what the origin's collectors must know of each other.
pub const LOCK: &str = ".lock";
/// Digits (lower-case hexadecimal) of the unique id of a session.
pub const SESSION_LEN: usize = 16;

/// Whether the directory of `origin` would take the name of a file that logvm itself needs at the root. There may be a
/// qube of such a name; it cannot log here.
pub fn is_reserved(origin: &QubeName) -> bool {
    origin.as_str().starts_with(ALERTS)
}

/// What a file of the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Lines, each with the time at which it was received.
    Log,
    /// journald's export format as it came.
    Export,
    /// The times at which the bytes of an export were received.
    Stamps,
}

impl Kind {
    /// What the name of a file ends with before it is compressed.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::Export => ".export",
            Self::Stamps => ".export.stamps",
        }
    }
}

/// How a file of the store is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// zstd(1).
    Zst,
    /// gzip(1).
    Gz,
    /// xz(1).
    Xz,
}

impl Compression {
    /// What it adds to the name of a file.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Zst => ".zst",
            Self::Gz => ".gz",
            Self::Xz => ".xz",
        }
    }
}

/// The name of a file that holds (a part of) a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentName {
    /// When its first byte was received; to the microsecond.
    pub start: SystemTime,
    /// The unique id of the session: [`SESSION_LEN`] lower-case hexadecimal digits.
    pub session: String,
    /// Its number within the session; 0, the first, is not written.
    pub part: u32,
    /// What it holds.
    pub kind: Kind,
    /// How it is compressed.
    pub compression: Compression,
}

impl SegmentName {
    /// The name that `text` is; `None` for a file that is no segment.
    pub fn parse(text: &str) -> Option<Self> {
        let (start, rest) = text.split_at_checked(stamp::COMPACT_LEN)?;
        let (session, rest) = rest.strip_prefix('-')?.split_at_checked(SESSION_LEN)?;
        let (part, suffix) = rest.split_at(rest.find('.')?);
        let (kind, compression) = suffixes(suffix)?;
        let start = stamp::parse_compact(start.as_bytes())?;
        let part = parse_part(part)?;
        is_session(session).then(|| Self { start, session: session.to_owned(), part, kind, compression })
    }

    /// What all files of this part of the session begin with: `<start>-<session>`, and the number of the part.
    pub fn stem(&self) -> String {
        let start = stamp::compact(self.start);
        let start = String::from_utf8_lossy(&start);
        match self.part {
            0 => format!("{start}-{}", self.session),
            part => format!("{start}-{}-{part}", self.session),
        }
    }

    /// The file whose presence protects this part of the session from being deleted.
    pub fn hold(&self) -> String {
        self.stem() + HOLD
    }

    /// The same part of the same session, in the file of another kind.
    pub fn with_kind(&self, kind: Kind) -> Self {
        Self { kind, ..self.clone() }
    }
}

/// What the name of a hold ends with.
pub const HOLD: &str = ".hold";

impl fmt::Display for SegmentName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", self.stem(), self.kind.suffix(), self.compression.suffix())
    }
}

fn is_session(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn parse_part(text: &str) -> Option<u32> {
    if text.is_empty() {
        return Some(0);
    }
    let part = ack::decimal(text.strip_prefix('-')?.as_bytes())?;
    u32::try_from(part).ok().filter(|&part| part > 0)
}

fn suffixes(text: &str) -> Option<(Kind, Compression)> {
    use {Compression as C, Kind as K};
    let kinds = [K::Log, K::Export, K::Stamps];
    let compressions = [C::None, C::Zst, C::Gz, C::Xz];
    let all = kinds.into_iter().flat_map(|kind| compressions.map(|compression| (kind, compression)));
    all.into_iter()
        .find(|(kind, compression)| text.strip_prefix(kind.suffix()).is_some_and(|rest| rest == compression.suffix()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "20261121T035436.123456Z";

    #[test]
    fn names_come_back() {
        for text in [
            "-0123456789abcdef.log",
            "-0123456789abcdef.export",
            "-0123456789abcdef.export.stamps",
            "-0123456789abcdef-1.log.zst",
            "-0123456789abcdef-4294967295.export.stamps.gz",
            "-0123456789abcdef.export.xz",
        ] {
            let text = format!("{START}{text}");
            assert_eq!(SegmentName::parse(&text).map(|name| name.to_string()), Some(text));
        }
    }

    #[test]
    fn what_is_no_segment_is_refused() {
        for text in [
            "",
            "-0123456789abcdef",
            "-0123456789abcdef.",
            "-0123456789abcdeF.log",
            "-0123456789abcde.log",
            "-0123456789abcdef0.log",
            "-0123456789abcdef-0.log",
            "-0123456789abcdef-01.log",
            "-0123456789abcdef-4294967296.log",
            "-0123456789abcdef.hold",
            "-0123456789abcdef.log.zst.tmp",
            "-0123456789abcdef.log.stamps",
            "-0123456789abcdef.log/",
            "-0123456789é.log",
        ] {
            assert_eq!(SegmentName::parse(&format!("{START}{text}")), None, "{text:?}");
        }
        for text in ["alerts.log", ".lock", "..", "20261321T035436.123456Z-0123456789abcdef.log"] {
            assert_eq!(SegmentName::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_hold_stays_whatever_the_compression() {
        let plain = SegmentName::parse(&format!("{START}-0123456789abcdef-3.export")).unwrap();
        let packed = SegmentName { compression: Compression::Zst, ..plain.with_kind(Kind::Stamps) };
        assert_eq!(plain.hold(), format!("{START}-0123456789abcdef-3.hold"));
        assert_eq!(plain.hold(), packed.hold());
    }

    #[test]
    fn a_qube_cannot_take_the_place_of_the_alerts() {
        assert!(is_reserved(&QubeName::parse("alerts.log").unwrap()));
        assert!(!is_reserved(&QubeName::parse("alerts").unwrap()));
    }
}
