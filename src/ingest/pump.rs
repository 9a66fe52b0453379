//! Moves the bytes of a source from its reader through a decoder.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::decode::{Decoder, MAX_RECORD, Sink, Window};

/// Bytes that are asked of a reader at a time.
pub const CHUNK: usize = 512 * 1024;

/// Bytes at the start of a source from which its format is told.
pub const HEAD: usize = 64 * 1024;

/// The part of a source that has been read and not been decoded yet.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl Buffer {
    /// Makes room and reads once. Returns the bytes that came: none at the end of the source.
    ///
    /// # Errors
    /// What the reader reports; the bytes before are kept.
    pub fn fill(&mut self, reader: &mut dyn Read) -> io::Result<&[u8]> {
        self.make_room();
        loop {
            match reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(&[]);
                }
                Ok(count) => {
                    let old = self.end;
                    self.end += count;
                    return Ok(&self.bytes[old..self.end]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < CHUNK / 2 {
            self.bytes.resize((self.bytes.len() * 2).clamp(CHUNK, 4 * MAX_RECORD), 0);
        }
    }

    /// What has been read and not been decoded.
    pub fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// How many bytes of the source have been decoded.
    pub const fn decoded(&self) -> u64 {
        self.offset
    }

    /// Whether the source has ended (or failed) and nothing more will come.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Decodes as much of what is pending as `decoder` takes.
    pub fn decode(&mut self, decoder: &mut dyn Decoder, sink: &mut dyn Sink) {
        loop {
            let bytes = &self.bytes[self.start..self.end];
            let used = decoder.decode(Window { bytes, offset: self.offset, last: self.ended }, sink).min(bytes.len());
            self.start += used;
            self.offset += used as u64;
            if used == 0 || self.start == self.end {
                break;
            }
        }
    }
}

/// Reads from `reader` until `wanted` bytes are pending or the source ends, and gives what came to `keep`.
///
/// # Errors
/// What the reader or `keep` reports.
pub fn read_head(
    buffer: &mut Buffer,
    reader: &mut dyn Read,
    wanted: usize,
    cancelled: &AtomicBool,
    keep: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    while buffer.pending().len() < wanted && !buffer.ended() && !cancelled.load(Ordering::Relaxed) {
        let came = buffer.fill(reader)?;
        keep(came)?;
    }
    Ok(())
}
