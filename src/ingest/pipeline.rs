//! Decodes one source of lines on several threads.
//!
//! Blocks of whole lines go from the thread that reads to the keeper, if their bytes have to be kept, from there to the
//! decoders in turn, and back to the thread that reads, which takes them in the same turn: so they come in order, with
//! all their bytes kept. Few are on their way at once, and their memory is used again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;

use super::keep::Keep;
use crate::decode::{Decoder, Entry, Packet, Reject, Sink, Window};
use crate::store::SEGMENT_ROWS;
use crate::store::build::Entries;

/// Bytes of a block, at least.
pub const BLOCK: usize = 256 << 10;

/// Blocks on their way for each decoder, so that it need not wait for the next.
const AHEAD: usize = 2;

/// Some whole lines of a source, and later what they hold.
#[derive(Default)]
pub struct Block {
    /// Offset in the source.
    pub offset: u64,
    /// The lines.
    pub bytes: Vec<u8>,
    /// Their entries, in parts of at most a segment.
    pub entries: Vec<Entries>,
    /// What could not be decoded.
    pub rejects: Vec<Reject>,
    /// Why the bytes could not be kept.
    pub problem: Option<String>,
}

/// Threads that keep and decode blocks.
pub struct Pipeline {
    first: Turns,
    decoded: Vec<Receiver<Block>>,
    taken: usize,
    on_their_way: usize,
    spare: Vec<Block>,
}

/// Gives blocks to threads in turn.
struct Turns {
    threads: Vec<Sender<Block>>,
    next: usize,
}

impl Pipeline {
    /// Starts threads that keep blocks in `keep` and decode them with so many `decoders`.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        keep: &'scope mut Keep,
        decoders: impl IntoIterator<Item = Box<dyn Decoder + Send>>,
    ) -> Self {
        let (mut threads, mut decoded) = (Vec::new(), Vec::new());
        for mut decoder in decoders {
            let ((give, blocks), (done, take)) = (channel::<Block>(), channel());
            scope.spawn(move || blocks.iter().all(|block| done.send(decode(&mut *decoder, block)).is_ok()));
            threads.push(give);
            decoded.push(take);
        }
        let mut first = Turns { threads, next: 0 };
        if let Keep::Blocks(_) = keep {
            let (give, blocks) = channel::<Block>();
            scope.spawn(move || blocks.iter().all(|block| first.give(kept(keep, block))));
            first = Turns { threads: vec![give], next: 0 };
        }
        Self { first, decoded, taken: 0, on_their_way: 0, spare: Vec::new() }
    }

    /// An empty block, with memory that was used before if there is such.
    pub fn spare(&mut self) -> Block {
        self.spare.pop().unwrap_or_default()
    }

    /// Sends a block on its way.
    pub fn give(&mut self, block: Block) {
        self.on_their_way += usize::from(self.first.give(block));
    }

    /// The next block, in the order in which they were given; `None` where none is on its way. Waits for it, unless
    /// there is room for more and `wait` is not set.
    pub fn take(&mut self, wait: bool) -> Option<Block> {
        if self.on_their_way == 0 {
            return None;
        }
        let decoded = self.decoded.get(self.taken % self.decoded.len())?;
        let full = self.on_their_way >= AHEAD * self.decoded.len();
        let block = if wait || full { decoded.recv().ok() } else { decoded.try_recv().ok() }?;
        self.taken += 1;
        self.on_their_way -= 1;
        Some(block)
    }

    /// Takes back the memory of a block.
    pub fn reuse(&mut self, block: Block) {
        self.spare.push(block);
    }
}

impl Turns {
    /// Whether there was a thread to take it.
    fn give(&mut self, block: Block) -> bool {
        let thread = self.next % self.threads.len().max(1);
        self.next = thread + 1;
        self.threads.get(thread).is_some_and(|thread| thread.send(block).is_ok())
    }
}

fn kept(keep: &mut Keep, mut block: Block) -> Block {
    block.problem = keep.append(&block.bytes).err().map(|error| error.to_string());
    block
}

fn decode(decoder: &mut dyn Decoder, mut block: Block) -> Block {
    let bytes = std::mem::take(&mut block.bytes);
    decoder.decode(Window { bytes: &bytes, offset: block.offset, last: false }, &mut block);
    block.bytes = bytes;
    block
}

impl Sink for Block {
    fn entry(&mut self, entry: Entry<'_>) {
        match self.entries.last_mut() {
            Some(entries) if entries.rows() < SEGMENT_ROWS => entries.push(&entry),
            _ => {
                let mut entries = Entries::default();
                entries.push(&entry);
                self.entries.push(entries);
            }
        }
    }

    /// Lines are no packets.
    fn packet(&mut self, _: Packet<'_>) {}

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}
