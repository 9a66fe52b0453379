//! Takes the records of one source into its table.

use std::sync::{Arc, MutexGuard};

use super::pipeline::Block;
use super::vantage::Vantage;
use crate::decode::{Capture, Entry, Packet, Reject, Sink};
use crate::record::{Kind, TableId};
use crate::store::column::Column;
use crate::store::{Columns, Content, SEGMENT_ROWS, Segment, SegmentBuilder, Store, TableIds, TableInfo};

/// Rows after which the first segment of a source is published, so that a screen has something to show at once; every
/// further segment may be twice as long.
const FIRST_SEGMENT: usize = 512;

/// Builds segments of what a decoder finds and publishes them.
pub struct TableSink<'a> {
    store: &'a Store,
    table: TableId,
    builder: SegmentBuilder,
    vantage: Option<MutexGuard<'a, Vantage>>,
    ready: Vec<Segment>,
    info: TableInfo,
    publish_at: usize,
}

impl<'a> TableSink<'a> {
    /// A sink into a new table of `store`; `None` when the store can take no further table. Packets need the
    /// `vantage` that assembles their flows.
    pub fn new(
        store: &'a Store,
        ids: &mut TableIds,
        info: TableInfo,
        content: Content,
        mut vantage: Option<MutexGuard<'a, Vantage>>,
    ) -> Option<Self> {
        let flows = vantage.as_mut().and_then(|vantage| vantage.flow_table(store, ids));
        let table = store.add_table(ids, info.clone(), content, flows)?;
        let builder = SegmentBuilder::new(table);
        Some(Self { store, table, builder, vantage, ready: Vec::new(), info, publish_at: FIRST_SEGMENT })
    }

    /// Publishes what has come so far, when that is enough to be worth it or `now` says so. `bytes` counts what has
    /// been decoded of the source.
    pub fn publish(&mut self, bytes: u64, now: bool) {
        self.info.bytes = bytes;
        if now || self.builder.rows() >= self.publish_at {
            self.ready.extend(self.builder.finish());
            self.publish_at = (self.publish_at * 2).min(SEGMENT_ROWS);
        }
        if !now && self.ready.is_empty() {
            return;
        }
        for segment in &self.ready {
            count(&mut self.info, segment);
        }
        let segments = self.ready.drain(..).map(Arc::new);
        let info = Arc::new(self.info.clone());
        self.store.update(self.table, |table| {
            table.segments.extend(segments);
            table.info = info;
        });
        if let Some(vantage) = &mut self.vantage {
            vantage.publish(self.store, now);
        }
    }

    /// Takes what a block of lines holds, and empties it.
    pub fn append(&mut self, block: &mut Block) {
        for entries in &mut block.entries {
            self.ready.extend(self.builder.append(entries));
        }
        block.entries.truncate(1);
        block.rejects.drain(..).for_each(|reject| self.info.reject(reject));
    }

    /// What the header of the capture said.
    pub fn set_capture(&mut self, capture: Option<Capture>) {
        self.info.capture = capture;
    }

    /// Notes what went wrong with the source as a whole.
    pub fn error(&mut self, message: String) {
        self.info.errors.push(message);
    }

    /// Publishes the rest; the source has been read to its end.
    pub fn finish(mut self, bytes: u64) {
        self.info.complete = true;
        self.publish(bytes, true);
    }
}

fn count(info: &mut TableInfo, segment: &Segment) {
    match &segment.columns {
        Columns::Entries(entries) => match &entries.kind {
            Column::Uniform(kind) => info.counts[*kind as usize] += segment.rows as u64,
            Column::Each(kinds) => kinds.iter().for_each(|kind| info.counts[*kind as usize] += 1),
        },
        _ => info.counts[Kind::Packet as usize] += segment.rows as u64,
    }
}

impl Sink for TableSink<'_> {
    fn entry(&mut self, entry: Entry<'_>) {
        let full = self.builder.entry(&entry);
        self.ready.extend(full);
    }

    fn packet(&mut self, packet: Packet<'_>) {
        let id = self.builder.next_id();
        let flow = self.vantage.as_mut().and_then(|vantage| vantage.packet(id, &packet));
        let full = self.builder.packet(&packet, flow);
        self.ready.extend(full);
    }

    fn reject(&mut self, reject: Reject) {
        self.info.reject(reject);
    }
}
