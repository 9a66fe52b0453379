//! Readers that every input goes through: counting, cancelling, and looking at the first bytes.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::header::{self, BLOCK};
use super::limits::Meter;

/// Bytes that decompressors read at once.
pub(super) const BUFFER: usize = 256 << 10;

/// The reading was cancelled.
#[derive(Debug)]
struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl Error for Cancelled {}

/// Whether a source's reader failed only because the walk was cancelled.
#[must_use]
pub fn is_cancelled(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Cancelled>())
}

/// The bytes of an input as they are stored: counts them, and fails once the walk is cancelled.
pub(super) struct Raw<'a, R> {
    /// The input.
    pub inner: R,
    /// Counts for the limits.
    pub meter: &'a Meter,
    /// Counts for the user.
    pub progress: &'a AtomicU64,
    /// Set to stop.
    pub cancelled: &'a AtomicBool,
}

impl<R: Read> Read for Raw<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(io::Error::other(Cancelled));
        }
        let count = loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.meter.stored.set(self.meter.stored.get().saturating_add(count as u64));
        self.progress.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A source.
    Leaf,
    /// gzip, RFC 1952.
    Gz,
    /// Zstandard, RFC 8878.
    Zst,
    /// An archive of tar.
    Tar,
}

/// The format that the first bytes of a stream show.
pub(super) fn detect(start: &[u8]) -> Format {
    match start {
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Format::Gz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Format::Zst,
        _ if start.first_chunk::<BLOCK>().is_some_and(header::is_header) => Format::Tar,
        _ => Format::Leaf,
    }
}

/// A stream whose first bytes were looked at and are given again.
pub(super) struct Peeked<'a> {
    start: [u8; BLOCK],
    used: usize,
    filled: usize,
    failure: Option<io::Error>,
    inner: &'a mut dyn Read,
}

impl<'a> Peeked<'a> {
    /// Reads the first bytes, as many as [`detect`] needs or as there are.
    pub fn new(inner: &'a mut dyn Read) -> Self {
        let mut peeked = Self { start: [0; BLOCK], used: 0, filled: 0, failure: None, inner };
        while peeked.filled < BLOCK {
            match peeked.inner.read(&mut peeked.start[peeked.filled..]) {
                Ok(0) => break,
                Ok(count) => peeked.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    peeked.failure = Some(error);
                    break;
                }
            }
        }
        peeked
    }

    /// The first bytes of the stream.
    pub fn start(&self) -> &[u8] {
        &self.start[..self.filled]
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.start[self.used..self.filled];
        if rest.is_empty() {
            return self.failure.take().map_or_else(|| self.inner.read(buffer), Err);
        }
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.used += count;
        Ok(count)
    }
}

/// An error of a damaged or truncated stream, which is given again at every further read.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    kind: io::ErrorKind,
    message: String,
}

impl Damage {
    /// The stream says what cannot be.
    pub fn invalid(message: String) -> Self {
        Self { kind: io::ErrorKind::InvalidData, message }
    }

    /// The stream ends too early.
    pub fn truncated(message: String) -> Self {
        Self { kind: io::ErrorKind::UnexpectedEof, message }
    }

    /// As an error of I/O.
    pub fn error(&self) -> io::Error {
        io::Error::new(self.kind, self.message.clone())
    }
}
