use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::leaf::{Leaves, Shared};
use super::vantage::Vantages;
use crate::query;
use crate::source::{Limits, Walk};
use crate::store::{Columns, Segment, Snapshot, Spool, Store, TableIds};

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

/// Reads a stream within `memory` bytes for what is kept of it, on one core and `idle` others.
fn read(reader: &mut dyn Read, memory: u64, idle: usize) -> Snapshot {
    let shared = Shared {
        store: Arc::new(Store::new()),
        spool: Spool::new(memory),
        vantages: Vantages::default(),
        origin: None,
        idle: AtomicUsize::new(idle),
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
        let whole = whole[number].get_or_insert_with(|| contents(&read(&mut &bytes[..], 1 << 30, 0)));
        let mut pieces = Pieces { bytes: &bytes, sizes: sizes.iter().cycle() };
        prop_assert!(whole.len() > 10);
        prop_assert!(*whole == contents(&read(&mut pieces, 0, 0)));
    }

    /// However many threads decode a source of lines, its records and what is kept of it are the same.
    #[test]
    fn threads_change_nothing(
        lines in prop::collection::vec(line(), 1..40),
        sizes in prop::collection::vec(1_000..300_000_usize, 1..4),
        (repeats, idle, memory) in (1..30_usize, 1..4_usize, prop_oneof![Just(0_u64), Just(u64::MAX)]),
    ) {
        let part = lines.concat();
        let mut bytes = START.repeat((1 << 20) / START.len() + 1);
        (0..repeats).for_each(|_| bytes.extend_from_slice(&part));
        let mut pieces = Pieces { bytes: &bytes, sizes: sizes.iter().cycle() };
        let (alone, together) = (read(&mut &bytes[..], memory, 0), read(&mut pieces, memory, idle));
        prop_assert!(records(&alone) == records(&together));
        let mut kept = Vec::new();
        together.tables().next().unwrap().content.read(0, usize::MAX, &mut kept).unwrap();
        prop_assert!(kept == bytes);
    }
}

/// More of it than is decoded on one thread.
const START: &[u8] =
    b"2025-08-05T18:54:08.123456Z sys-net kernel: FW:new IN=a OUT=b SRC=10.1.2.3 DST=10.4.5.6 LEN=60 TTL=63 ID=7 \
    PROTO=TCP SPT=1 DPT=2 SYN URGP=0\n";

/// Lines with and without times, short and long, of different kinds.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let nft = |(prefix, host, port): (u8, u8, u16)| {
        let tail = format!("SRC=10.0.0.{host} DST=fd00::{host} LEN=1 PROTO=UDP SPT={port} DPT=53\n")
            .replace("fd00::", "10.1.0.");
        format!("Aug  5 18:54:{:02} a kernel: FW{prefix} IN=a OUT=b {tail}", host % 60).into_bytes()
    };
    prop_oneof![
        4 => any::<(u8, u8, u16)>().prop_map(nft),
        2 => (0..1_000_000_u32).prop_map(|n| format!("2025-08-05T18:54:09.{n:06}Z\tAug  5 18:54:07 a b[{n}]: c\n").into_bytes()),
        2 => "[ -~]{0,300}\n".prop_map(String::into_bytes),
        1 => (0..2_000_usize).prop_map(|count| b"\n".repeat(count)),
        1 => (10_000..40_000_usize).prop_map(|length| [b"x".repeat(length), b"\n".to_vec()].concat()),
        1 => (300_000..900_000_usize).prop_map(|length| [b"y".repeat(length), b"\n".to_vec()].concat()),
    ]
}

/// Every record: its id, place, times, level, kind and fields of nft lines.
fn records(snapshot: &Snapshot) -> Vec<String> {
    let tables = snapshot.tables().inspect(|table| assert!(table.info.complete && table.info.errors.is_empty()));
    let segments = tables.flat_map(|table| &table.segments);
    let rows = segments.flat_map(|segment| (0..segment.rows).map(move |row| (segment, row)));
    let record = |(segment, row): (&Arc<Segment>, usize)| {
        let Columns::Entries(entries) = &segment.columns else { return String::new() };
        let nft = entries.nft.as_ref().and_then(|nft| Some((nft, nft.index(row)?)));
        let nft =
            nft.map(|(nft, at)| (nft.prefix(at), nft.tuple(at), nft.ip_id[at], nft.ip_length.get(at), nft.ttl.get(at)));
        let times = (segment.received(row), segment.claimed(row), segment.key_time(row), entries.times.get(row));
        format!("{:?}", (segment.id(row), segment.extent(row), segment.kind(row), times, entries.level.get(row), nft))
    };
    rows.map(record).collect()
}
