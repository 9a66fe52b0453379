//! A small store, built by hand.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use logvm::decode::{Body, Capture, Entry, IpPacket, Nft, Packet, Tcp};
use logvm::record::{FiveTuple, Kind, Level, Precision, RecordId, Time, Timestamp};
use logvm::store::segment::KeyTime;
use logvm::store::{Columns, Content, Flow, Outcome, Segment, SegmentBuilder, Store, TableIds, TableInfo};

/// 2025-08-05 00:38:00 UTC.
pub const START: i64 = 1_754_354_280;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_parts(START + second, 0)
}

/// A store with a firewall's lines, a vantage's flows and packets, and the logs of two app qubes.
pub fn store() -> Store {
    let store = Store::new();
    nft(&store, "sys-firewall", 60);
    logs(&store, "work", Kind::Text, 40);
    logs(&store, "work", Kind::Journal, 30);
    logs(&store, "personal", Kind::Text, 20);
    packets(&store, "sys-vpn", 50);
    store
}

pub fn info(name: String, origin: &str, format: &'static str, kind: Kind, records: u64) -> TableInfo {
    let mut info = TableInfo {
        name: name.into(),
        origin: origin.into(),
        format,
        reason: format!("its first bytes are those of {format}"),
        bytes: records * 100,
        complete: true,
        ..TableInfo::default()
    };
    info.counts[kind as usize] = records;
    info
}

fn tuple(number: i64) -> FiveTuple {
    FiveTuple {
        protocol: 6,
        source: IpAddr::V4(Ipv4Addr::new(10, 137, 0, 17)),
        destination: IpAddr::V4(Ipv4Addr::new(203, 0, 113, (number % 7) as u8)),
        source_port: 40_000 + number as u16,
        destination_port: 443,
    }
}

/// The id of the next table.
pub fn next_id(store: &Store) -> TableIds {
    let next = store.snapshot().tables().len() as u32;
    TableIds::new(next..next + 1)
}

/// Adds a table of lines, one for each number, as `line` writes them.
pub fn lines(store: &Store, info: TableInfo, count: i64, line: impl Fn(i64) -> (String, Entry<'static>)) {
    let id = store.add_table(&mut next_id(store), info, Content::None, None).expect("room for a table");
    let mut builder = SegmentBuilder::new(id);
    let mut bytes = Vec::new();
    for number in 0..count {
        let (text, mut entry) = line(number);
        (entry.offset, entry.length) = (bytes.len() as u64, text.len() as u64 + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        assert!(builder.entry(&entry).is_none());
    }
    let segment = builder.finish().map(Arc::new);
    store.update(id, |table| {
        table.content = Content::Memory(bytes.into());
        table.segments.extend(segment);
    });
}

pub fn entry(time: Timestamp, precision: Precision, level: Level, body: Body<'static>) -> Entry<'static> {
    let claimed = Some(Time { at: time, precision, inferred: false });
    Entry { offset: 0, length: 0, received: None, claimed, level, body }
}

pub fn nft(store: &Store, origin: &str, count: i64) {
    let info = info(format!("NetLogs/{origin}/nft.log"), origin, "nft", Kind::Nft, count as u64);
    lines(store, info, count, |number| {
        let tuple = tuple(number);
        let prefix: &'static [u8] = if number % 5 == 0 { b"SYSFW:drop" } else { b"SYSFW:new" };
        let text = format!("{} SRC={} DST={}", String::from_utf8_lossy(prefix), tuple.source, tuple.destination);
        let body = Nft {
            prefix,
            tuple,
            ip_id: Some(7),
            ip_length: 60,
            ttl: 63,
            tcp_flags: 2,
            flow_label: None,
            sequence: None,
        };
        (text, entry(at(number * 2), Precision::Second, Level::Info, Body::Nft(body)))
    });
}

fn logs(store: &Store, origin: &str, kind: Kind, count: i64) {
    let info = info(format!("QubesLogs/{origin}/{}", kind.name()), origin, kind.name(), kind, count as u64);
    lines(store, info, count, |number| {
        let level = if number % 10 == 7 { Level::Warning } else { Level::Info };
        let body = if kind == Kind::Journal { Body::Journal } else { Body::Text };
        let time = at(number * 3).offset(250_000_000);
        let hostile = if number % 9 == 4 { " \u{1b}[2Jcleared\u{202e}" } else { "" };
        let where_from = if kind == Kind::Journal { " (journal)" } else { "" };
        (
            format!("{origin} daemon[{number}]: round {number}{where_from}{hostile}"),
            entry(time, Precision::Microsecond, level, body),
        )
    });
}

fn packets(store: &Store, origin: &str, count: i64) {
    let mut flows_info = info(format!("flows of {origin}"), origin, "flows", Kind::Flow, 10);
    flows_info.derived = true;
    let flows = store.add_table(&mut next_id(store), flows_info, Content::None, None).expect("room for a table");
    let mut packets_info = info(format!("NetLogs/{origin}/capture.pcap"), origin, "pcap", Kind::Packet, count as u64);
    packets_info.capture = Some(Capture { link_type: 276, snaplen: 96, nanoseconds: false });
    let bytes: Vec<u8> = (0..count * 64).map(|byte| byte as u8).collect();
    let id = store
        .add_table(&mut next_id(store), packets_info, Content::Memory(bytes.into()), Some(flows))
        .expect("room for a table");
    let mut builder = SegmentBuilder::new(id);
    for number in 0..count {
        assert!(builder.packet(&packet(number), Some(((number % 10) as u32, false))).is_none());
    }
    let segment = builder.finish().map(Arc::new);
    store.update(id, |table| table.segments.extend(segment));
    let all: Vec<Flow> = (0..10).map(|number| flow(number, RecordId::new(id, number as u64))).collect();
    let times: Vec<i64> = all.iter().map(|flow| flow.start.0).collect();
    let segment = Segment::assemble(flows, 0, &times, KeyTime::Claimed, Columns::Flows(all.into()));
    store.update(flows, |table| table.segments.push(Arc::new(segment)));
}

fn packet(number: i64) -> Packet<'static> {
    let tcp = Tcp { flags: 2, sequence: 1, acknowledgement: 0, window: 64 };
    let ip = IpPacket {
        tuple: tuple(number),
        ports_known: true,
        ip_id: Some(number as u16),
        flow_label: None,
        ip_length: 60,
        ttl: 62,
        tcp: Some(tcp),
        icmp: None,
        payload: &[],
        payload_length: 0,
    };
    let offset = number as u64 * 64;
    let time = at(30 + number).offset(553_000_000);
    Packet { offset, captured: 64, original: 74, time, nanoseconds: false, ip: Some(ip) }
}

pub fn flow(number: i64, first_packet: RecordId) -> Flow {
    Flow {
        tuple: tuple(number),
        start: at(30 + number).offset(553_000_000),
        end: at(90),
        packets: [3, 2],
        bytes: [300, 14_000],
        outcome: Outcome::Closed,
        name: Some("x9f2.example".into()),
        server_name: None,
        first_packet,
        tcp_flags: [2, 18],
        initial_sequence: Some(1),
        ip_id: Some(7),
        ip_length: 60,
        ttl: 62,
        icmp: None,
    }
}
