//! Reads one source after another into tables of the store.

use std::io::Read;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::pump::{Buffer, HEAD, read_head};
use super::sink::TableSink;
use super::vantage::Vantages;
use crate::decode::detect::{self, Detection, Hints};
use crate::source::{Identity, Visitor};
use crate::store::content::Keep;
use crate::store::{Spool, Store, TableInfo};

/// A source that comes slowly is published at least this often.
const PATIENCE: Duration = Duration::from_millis(100);

/// The origin of sources that name none.
const UNKNOWN_ORIGIN: &str = "unknown";

/// What all threads of a reading share.
#[derive(Debug)]
pub struct Shared {
    /// Where records go.
    pub store: std::sync::Arc<Store>,
    /// Where bytes go that cannot be read again.
    pub spool: Spool,
    /// Flows by vantage.
    pub vantages: Vantages,
    /// Origin of sources whose path and contents name none.
    pub origin: Option<String>,
    /// Set when the reading is to stop.
    pub cancelled: AtomicBool,
}

/// Visits sources and reads them.
#[derive(Debug)]
pub struct Leaves<'a> {
    shared: &'a Shared,
}

impl<'a> Leaves<'a> {
    /// A visitor that reads into the store of `shared`.
    pub const fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    fn info(&self, identity: &Identity, detection: &Detection, head: &[u8]) -> TableInfo {
        let from_path = identity.origin.clone();
        let origin = from_path.or_else(|| detect::host(detection, head)).or_else(|| self.shared.origin.clone());
        TableInfo {
            name: identity.name.as_str().into(),
            origin: origin.as_deref().unwrap_or(UNKNOWN_ORIGIN).into(),
            format: detection.format.name(),
            reason: detection.reason.clone(),
            ..TableInfo::default()
        }
    }
}

impl Visitor for Leaves<'_> {
    fn source(&mut self, identity: &Identity, reader: &mut dyn Read) {
        let shared = self.shared;
        let mut keep = shared.spool.keep(identity.rereadable.as_deref());
        let mut buffer = Buffer::default();
        let read = read_head(&mut buffer, reader, HEAD, &shared.cancelled, &mut |bytes| keep.append(bytes));
        let detection = detect::detect(buffer.pending(), &identity.name);
        let info = self.info(identity, &detection, buffer.pending());
        let hints = Hints { date: identity.date, modified: identity.modified, ..Hints::default() };
        let mut decoder = detect::decoder(&detection, hints);
        let vantage = detection.format.is_capture().then(|| shared.vantages.get(&info.origin));
        let guard = vantage.as_ref().map(|vantage| vantage.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(mut sink) = TableSink::new(&shared.store, info, keep.content(), guard) else { return };
        let mut published = Instant::now();
        let mut failed = read.err();
        loop {
            buffer.decode(&mut *decoder, &mut sink);
            sink.set_capture(decoder.capture());
            let late = published.elapsed() >= PATIENCE;
            sink.publish(buffer.decoded(), late);
            if late {
                published = Instant::now();
            }
            if buffer.ended() || failed.is_some() || shared.cancelled.load(Ordering::Relaxed) {
                break;
            }
            failed = buffer.fill(reader).map(<[u8]>::to_vec).err();
        }
    }

    fn problem(&mut self, name: &str, message: String) {
        let info =
            TableInfo { name: name.into(), format: "unreadable", errors: vec![message], complete: true, ..TableInfo::default() };
        self.shared.store.add_table(info, crate::store::Content::None, None);
    }
}
