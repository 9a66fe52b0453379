//! What a caller wants, as it says on standard input: one item a line, few and short lines.
//!
//! ```text
//! <id>                one archive, as a listing names it; several lines name several
//! origin <qube>       only of this origin; several lines name several
//! kind <kind>         only of this kind: log, export, stamps, capture, file
//! since <time>        only what goes beyond this time
//! until <time>        only what began by this time
//! follow [<span>]     go on with what is written from now on, see `follow`
//! ```
//! An empty line or the end of input ends the selection. What says nothing selects everything the call may see.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};
use std::time::{Duration, SystemTime};

use logvm_wire::{QubeName, span};

use crate::day;
use crate::item::{Id, Item, Kind};

/// Bytes of a line.
const LINE: u64 = 256;
/// Lines of a selection: ids of 2 MiB.
const LINES: usize = 65_536;

/// What a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These archives; none named is all.
    pub ids: BTreeSet<Id>,
    /// Of these origins; none named is all.
    pub origins: BTreeSet<QubeName>,
    /// Of these kinds; none named is all.
    pub kinds: BTreeSet<Kind>,
    /// What goes beyond this time.
    pub since: Option<SystemTime>,
    /// What began by this time.
    pub until: Option<SystemTime>,
    /// Go on with what is written from now on.
    pub follow: Option<Lease>,
    /// It was ended by an empty line, so that the end of input has still something to say.
    pub ended: bool,
}

/// How long following goes on without a word from the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(pub Duration);

impl Default for Lease {
    fn default() -> Self {
        Self(Duration::from_secs(24 * 3600))
    }
}

impl Selection {
    /// Reads a selection; spans count back from `now`.
    ///
    /// # Errors
    /// A line that is not understood or too long, too many lines: [`io::ErrorKind::InvalidInput`], with the number of
    /// the line and nothing of what it said.
    pub fn read(input: &mut impl BufRead, now: SystemTime) -> io::Result<Self> {
        let mut selection = Self::default();
        for number in 1..=LINES {
            let mut line = Vec::new();
            input.by_ref().take(LINE).read_until(b'\n', &mut line)?;
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if text.is_empty() {
                selection.ended = !line.is_empty();
                return Ok(selection);
            }
            let whole = line.len() < LINE as usize || line.ends_with(b"\n");
            let text = std::str::from_utf8(text).ok().filter(|_| whole);
            let understood = text.and_then(|text| selection.add(text.trim(), now));
            understood.ok_or_else(|| refused(&format!("line {number} of the selection is not understood")))?;
        }
        Err(refused("the selection has too many lines"))
    }

    /// Adds what one line says; `None` when it is not understood.
    pub fn add(&mut self, line: &str, now: SystemTime) -> Option<()> {
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        match (word, value.trim()) {
            ("origin", name) => drop(self.origins.insert(QubeName::parse(name)?)),
            ("kind", kind) => drop(self.kinds.insert(Kind::parse(kind)?)),
            ("since", time) => self.since = Some(day::parse(time, now)?),
            ("until", time) => self.until = Some(day::parse(time, now)?),
            ("follow", "") => self.follow = Some(Lease::default()),
            ("follow", text) => self.follow = Some(Lease(span::parse(text)?.min(Lease::default().0))),
            (id, "") => drop(self.ids.insert(Id::parse(id)?)),
            _ => return None,
        }
        Some(())
    }

    /// Whether an archive is wanted.
    #[must_use]
    pub fn wants(&self, item: &Item) -> bool {
        (self.ids.is_empty() || self.ids.contains(&item.id))
            && (self.origins.is_empty() || self.origins.iter().any(|origin| origin.as_str() == item.origin))
            && (self.kinds.is_empty() || self.kinds.contains(&item.kind))
            && self.since.is_none_or(|since| item.end.is_none_or(|end| end >= since))
            && self.until.is_none_or(|until| item.start <= until)
    }
}

/// An error that is the caller's.
#[must_use]
pub fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> io::Result<Selection> {
        Selection::read(&mut &text[..], SystemTime::now())
    }

    #[test]
    fn lines_are_understood() {
        let id = Id::of("x");
        let text = format!("{id}\norigin sys-net\nkind log\nsince 2026-11-21\nuntil 1h\nfollow 60s\n\n");
        let selection = read(text.as_bytes()).unwrap();
        assert!(selection.ids.contains(&id) && selection.ended);
        assert_eq!(selection.follow, Some(Lease(Duration::from_secs(60))));
        assert!(!read(b"kind log").unwrap().ended);
        assert_eq!(read(b"").unwrap(), Selection::default());
    }

    #[test]
    fn everything_else_is_refused() {
        let long = [b'0'; 10_000];
        let many = b"kind log\n".repeat(LINES + 1);
        let wrong: [&[u8]; 8] =
            [b"../x\n", b"origin ../x\n", b"kind x\n", b"since x\n", b"follow x\n", b"\xff\n", &long, &many];
        for text in wrong {
            let error = read(text).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(!error.to_string().contains(".."));
        }
    }

    #[test]
    fn a_follower_cannot_stay_for_ever() {
        assert_eq!(read(b"follow 9999d").unwrap().follow, Some(Lease::default()));
    }
}
