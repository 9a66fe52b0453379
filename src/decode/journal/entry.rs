//! An entry while its fields are read.

use super::super::nft;
use super::super::{Body, Entry, Nft, Reject};
use super::{ENTRY_SIZE_MAX, FIELDS_MAX};
use crate::record::{Level, Precision, Time, Timestamp};

/// What is known of the open entry.
#[derive(Debug)]
pub(super) struct Pending {
    start: u64,
    fields: usize,
    time: Option<Result<Timestamp, String>>,
    level: Level,
    transport: Option<bool>,
    kernel: bool,
    nft: Option<OwnedNft>,
}

/// An entry that is complete.
#[derive(Debug)]
pub(super) struct Complete {
    start: u64,
    length: u64,
    pub(super) claimed: Option<Time>,
    level: Level,
    nft: Option<OwnedNft>,
}

/// The fields of an nf_log line, kept until the entry's end.
#[derive(Debug)]
struct OwnedNft {
    prefix: Vec<u8>,
    columns: Nft<'static>,
}

impl Pending {
    pub(super) const fn new(start: u64) -> Self {
        let (level, kernel) = (Level::Unknown, false);
        Self { start, fields: 0, time: None, level, transport: None, kernel, nft: None }
    }

    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// Takes a field in.
    pub(super) fn take(&mut self, name: &[u8], value: &[u8]) {
        if let Some(address) = name.strip_prefix(b"__") {
            if address == b"REALTIME_TIMESTAMP" {
                self.time = Some(timestamp(value));
            }
            return;
        }
        self.fields += 1;
        if self.fields > FIELDS_MAX {
            return;
        }
        match name {
            b"PRIORITY" => self.level = priority(value),
            b"_TRANSPORT" => self.transport = Some(value == b"kernel"),
            b"SYSLOG_IDENTIFIER" => self.kernel = value == b"kernel",
            b"MESSAGE" => self.nft = nft::parse(value).map(OwnedNft::new),
            _ => {}
        }
    }

    /// The entry, which ends at `end`. One without a time is taken only where an earlier one had a time.
    pub(super) fn finish(self, end: u64, had_time: bool) -> Result<Complete, Reject> {
        let (start, length) = (self.start, end - self.start);
        let reject = |reason: String| Reject { offset: start, length, reason };
        if self.fields == 0 {
            return Err(reject("an entry without any field".to_owned()));
        }
        if length > ENTRY_SIZE_MAX {
            return Err(reject(format!("an entry of {length} bytes, more than a journal can have")));
        }
        let time = self.time.transpose().map_err(reject)?;
        if time.is_none() && !had_time {
            return Err(reject("an entry without __REALTIME_TIMESTAMP".to_owned()));
        }
        let from_kernel = self.transport.unwrap_or(self.kernel);
        Ok(Complete {
            start,
            length,
            claimed: time.map(|at| Time { at, precision: Precision::Microsecond, inferred: false }),
            level: self.level,
            nft: self.nft.filter(|_| from_kernel),
        })
    }
}

impl Complete {
    pub(super) fn as_entry(&self) -> Entry<'_> {
        Entry {
            offset: self.start,
            length: self.length,
            received: None,
            claimed: self.claimed,
            level: self.level,
            body: self.nft.as_ref().map_or(Body::Journal, |nft| Body::Nft(nft.as_nft())),
        }
    }
}

impl OwnedNft {
    fn new(nft: Nft<'_>) -> Self {
        Self { prefix: nft.prefix.to_vec(), columns: Nft { prefix: b"", ..nft } }
    }

    fn as_nft(&self) -> Nft<'_> {
        Nft { prefix: &self.prefix, ..self.columns.clone() }
    }
}

/// Microseconds since 1970. systemd takes up to 2^55; what does not fit [`Timestamp`] (from the year 2262 on) stands at
/// its end.
fn timestamp(value: &[u8]) -> Result<Timestamp, String> {
    let text = std::str::from_utf8(value).ok();
    let micros = text.and_then(|text| text.trim_ascii().parse::<u64>().ok());
    match micros {
        Some(micros @ 1..0x80_0000_0000_0000) => Ok(Timestamp::from_micros(micros as i64)),
        _ => {
            let shown = value.get(..40).unwrap_or(value).escape_ascii();
            Err(format!("__REALTIME_TIMESTAMP \"{shown}\" is no time in microseconds"))
        }
    }
}

/// PRIORITY is a digit from 0 to 7.
fn priority(value: &[u8]) -> Level {
    match value {
        [digit @ b'0'..=b'7'] => Level::from_severity(digit - b'0'),
        _ => Level::Unknown,
    }
}
