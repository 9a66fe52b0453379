//! What is known of an archive.

use logvm_look::escape::{self, Form};

use crate::text;

/// At most this many columns of what an archive is called are looked through.
const MAX_LABEL: usize = 160;

/// What may happen to an archive, as `logvm-archive list` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its collector still writes.
    Open,
    /// It is complete.
    Closed,
    /// It is complete, and compressed.
    Compressed,
    /// It is protected: nothing deletes it.
    Held,
    /// A state that this program does not know; nothing is done to such an archive that a mistake would make worse.
    Unknown,
}

impl State {
    /// All states that listings name.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::Compressed, Self::Held];

    /// Its name in listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Compressed => "compressed",
            Self::Held => "held",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or(Self::Unknown)
    }

    /// Whether an archive in this state may be deleted.
    #[must_use]
    pub const fn may_be_deleted(self) -> bool {
        matches!(self, Self::Closed | Self::Compressed)
    }
}

/// A line of a listing. Its texts may have been chosen by an attacker: they are drawn only after they were made harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// What `logvm-archive` calls it; checked to be no option (see [`is_id`]).
    pub id: String,
    /// The qube it came from.
    pub origin: String,
    /// What it holds.
    pub kind: String,
    /// When its first byte was received, in microseconds since 1970.
    pub start: Option<u64>,
    /// When its last byte was received; none while it is open.
    pub end: Option<u64>,
    /// Bytes on the disk.
    pub size: u64,
    /// What may happen to it.
    pub state: State,
}

impl Archive {
    /// How long it goes on, in microseconds; of an open one until `now`.
    #[must_use]
    pub fn span(&self, now: u64) -> Option<u64> {
        let end = self.end.or_else(|| (self.state == State::Open).then_some(now))?;
        Some(end.saturating_sub(self.start?))
    }

    /// Its line for the finder and the filter; harmless.
    #[must_use]
    pub fn label(&self) -> String {
        let start = text::time(self.start);
        let label =
            format!("{}  {start}  {}  {}  {}", self.origin, self.kind, self.state.name(), text::bytes(self.size));
        escape::cut(label.as_bytes(), 0..MAX_LABEL, Form::default()).text()
    }
}

/// Whether a command line can take `text` as an id: letters, digits, `.`, `_` and `-`, the first no `-`, at most 128.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    text.len() <= 128 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_never_options_or_paths() {
        assert!(is_id("0123456789abcdef0123456789abcdef"));
        for text in ["", "-y", "--home=/", "../x", "a b", "a\n", "é", &"a".repeat(129)] {
            assert!(!is_id(text), "{text:?}");
        }
    }

    #[test]
    fn states_have_names() {
        assert!(State::ALL.into_iter().all(|state| State::from_name(state.name()) == state));
        assert!(!State::from_name("sealed").may_be_deleted());
    }
}
