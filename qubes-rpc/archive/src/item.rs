//! What a listing is made of.

use std::fmt;
use std::time::SystemTime;

use logvm_wire::stamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Bytes of an id; twice as many hexadecimal digits.
const ID: usize = 16;

/// Names an archive without telling where it is. It comes from the path without its compression: it stays the same
/// when the compressor was there, and on another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; ID]);

impl Id {
    /// The id of what lies at `path`, from the root's name on and without the suffix of a compression.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let sum = Sha256::new().chain_update(b"logvm archive\0").chain_update(path).finalize();
        let mut id = [0; ID];
        id.iter_mut().zip(sum).for_each(|(byte, from)| *byte = from);
        Self(id)
    }

    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| lower && text.len() == 2 * ID)?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What an archive holds, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Lines with the times at which they were received.
    Log,
    /// journald's export format, with its stamps.
    Export,
    /// Stamps whose export is gone.
    Stamps,
    /// Packets: `.pcap`, `.pcapng`, or an archive whose name begins with `pcap`.
    Capture,
    /// Anything else that was put there.
    File,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Log, Self::Export, Self::Stamps, Self::Capture, Self::File];

    /// Its name in listings and selections.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Export => "export",
            Self::Stamps => "stamps",
            Self::Capture => "capture",
            Self::File => "file",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What may happen to an archive. The first that applies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its collector still writes.
    Open,
    /// It is protected: nothing deletes it.
    Held,
    /// It is complete, and compressed.
    Compressed,
    /// It is complete.
    Closed,
}

impl State {
    /// Its name in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Compressed => "compressed",
            Self::Closed => "closed",
        }
    }
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it is below its root.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// When it last changed.
    pub modified: SystemTime,
}

/// An archive: one part of a session with all its files, or one other file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: Id,
    /// The name of its root.
    pub root: &'static str,
    /// The qube it came from.
    pub origin: String,
    /// What it holds.
    pub kind: Kind,
    /// When its first byte was received; of other files midnight of the day in their path, else when they changed.
    pub start: SystemTime,
    /// When its last byte was received; `None` while it is open.
    pub end: Option<SystemTime>,
    /// What may happen to it.
    pub state: State,
    /// Its files; what the kind says first.
    pub files: Vec<Stored>,
}

impl Item {
    /// Bytes of all its files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// The line of a listing.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut line = self.facts();
        line["size"] = json!(self.size());
        line
    }

    /// The line of a manifest for one of its files, of which `size` bytes are sent.
    #[must_use]
    pub fn manifest(&self, file: &Stored, size: u64) -> Value {
        let mut line = self.facts();
        line["path"] = json!(format!("{}/{}", self.root, file.path));
        line["size"] = json!(size);
        if self.state == State::Open {
            line["growing"] = json!(true);
        }
        line
    }

    fn facts(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "origin": self.origin,
            "kind": self.kind.as_str(),
            "start": time(self.start),
            "end": self.end.map(time),
            "state": self.state.as_str(),
        })
    }
}

/// A time as listings have it: RFC 3339 in UTC, with microseconds.
#[must_use]
pub fn time(at: SystemTime) -> String {
    stamp::rfc3339_micros(at).iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_and_nothing_else_does() {
        let id = Id::of("QubesLogs/work/x.log");
        assert_eq!(Id::parse(&id.to_string()), Some(id));
        assert_ne!(Id::of("QubesLogs/work/y.log"), id);
        for text in ["", "../../etc/passwd", "+0000000000000000000000000000000", &"A".repeat(32), &"0".repeat(33)] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }

    #[test]
    fn kinds_have_names() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.as_str()) == Some(kind)));
    }
}
