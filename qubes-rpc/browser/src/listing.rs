//! Reads what `logvm-archive list --json` and `usage --json` print: one object a line. Fields that are not known are
//! passed over, so that newer services can say more.

use std::io::{self, BufRead, Read};

use logvm_wire::stamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::archive::{Archive, State, is_id};

/// The most archives that are taken.
pub const MOST_ARCHIVES: usize = 200_000;
/// The most origins that are taken.
pub const MOST_ORIGINS: usize = 10_000;
/// Bytes of a line.
const MAX_LINE: u64 = 64 << 10;
/// Bytes that are kept of a name or kind.
const MAX_NAME: usize = 256;

/// What was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was understood, as it came.
    pub items: Vec<T>,
    /// Lines that were not understood.
    pub rejected: usize,
    /// Lines beyond the most that are taken.
    pub left_out: usize,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { items: Vec::new(), rejected: 0, left_out: 0 }
    }
}

/// What one origin takes, and may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The folder that holds it: a LogVM's or a vault's.
    pub root: String,
    /// The origin.
    pub origin: String,
    /// Bytes of its files.
    pub bytes: u64,
    /// Its files.
    pub files: u64,
    /// What counts against its quota, in bytes.
    pub charged: u64,
    /// Its quota in bytes, if it has one.
    pub quota: Option<u64>,
}

impl Usage {
    /// Percentage of the quota that is used, rounded down.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        self.quota.map(|quota| self.charged.saturating_mul(100) / quota.max(1))
    }
}

#[derive(Deserialize)]
struct ArchiveLine {
    id: String,
    origin: String,
    #[serde(default)]
    kind: String,
    start: Option<String>,
    end: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
struct UsageLine {
    #[serde(default)]
    root: String,
    origin: String,
    #[serde(default)]
    bytes: u64,
    #[serde(default)]
    files: u64,
    charged: Option<u64>,
    quota: Option<u64>,
}

/// Reads a listing of archives.
///
/// # Errors
/// When the input cannot be read.
pub fn archives(input: impl BufRead) -> io::Result<Listing<Archive>> {
    read(input, MOST_ARCHIVES, |line: ArchiveLine| {
        is_id(&line.id).then(|| Archive {
            id: line.id,
            origin: short(line.origin),
            kind: short(line.kind),
            start: micros(line.start.as_deref()),
            end: micros(line.end.as_deref()),
            size: line.size,
            state: State::from_name(&line.state),
        })
    })
}

/// Reads what the origins take.
///
/// # Errors
/// When the input cannot be read.
pub fn usage(input: impl BufRead) -> io::Result<Listing<Usage>> {
    read(input, MOST_ORIGINS, |line: UsageLine| {
        let UsageLine { root, origin, bytes, files, charged, quota } = line;
        let charged = charged.unwrap_or(bytes);
        Some(Usage { root: short(root), origin: short(origin), bytes, files, charged, quota })
    })
}

fn read<L: DeserializeOwned, T>(
    mut input: impl BufRead,
    most: usize,
    convert: impl Fn(L) -> Option<T>,
) -> io::Result<Listing<T>> {
    let (mut listing, mut line) = (Listing::default(), Vec::new());
    while next(&mut input, &mut line)? {
        match serde_json::from_slice(&line).ok().and_then(&convert) {
            _ if listing.items.len() >= most => listing.left_out += 1,
            Some(item) => listing.items.push(item),
            None => listing.rejected += 1,
        }
    }
    Ok(listing)
}

/// Reads the next line; of one that is too long only the beginning, which is then no JSON.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(MAX_LINE).read_until(b'\n', line)?;
    if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

fn short(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME));
    name
}

fn micros(text: Option<&str>) -> Option<u64> {
    stamp::parse(text?.as_bytes()).map(stamp::micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_passed_over_and_what_is_wrong_is_counted() {
        let long = format!("{{\"id\":\"a\",\"origin\":\"{}\"}}", "x".repeat(1 << 20));
        let lines = format!(
            "{}\n{}\nnonsense\n{}\n{long}\n{}\n{}",
            r#"{"id":"a1","origin":"work","kind":"log","start":"2026-11-21T03:54:36.123456Z","end":null,"size":7,
"state":"open","new":[1,{"x":2}]}"#
                .replace('\n', ""),
            r#"{"id":"b2","origin":"work","state":"sealed"}"#,
            r#"{"id":"--home=/","origin":"work"}"#,
            r#"{"origin":"work"}"#,
            r#"{"id":"c3","origin":"work","size":-1}"#,
        );
        let listing = archives(lines.as_bytes()).expect("a slice is readable");
        assert_eq!((listing.items.len(), listing.rejected), (2, 5));
        assert_eq!((listing.items[0].start, listing.items[0].size), (Some(1_795_233_276_123_456), 7));
        assert_eq!((listing.items[0].state, listing.items[1].state), (State::Open, State::Unknown));
    }

    #[test]
    fn names_are_bounded() {
        let line = format!("{{\"id\":\"a\",\"origin\":\"{}\"}}", "é".repeat(1000));
        assert_eq!(archives(line.as_bytes()).expect("readable").items[0].origin.len(), MAX_NAME);
    }

    #[test]
    fn a_quota_may_be_missing_or_nothing() {
        let lines = "{\"origin\":\"a\",\"bytes\":5}\n{\"origin\":\"b\",\"charged\":5,\"quota\":0}\n\
                     {\"origin\":\"c\",\"bytes\":1,\"charged\":83,\"quota\":100}\n";
        let usage = usage(lines.as_bytes()).expect("readable");
        assert_eq!(usage.items.iter().map(Usage::percent).collect::<Vec<_>>(), [None, Some(500), Some(83)]);
    }
}
