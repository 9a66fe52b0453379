//! Greps the sources of an archive, one after another.
//!
//! Text is searched as it is. A journal entry is searched as the line that `journalctl` would print of it without its
//! time, and numbered by its place in the journal. A packet is searched as its line in a pane with the names in it, and
//! numbered by its frame.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use memchr::memrchr;
use regex::bytes::Regex;

use super::{Grep, Options};
use crate::decode::detect::{self, Detection, Format, HEAD, Hints};
use crate::decode::{Decoder, Entry, Packet, Reject, Sink, Window, journal, line};
use crate::report::Rejected;
use crate::source::{Buffer, Identity, Visitor};

/// A line longer than this is searched in pieces of this length.
const LONGEST_LINE: usize = 1 << 20;

/// Pieces that may wait to be searched.
const PIECES: usize = 2;

/// Greps every source it visits.
pub struct GrepVisitor<'a> {
    options: &'a Options,
    regex: &'a Regex,
    out: &'a mut (dyn Write + Send),
    stop: &'a AtomicBool,
    printed: bool,
    outcome: Outcome,
}

/// What came of a search.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Lines selected in all sources.
    pub selected: u64,
    /// What could not be read: name and message.
    pub problems: Vec<(String, String)>,
    /// Why printing stopped, if it did.
    pub failed: Option<io::Error>,
}

impl<'a> GrepVisitor<'a> {
    /// A visitor that prints to `out`, and sets `stop` when nothing more needs to be read.
    pub fn new(options: &'a Options, regex: &'a Regex, out: &'a mut (dyn Write + Send), stop: &'a AtomicBool) -> Self {
        Self { options, regex, out, stop, printed: false, outcome: Outcome::default() }
    }

    /// What came of the search.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        self.outcome
    }

    fn search(&mut self, detection: &Detection, source: &mut Pieces<'_>, name: &str) -> io::Result<()> {
        let mut grep = Grep::new(self.options, self.regex, name, self.printed);
        if matches!(detection.format, Format::JournalExport | Format::Pcap | Format::PcapNg) {
            let mut lines = RecordLines::new(detection);
            while !grep.satisfied() && lines.feed(source, &mut grep, self.out)? {}
            let rejected = (lines.rejected.count > 0).then(|| lines.rejected.to_string());
            self.outcome.problems.extend(rejected.map(|message| (name.to_owned(), message)));
        } else {
            search_text(source, &mut grep, self.out)?;
        }
        self.printed = grep.has_printed();
        self.outcome.selected += grep.finish(self.out)?;
        if self.options.quiet && self.outcome.selected > 0 {
            self.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Visitor for GrepVisitor<'_> {
    fn source(&mut self, identity: &Identity, reader: &mut dyn Read) {
        let mut source = Pieces { buffer: Buffer::default(), reader, stop: self.stop, problem: None };
        source.fill_to(HEAD);
        let detection = detect::detect(source.buffer.pending(), &identity.name);
        if let Err(error) = self.search(&detection, &mut source, &identity.name) {
            self.stop.store(true, Ordering::Relaxed);
            self.outcome.failed = Some(error);
        }
        let empty = (detection.format == Format::Empty).then(|| format!("empty: {}", detection.reason));
        self.outcome.problems.extend(source.problem.or(empty).map(|problem| (identity.name.clone(), problem)));
    }

    fn problem(&mut self, name: &str, message: String) {
        self.outcome.problems.push((name.to_owned(), message));
    }
}

/// A source with what has been read of it.
struct Pieces<'a> {
    buffer: Buffer,
    reader: &'a mut dyn Read,
    stop: &'a AtomicBool,
    problem: Option<String>,
}

impl Pieces<'_> {
    fn fill_to(&mut self, wanted: usize) {
        if let Err(error) = self.buffer.fill_to(wanted, self.reader, self.stop) {
            self.problem = Some(error.to_string());
        }
    }

    /// Whether what is pending is all there will be.
    fn ended(&self) -> bool {
        self.buffer.ended() || self.problem.is_some() || self.stop.load(Ordering::Relaxed)
    }
}

/// Searches text as it is. Reading (and decompressing) goes on while the pieces before are searched.
fn search_text(source: &mut Pieces<'_>, grep: &mut Grep<'_>, out: &mut (dyn Write + Send)) -> io::Result<()> {
    if source.ended() {
        return grep.feed(source.buffer.pending(), out);
    }
    thread::scope(|scope| {
        let (full, pieces) = mpsc::sync_channel::<Vec<u8>>(PIECES);
        let (used, recycled) = mpsc::channel();
        let search = scope.spawn(move || {
            for piece in pieces {
                grep.feed(&piece, out)?;
                if grep.satisfied() {
                    break;
                }
                let _ = used.send(piece);
            }
            Ok(())
        });
        loop {
            let mut piece: Vec<u8> = recycled.try_recv().unwrap_or_default();
            let more = next_piece(source, &mut piece);
            if full.send(piece).is_err() || !more {
                break;
            }
        }
        drop(full);
        search.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Moves the whole lines that have been read into `piece`, at the end of the source all that is left; then reads on.
/// Says whether there may be more.
fn next_piece(source: &mut Pieces<'_>, piece: &mut Vec<u8>) -> bool {
    let ended = source.ended();
    let pending = source.buffer.pending();
    let whole = match memrchr(b'\n', pending) {
        _ if ended => pending.len(),
        Some(newline) => newline + 1,
        None if pending.len() >= LONGEST_LINE => pending.len(),
        None => 0,
    };
    piece.clear();
    piece.extend_from_slice(&pending[..whole]);
    source.buffer.consume(whole);
    if !ended {
        source.fill_to(source.buffer.pending().len() + 1);
    }
    !ended
}

/// The entries of a journal export, or the packets of a capture, a line each.
struct RecordLines {
    decoder: Box<dyn Decoder>,
    text: Vec<u8>,
    rejected: Rejected,
}

impl RecordLines {
    fn new(detection: &Detection) -> Self {
        let decoder = detect::decoder(detection, Hints::default());
        Self { decoder, text: Vec::new(), rejected: Rejected::default() }
    }
}

impl RecordLines {
    /// Searches the records that have been read; says whether there may be more.
    fn feed(&mut self, source: &mut Pieces<'_>, grep: &mut Grep<'_>, out: &mut dyn Write) -> io::Result<bool> {
        let ended = source.ended();
        let window = Window { bytes: source.buffer.pending(), offset: source.buffer.offset(), last: ended };
        self.text.clear();
        let mut lines = Lines { window, text: &mut self.text, rejected: &mut self.rejected };
        let used = self.decoder.decode(window, &mut lines);
        grep.feed(&self.text, out)?;
        source.buffer.consume(used);
        if ended && (used == 0 || source.buffer.pending().is_empty()) {
            return Ok(false);
        }
        if used == 0 {
            source.fill_to(source.buffer.pending().len() + 1);
        }
        Ok(true)
    }
}

/// Writes a line for each record of a window.
struct Lines<'a> {
    window: Window<'a>,
    text: &'a mut Vec<u8>,
    rejected: &'a mut Rejected,
}

impl Sink for Lines<'_> {
    fn entry(&mut self, entry: Entry<'_>) {
        let start = entry.offset.saturating_sub(self.window.offset) as usize;
        let end = start.saturating_add(entry.length as usize).min(self.window.bytes.len());
        push_line(self.text, self.window.bytes.get(start..end).unwrap_or_default());
    }

    fn packet(&mut self, packet: Packet<'_>) {
        self.text.extend_from_slice(line::packet(&packet).as_bytes());
        self.text.push(b'\n');
    }

    fn reject(&mut self, reject: Reject) {
        self.rejected.add(&reject);
    }
}

/// `host identifier[pid]: message`; line breaks in the message become blanks.
fn push_line(text: &mut Vec<u8>, entry: &[u8]) {
    let field = |name: &[u8]| journal::fields(entry).find(|(n, _)| *n == name).map(|(_, value)| value);
    let start = text.len();
    text.extend_from_slice(field(b"_HOSTNAME").unwrap_or_default());
    text.push(b' ');
    text.extend_from_slice(field(b"SYSLOG_IDENTIFIER").or_else(|| field(b"_COMM")).unwrap_or(b"unknown"));
    if let Some(pid) = field(b"_PID").or_else(|| field(b"SYSLOG_PID")) {
        text.extend([b"[", pid, b"]"].concat());
    }
    text.extend_from_slice(b": ");
    text.extend_from_slice(field(b"MESSAGE").unwrap_or_default());
    for byte in text[start..].iter_mut().filter(|byte| **byte == b'\n') {
        *byte = b' ';
    }
    text.push(b'\n');
}
