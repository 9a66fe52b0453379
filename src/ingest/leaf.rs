//! Reads one source after another into tables of the store.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::host::claimed_host;
use super::keep::Keep;
use super::pipeline::{BLOCK, Block, Pipeline};
use super::sink::TableSink;
use super::vantage::Vantages;
use crate::decode::detect::{self, Detection, HEAD, Hints};
use crate::decode::{Decoder, Window};
use crate::record::Timestamp;
use crate::source::{Buffer, Identity, Visitor};
use crate::store::{Content, Spool, Store, TableIds, TableInfo};

/// A source that comes slowly is published at least this often.
const PATIENCE: Duration = Duration::from_millis(100);

/// Bytes of a source that are decoded before it is worth other threads.
const SMALL: u64 = 1 << 20;

/// More decoders than this do not help: one thread reads for them.
const MOST_DECODERS: usize = 4;

/// The origin of sources that name none.
const UNKNOWN_ORIGIN: &str = "unknown";

/// What all threads of a reading share.
#[derive(Debug)]
pub struct Shared {
    /// Where records go.
    pub store: Arc<Store>,
    /// Where bytes go that cannot be read again.
    pub spool: Arc<Spool>,
    /// Flows by vantage.
    pub vantages: Vantages,
    /// Origin of sources whose path and contents name none.
    pub origin: Option<String>,
    /// Cores on which no other file is read.
    pub idle: AtomicUsize,
    /// Set when the reading is to stop.
    pub cancelled: AtomicBool,
}

/// Visits sources and reads them.
#[derive(Debug)]
pub struct Leaves<'a> {
    shared: &'a Shared,
    ids: TableIds,
}

/// A source that is being read.
struct Leaf<'a> {
    shared: &'a Shared,
    buffer: Buffer,
    keep: Keep,
    problem: Option<String>,
    published: Instant,
}

/// What makes a decoder for a source.
type NewDecoder<'a> = &'a dyn Fn() -> Box<dyn Decoder + Send>;

impl<'a> Leaves<'a> {
    /// A visitor that reads into the store of `shared`, into tables with these ids.
    pub const fn new(shared: &'a Shared, ids: TableIds) -> Self {
        Self { shared, ids }
    }
}

impl Visitor for Leaves<'_> {
    fn source(&mut self, identity: &Identity, reader: &mut dyn Read) {
        let keep = Keep::new(identity.rereadable.as_deref(), &self.shared.spool);
        let published = Instant::now();
        let mut leaf = Leaf { shared: self.shared, buffer: Buffer::default(), keep, problem: None, published };
        leaf.fill_to(HEAD, reader);
        let detection = detect::detect(leaf.buffer.pending(), &identity.name);
        let info = leaf.info(identity, &detection);
        let vantage = detection.format.is_capture().then(|| self.shared.vantages.get(&info.origin));
        let guard = vantage.as_ref().map(|vantage| vantage.lock().unwrap_or_else(PoisonError::into_inner));
        let hints = Hints { date: identity.date, modified: identity.modified.or_else(now), ..Hints::default() };
        let new_decoder = || detect::decoder(&detection, hints);
        if let Some(sink) = TableSink::new(&self.shared.store, &mut self.ids, info, leaf.keep.content(), guard) {
            leaf.run(reader, &new_decoder, sink);
        }
    }

    fn problem(&mut self, name: &str, message: String) {
        let errors = vec![message];
        let info =
            TableInfo { name: name.into(), format: "unreadable", errors, complete: true, ..TableInfo::default() };
        self.shared.store.add_table(&mut self.ids, info, Content::None, None);
    }
}

/// The time now: a stream that says nothing of its age is not from the future.
fn now() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_parts(i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}

impl Leaf<'_> {
    fn fill_to(&mut self, wanted: usize, reader: &mut dyn Read) {
        let read = self.buffer.fill_to(wanted, reader, &self.shared.cancelled);
        self.problem = read.err().map(|error| error.to_string()).or(self.problem.take());
    }

    fn info(&self, identity: &Identity, detection: &Detection) -> TableInfo {
        let origin = identity
            .origin
            .clone()
            .or_else(|| claimed_host(detection.format, self.buffer.pending()))
            .or_else(|| self.shared.origin.clone());
        TableInfo {
            name: identity.name.as_str().into(),
            origin: origin.as_deref().unwrap_or(UNKNOWN_ORIGIN).into(),
            format: detection.format.description(),
            reason: detection.reason.clone(),
            ..TableInfo::default()
        }
    }

    fn run(mut self, reader: &mut dyn Read, new_decoder: NewDecoder<'_>, mut sink: TableSink<'_>) {
        let mut decoder = new_decoder();
        loop {
            let done = self.is_done();
            self.decode(&mut *decoder, &mut sink, done);
            sink.set_capture(decoder.capture());
            if done || self.shared.cancelled.load(Ordering::Relaxed) {
                break;
            }
            self.publish(&mut sink, self.buffer.offset());
            match self.shared.idle.load(Ordering::Relaxed) {
                idle @ 1.. if self.buffer.offset() >= SMALL && decoder.may_split_at_newlines() => {
                    self.run_blocks(reader, (0..=idle).take(MOST_DECODERS).map(|_| new_decoder()), &mut sink);
                }
                _ => self.fill_to(self.buffer.pending().len() + 1, reader),
            }
        }
        if let Some(problem) = self.problem {
            sink.error(problem);
        } else if self.buffer.offset() == 0 && self.buffer.ended() {
            sink.error("empty: there is nothing in it".to_owned());
        }
        if let Err(error) = self.keep.finish() {
            sink.error(error.to_string());
        }
        sink.finish(self.buffer.offset());
    }

    /// All that there is has been read.
    fn is_done(&self) -> bool {
        self.buffer.ended() || self.problem.is_some()
    }

    fn decode(&mut self, decoder: &mut dyn Decoder, sink: &mut TableSink<'_>, last: bool) {
        loop {
            let window = Window { bytes: self.buffer.pending(), offset: self.buffer.offset(), last };
            let used = decoder.decode(window, sink);
            let kept = self.keep.append(self.buffer.pending().get(..used).unwrap_or_default());
            self.problem = kept.err().map(|error| error.to_string()).or(self.problem.take());
            self.buffer.consume(used);
            if used == 0 || self.buffer.pending().is_empty() {
                break;
            }
        }
    }

    fn publish(&mut self, sink: &mut TableSink<'_>, bytes: u64) {
        let late = self.published.elapsed() >= PATIENCE;
        sink.publish(bytes, late);
        if late {
            self.published = Instant::now();
        }
    }

    /// Reads on, and has whole lines decoded by other threads; until the source ends or comes slowly, or a line is longer
    /// than a block.
    fn run_blocks(
        &mut self,
        reader: &mut dyn Read,
        decoders: impl Iterator<Item = Box<dyn Decoder + Send>>,
        sink: &mut TableSink<'_>,
    ) {
        let mut keep = std::mem::replace(&mut self.keep, Keep::File(Content::None));
        thread::scope(|scope| {
            let mut pipeline = Pipeline::start(scope, &mut keep, decoders);
            while let Some(length) = self.fill_block(reader) {
                let mut block = pipeline.spare();
                block.offset = self.buffer.offset();
                block.bytes = self.buffer.give_away(length, std::mem::take(&mut block.bytes));
                pipeline.give(block);
                while let Some(block) = pipeline.take(false) {
                    pipeline.reuse(self.take_block(block, sink));
                }
            }
            while let Some(block) = pipeline.take(true) {
                self.take_block(block, sink);
            }
        });
        self.keep = keep;
    }

    /// Reads a block; how many bytes of whole lines are in it, if it is worth another thread.
    fn fill_block(&mut self, reader: &mut dyn Read) -> Option<usize> {
        let started = Instant::now();
        let stopped = |leaf: &Self| leaf.is_done() || leaf.shared.cancelled.load(Ordering::Relaxed);
        while self.buffer.pending().len() < BLOCK && !stopped(self) && started.elapsed() < PATIENCE {
            self.fill_to(self.buffer.pending().len() + 1, reader);
        }
        let enough = self.buffer.pending().len() >= BLOCK && !stopped(self);
        let newline = memchr::memrchr(b'\n', self.buffer.pending()).filter(|_| enough)?;
        Some(newline + 1)
    }

    fn take_block(&mut self, mut block: Block, sink: &mut TableSink<'_>) -> Block {
        sink.append(&mut block);
        self.problem = block.problem.take().or(self.problem.take());
        self.publish(sink, block.offset + block.bytes.len() as u64);
        block
    }
}
