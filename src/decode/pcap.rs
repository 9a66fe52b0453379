//! Classic capture files (pcap-savefile(5)): both byte orders, microseconds and nanoseconds, and the modified format
//! that some old Linux tools wrote.

use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader, PcapTsResolution};

use super::{Capture, Decoder, Packet, Reject, Sink, Window, packet};
use crate::record::Timestamp;

/// The most bytes a packet may have: libpcap's `MAXIMUM_SNAPLEN`.
pub const MAX_CAPTURED: u32 = 262_144;

/// Bytes of the file header.
const FILE_HEADER: usize = 24;
/// Magic number of the modified format ("Kuznetzov's"), whose record headers are longer by 8 bytes.
const MODIFIED_MAGIC: u32 = 0xa1b2_cd34;
/// Magic number of the common format, with microseconds.
const MAGIC: u32 = 0xa1b2_c3d4;
/// The most a packet can plausibly have been on the wire.
const MAX_ORIGINAL: u32 = 1 << 24;
/// Neighbouring records that are further apart, in seconds, are not taken for records after damage.
const MAX_JUMP: u32 = 86_400;

/// Decodes the packets of a classic capture file.
///
/// A length that is absurd or leads beyond the end of the file does not end the reading: the decoder looks for the next
/// place where two plausible record headers follow each other, or one ends exactly with the file, and rejects what is
/// before it. File header, records and rejects add up to the size of the file, once the last window (it may be empty) has
/// been decoded: a reject is only handed over when its end is known.
#[derive(Debug, Default)]
pub struct PcapDecoder {
    state: State,
    format: Option<Format>,
}

#[derive(Debug, Default)]
enum State {
    /// Before the file header.
    #[default]
    Start,
    /// At a record header.
    Record,
    /// Looking for a record header; everything since `from` is rejected.
    Lost { from: u64, reason: String },
    /// Not a capture: everything is rejected.
    Refused { from: u64, reason: String },
}

#[derive(Clone, Copy, Debug)]
struct Format {
    big_endian: bool,
    modified: bool,
    capture: Capture,
    /// Magic number and version, as they are in the file.
    start: [u8; 8],
    link_field: [u8; 4],
}

#[derive(Clone, Copy, Debug)]
struct RecordHeader {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

/// Whether records start at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    NeedsMore,
}

impl Decoder for PcapDecoder {
    fn decode(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut used = 0;
        while let Some(bytes) = window.bytes.get(used..) {
            let rest = Window { bytes, offset: window.offset + used as u64, last: window.last };
            let Some(step) = self.step(rest, sink) else { break };
            used += step;
        }
        used
    }

    fn capture(&self) -> Option<Capture> {
        self.format.map(|format| format.capture)
    }
}

impl PcapDecoder {
    /// Uses up some bytes or changes its state; `None` when it needs more bytes or is done.
    fn step(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> Option<usize> {
        match (&mut self.state, self.format) {
            (State::Record, Some(format)) => self.record(format, window, sink),
            (State::Lost { .. }, Some(format)) => self.search(format, window, sink),
            (State::Refused { from, reason }, _) => {
                let end = window.offset + window.bytes.len() as u64;
                if window.last && end > *from {
                    let reason = std::mem::take(reason);
                    sink.reject(Reject { offset: *from, length: end - *from, reason });
                    *from = end;
                }
                (!window.bytes.is_empty()).then_some(window.bytes.len())
            }
            _ => self.start(window),
        }
    }

    fn start(&mut self, window: Window<'_>) -> Option<usize> {
        let Some(header) = window.bytes.first_chunk::<FILE_HEADER>() else {
            if !window.last || window.bytes.is_empty() {
                return None;
            }
            let reason = format!("capture header cut short: {} of {FILE_HEADER} bytes", window.bytes.len());
            self.state = State::Refused { from: window.offset, reason };
            return Some(0);
        };
        if let Some(format) = Format::read(header) {
            self.format = Some(format);
            self.state = State::Record;
            return Some(FILE_HEADER);
        }
        let [a, b, c, d, ..] = *header;
        let reason = format!("not a capture: magic number {a:02x} {b:02x} {c:02x} {d:02x}");
        self.state = State::Refused { from: window.offset, reason };
        Some(0)
    }

    fn record(&mut self, format: Format, window: Window<'_>, sink: &mut dyn Sink) -> Option<usize> {
        if let Some(step) = concatenated(&format, window, sink) {
            return step;
        }
        let size = format.record_header();
        let Some(header) = RecordHeader::read(&format, window.bytes) else {
            return cut_header(size, window, sink);
        };
        let end = size + header.captured as usize;
        if header.captured > MAX_CAPTURED {
            let reason = format!("absurd length: {} bytes captured, at most {MAX_CAPTURED} can be", header.captured);
            return self.lose(window.offset, reason);
        }
        match window.bytes.get(size..end) {
            Some(data) => {
                sink.packet(header.packet(&format, window.offset + size as u64, data));
                Some(end)
            }
            None if window.last => {
                let reason = format!("truncated: {} of {end} bytes", window.bytes.len());
                self.lose(window.offset, reason)
            }
            None => None,
        }
    }

    /// Starts to look for the next record behind the first byte of one that is damaged.
    fn lose(&mut self, from: u64, reason: String) -> Option<usize> {
        self.state = State::Lost { from, reason };
        Some(1)
    }

    fn search(&mut self, format: Format, window: Window<'_>, sink: &mut dyn Sink) -> Option<usize> {
        let verdict = |at: usize| format.starts_at(window.bytes.get(at..).unwrap_or_default(), window.last);
        let found = (0..window.bytes.len()).map(|at| (at, verdict(at))).find(|(_, verdict)| *verdict != Verdict::No);
        match found {
            Some((at, Verdict::NeedsMore)) => (at > 0).then_some(at),
            None if !window.last => (!window.bytes.is_empty()).then_some(window.bytes.len()),
            _ => {
                let at = found.map_or(window.bytes.len(), |(at, _)| at);
                self.found(window.offset + at as u64, sink);
                Some(at)
            }
        }
    }

    /// Rejects what was passed while looking for a record, which is at `offset`.
    fn found(&mut self, offset: u64, sink: &mut dyn Sink) {
        if let State::Lost { from, reason } = std::mem::replace(&mut self.state, State::Record) {
            sink.reject(Reject { offset: from, length: offset - from, reason });
        }
    }
}

/// Passes the file header of a capture that was appended to this one (`cat a.pcap b.pcap`).
///
/// `None` when there is none; the inner `None` when more bytes are needed to tell.
fn concatenated(format: &Format, window: Window<'_>, sink: &mut dyn Sink) -> Option<Option<usize>> {
    if window.bytes.first_chunk() != Some(&format.start) {
        return None;
    }
    let Some(header) = window.bytes.first_chunk::<FILE_HEADER>() else {
        return (!window.last).then_some(None);
    };
    if header.last_chunk() != Some(&format.link_field) {
        return None;
    }
    let reason = "the header of another capture that was appended".to_owned();
    sink.reject(Reject { offset: window.offset, length: FILE_HEADER as u64, reason });
    Some(Some(FILE_HEADER))
}

fn cut_header(size: usize, window: Window<'_>, sink: &mut dyn Sink) -> Option<usize> {
    let length = window.bytes.len();
    if !window.last || length == 0 {
        return None;
    }
    let reason = format!("truncated: {length} of the {size} bytes of a record header");
    sink.reject(Reject { offset: window.offset, length: length as u64, reason });
    Some(length)
}

impl Format {
    fn read(header: &[u8; FILE_HEADER]) -> Option<Self> {
        let (magic, rest) = header.split_first_chunk::<4>()?;
        let modified = [u32::from_be_bytes(*magic), u32::from_le_bytes(*magic)].contains(&MODIFIED_MAGIC);
        let mut common = *header;
        if modified {
            // Apart from its magic number the modified format's file header is the common one.
            let little = u32::from_le_bytes(*magic) == MODIFIED_MAGIC;
            let magic = if little { MAGIC.to_le_bytes() } else { MAGIC.to_be_bytes() };
            *common.first_chunk_mut()? = magic;
        }
        let (_, parsed) = PcapHeader::from_slice(&common).ok()?;
        // The upper half holds reserved bits and the length of the frame check sequence (pcap-savefile(5)).
        let link_type = (u32::from(parsed.datalink) & 0xffff) as u16;
        Some(Self {
            big_endian: parsed.endianness == Endianness::Big,
            modified,
            capture: Capture {
                link_type,
                snaplen: parsed.snaplen,
                nanoseconds: parsed.ts_resolution == PcapTsResolution::NanoSecond,
            },
            start: *header.first_chunk()?,
            link_field: *rest.last_chunk()?,
        })
    }

    const fn record_header(&self) -> usize {
        if self.modified { 24 } else { 16 }
    }

    /// Whether a record starts with `bytes`, judged by its header and the one after it.
    fn starts_at(&self, bytes: &[u8], last: bool) -> Verdict {
        let more = if last { Verdict::No } else { Verdict::NeedsMore };
        let Some(first) = RecordHeader::read(self, bytes) else { return more };
        if first.captured == 0 || !first.is_plausible(self) {
            return Verdict::No;
        }
        let Some(rest) = bytes.get(self.record_header() + first.captured as usize..) else { return more };
        if last && rest.is_empty() {
            return Verdict::Yes;
        }
        let Some(second) = RecordHeader::read(self, rest) else { return more };
        let near = first.seconds.abs_diff(second.seconds) <= MAX_JUMP;
        if near && second.is_plausible(self) { Verdict::Yes } else { Verdict::No }
    }
}

impl RecordHeader {
    fn read(format: &Format, bytes: &[u8]) -> Option<Self> {
        let header: &[u8; 16] = bytes.get(..format.record_header())?.first_chunk()?;
        let (words, _) = header.as_chunks::<4>();
        let word = |at: usize| {
            let word = words.get(at).copied().unwrap_or_default();
            if format.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
        };
        Some(Self { seconds: word(0), fraction: word(1), captured: word(2), original: word(3) })
    }

    const fn is_plausible(&self, format: &Format) -> bool {
        let fractions = if format.capture.nanoseconds { 1_000_000_000 } else { 1_000_000 };
        self.fraction < fractions
            && self.captured <= MAX_CAPTURED
            && self.captured <= self.original
            && self.original <= MAX_ORIGINAL
    }

    fn packet<'a>(&self, format: &Format, offset: u64, data: &'a [u8]) -> Packet<'a> {
        let unit = if format.capture.nanoseconds { 1 } else { 1_000 };
        Packet {
            offset,
            captured: self.captured,
            original: self.original,
            time: Timestamp::from_parts(i64::from(self.seconds), 0).offset(i64::from(self.fraction) * unit),
            nanoseconds: format.capture.nanoseconds,
            ip: packet::decode(format.capture.link_type, data, self.original),
        }
    }
}
