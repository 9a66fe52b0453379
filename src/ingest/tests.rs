use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::leaf::{Leaves, Shared};
use super::vantage::Vantages;
use crate::query;
use crate::source::{Limits, Walk};
use crate::store::{Snapshot, Spool, Store, TableIds};

/// Sources of a recording, one of each kind.
const SOURCES: [&str; 4] = [
    "QubesLogs/work/1754420042.log",
    "journal/sys-vpn.export.gz",
    "NetLogs/sys-net/2025-08-05/nft-2025-08-05.log.gz",
    "NetLogs/sys-dns/2025-08-05/pcaps-2025-08-05.tgz",
];

/// Gives at most so many bytes at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().copied().unwrap_or(1).min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

/// Reads a stream within `memory` bytes for what is kept of it.
fn read(reader: &mut dyn Read, memory: u64) -> Snapshot {
    let shared = Shared {
        store: Arc::new(Store::new()),
        spool: Spool::new(memory),
        vantages: Vantages::default(),
        origin: None,
        cancelled: AtomicBool::new(false),
    };
    let (limits, progress) = (Limits::default(), AtomicU64::new(0));
    let walk = Walk { limits: &limits, progress: &progress, cancelled: &shared.cancelled };
    walk.stream("stream", reader, &mut Leaves::new(&shared, TableIds::new(0..100)));
    shared.store.snapshot()
}

/// Every table with all fields of all its records.
fn contents(snapshot: &Snapshot) -> Vec<String> {
    let mut lines = Vec::new();
    for table in snapshot.tables() {
        lines.push(format!("{:?}", table.info));
        for segment in &table.segments {
            let rows = (0..segment.rows).map(|row| (segment.extent(row), query::fields(snapshot, segment.id(row))));
            lines.extend(rows.map(|row| format!("{row:?}")));
        }
    }
    lines
}

fn source(number: usize) -> Vec<u8> {
    let input = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/seed1/input"));
    std::fs::read(input.join(SOURCES[number])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// In whatever pieces a source arrives, and whatever memory there is, its tables are the same.
    #[test]
    fn pieces_and_memory_change_nothing(number in 0..SOURCES.len(), sizes in prop::collection::vec(1..3000usize, 1..6)) {
        static WHOLE: Mutex<[Option<Vec<String>>; SOURCES.len()]> = Mutex::new([const { None }; SOURCES.len()]);
        let bytes = source(number);
        let mut whole = WHOLE.lock().unwrap();
        let whole = whole[number].get_or_insert_with(|| contents(&read(&mut &bytes[..], 1 << 30)));
        let mut pieces = Pieces { bytes: &bytes, sizes: sizes.iter().cycle() };
        prop_assert!(whole.len() > 10);
        prop_assert!(*whole == contents(&read(&mut pieces, 0)));
    }
}
