//! Stores to query: a small known one, and what random ones are built from.

use std::net::IpAddr;
use std::sync::Arc;

use logvm::decode::{Body, Entry, IpPacket, Nft, Packet, Tcp};
use logvm::record::{FiveTuple, Level, Precision, RecordId, TableId, Time, Timestamp};
use logvm::store::segment::KeyTime;
use logvm::store::{
    Columns, Content, DnsAnswer, DnsExchange, Flow, Outcome, Segment, SegmentBuilder, ServerName, Snapshot, Store,
    TableIds, TableInfo,
};

/// 2025-08-05T18:54:10Z.
pub const START: Timestamp = Timestamp::from_parts(1_754_420_050, 0);
pub const ENTRIES: TableId = TableId(0);
pub const PACKETS: TableId = TableId(1);
pub const FLOWS: TableId = TableId(2);
pub const DNS: TableId = TableId(3);

/// A store as it is at one moment.
pub struct World {
    pub snapshot: Snapshot,
}

/// The records of a world, before they are stored.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub lines: Vec<Line>,
    pub packets: Vec<OnePacket>,
    pub flows: Vec<Flow>,
    pub exchanges: Vec<DnsExchange>,
    /// Rows of a segment at most.
    pub per_segment: usize,
}

/// A line, nft line or journal entry.
#[derive(Clone, Debug)]
pub struct Line {
    pub text: Vec<u8>,
    pub received: Option<Timestamp>,
    pub claimed: Option<Timestamp>,
    pub level: Level,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Text,
    Journal,
    Nft { prefix: String, tuple: FiveTuple, ip_id: Option<u16>, ip_length: u16, ttl: u8, tcp_flags: u8 },
}

/// A packet and its flow.
#[derive(Clone, Debug)]
pub struct OnePacket {
    pub bytes: Vec<u8>,
    pub original: u32,
    pub time: Timestamp,
    pub flow: Option<(u32, bool)>,
    pub ip_id: u16,
    pub ip_length: u16,
    pub ttl: u8,
    pub flags: u8,
}

impl Records {
    pub fn store(&self) -> World {
        let store = Store::new();
        let info =
            |name: &str, origin: &str| TableInfo { name: name.into(), origin: origin.into(), ..TableInfo::default() };
        let (entries, text) = self.entry_segments();
        let (packets, frames) = self.packet_segments();
        let contents = [
            (info("work.log", "work"), Content::Memory(text.into()), None, entries),
            (info("vpn.pcap", "sys-vpn"), Content::Memory(frames.into()), Some(FLOWS), packets),
            (info("flows of sys-vpn", "sys-vpn"), Content::None, None, self.flow_segments()),
            (info("dns of sys-vpn", "sys-vpn"), Content::None, None, self.dns_segments()),
        ];
        let mut ids = TableIds::new(0..4);
        for (info, content, flows, segments) in contents {
            let id = store.add_table(&mut ids, info, content, flows).unwrap();
            store.update(id, |table| table.segments = segments.into_iter().map(Arc::new).collect());
        }
        World { snapshot: store.snapshot() }
    }

    fn entry_segments(&self) -> (Vec<Segment>, Vec<u8>) {
        let mut builder = SegmentBuilder::new(ENTRIES);
        let (mut segments, mut text) = (Vec::new(), Vec::new());
        let time = |at: Timestamp| Time { at, precision: Precision::Second, inferred: false };
        for line in &self.lines {
            let entry = Entry {
                offset: text.len() as u64,
                length: line.text.len() as u64,
                received: line.received.map(time),
                claimed: line.claimed.map(time),
                level: line.level,
                body: line.body(),
            };
            segments.extend(builder.entry(&entry));
            text.extend_from_slice(&line.text);
            if builder.rows() >= self.per_segment {
                segments.extend(builder.finish());
            }
        }
        segments.extend(builder.finish());
        (segments, text)
    }

    fn packet_segments(&self) -> (Vec<Segment>, Vec<u8>) {
        let mut builder = SegmentBuilder::new(PACKETS);
        let (mut segments, mut frames) = (Vec::new(), Vec::new());
        for packet in &self.packets {
            frames.extend_from_slice(b"sixteen bytes...");
            segments.extend(builder.packet(&packet.decoded(frames.len() as u64), packet.flow));
            frames.extend_from_slice(&packet.bytes);
            if builder.rows() >= self.per_segment {
                segments.extend(builder.finish());
            }
        }
        segments.extend(builder.finish());
        (segments, frames)
    }

    fn flow_segments(&self) -> Vec<Segment> {
        derived(FLOWS, &self.flows, self.per_segment, |flow| flow.start.0, Columns::Flows)
    }

    fn dns_segments(&self) -> Vec<Segment> {
        derived(DNS, &self.exchanges, self.per_segment, |exchange| exchange.time.0, Columns::Dns)
    }
}

fn derived<T: Clone>(
    table: TableId,
    all: &[T],
    per_segment: usize,
    time: impl Fn(&T) -> i64,
    columns: impl Fn(Arc<[T]>) -> Columns,
) -> Vec<Segment> {
    let chunks = all.chunks(per_segment.max(1)).enumerate();
    let segment = |(number, chunk): (usize, &[T])| {
        let keys: Vec<i64> = chunk.iter().map(&time).collect();
        let first = (number * per_segment.max(1)) as u64;
        Segment::assemble(table, first, &keys, KeyTime::Claimed, columns(chunk.into()))
    };
    chunks.map(segment).collect()
}

impl Line {
    fn body(&self) -> Body<'_> {
        match &self.what {
            What::Text => Body::Text,
            What::Journal => Body::Journal,
            What::Nft { prefix, tuple, ip_id, ip_length, ttl, tcp_flags } => Body::Nft(Nft {
                prefix: prefix.as_bytes(),
                tuple: *tuple,
                ip_id: *ip_id,
                ip_length: *ip_length,
                ttl: *ttl,
                tcp_flags: *tcp_flags,
                flow_label: None,
                sequence: None,
            }),
        }
    }
}

impl OnePacket {
    fn decoded(&self, offset: u64) -> Packet<'_> {
        let tuple = tuple(6, ("0.0.0.0", 0), ("0.0.0.0", 0));
        let tcp = Tcp { flags: self.flags, sequence: 0, acknowledgement: 0, window: 0 };
        let ip = IpPacket {
            icmp: None,
            tuple,
            ports_known: true,
            ip_id: Some(self.ip_id),
            flow_label: None,
            ip_length: self.ip_length,
            ttl: self.ttl,
            tcp: Some(tcp),
            payload: &[],
            payload_length: 0,
        };
        Packet {
            offset,
            captured: self.bytes.len() as u32,
            original: self.original,
            time: self.time,
            nanoseconds: false,
            ip: (self.ip_length > 0).then_some(ip),
        }
    }
}

pub fn tuple(protocol: u8, source: (&str, u16), destination: (&str, u16)) -> FiveTuple {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    FiveTuple {
        protocol,
        source: address(source.0),
        destination: address(destination.0),
        source_port: source.1,
        destination_port: destination.1,
    }
}

/// A flow between the ends of `tuple`.
pub fn flow(tuple: FiveTuple, outcome: Outcome, server_name: Option<&str>) -> Flow {
    Flow {
        icmp: None,
        tuple,
        start: START,
        end: START.offset(1_500_000_000),
        packets: [1, 1],
        bytes: [60, 114],
        outcome,
        name: Some("example.net".into()),
        server_name: server_name.map(|name| ServerName { name: name.into(), cut: true }),
        first_packet: RecordId::new(PACKETS, 0),
        tcp_flags: [2, 20],
        initial_sequence: None,
        ip_id: Some(35_819),
        ip_length: 60,
        ttl: 63,
    }
}

fn seconds(seconds: i64) -> Timestamp {
    START.offset(seconds * 1_000_000_000)
}

/// One of everything.
pub fn sample() -> World {
    let connection = tuple(6, ("10.137.0.17", 35_801), ("203.0.113.242", 443));
    let packets = vec![
        OnePacket {
            bytes: b"syn".to_vec(),
            original: 60,
            time: START,
            flow: Some((0, false)),
            ip_id: 35_819,
            ip_length: 60,
            ttl: 63,
            flags: 2,
        },
        OnePacket {
            bytes: b"some payload".to_vec(),
            original: 114,
            time: seconds(1),
            flow: Some((0, true)),
            ip_id: 0,
            ip_length: 40,
            ttl: 52,
            flags: 20,
        },
        OnePacket {
            bytes: b"arp".to_vec(),
            original: 1_000,
            time: seconds(2),
            flow: None,
            ip_id: 0,
            ip_length: 0,
            ttl: 0,
            flags: 0,
        },
    ];
    let flows = vec![flow(connection, Outcome::Refused, Some("www.example.com"))];
    Records { lines: lines(connection), packets, flows, exchanges: exchanges(), per_segment: 3 }.store()
}

fn lines(connection: FiveTuple) -> Vec<Line> {
    let text = "2025-08-05T18:54:10Z\tAug  5 18:54:08 work curl[1284]: * Trying gone.example...\n";
    let new = "2025-08-05T18:54:10Z\tAug  5 18:54:09 sys-firewall kernel: SYSFW:new IN=vif11.0 OUT=eth0 MAC=fe:ff:ff \
               SRC=10.137.0.17 DST=203.0.113.242 LEN=60 TOS=0x00 TTL=63 ID=35819 DF PROTO=TCP SPT=35801 DPT=443 \
               WINDOW=64240 RES=0x00 SYN URGP=0 \n";
    let drop = "2025-08-05T18:54:11Z\tAug  5 18:54:11 sys-firewall kernel: SYSFW:drop IN=vif11.0 OUT=eth0 MAC=fe:ff:ff \
                SRC=10.137.0.17 DST=203.0.113.36 LEN=76 TOS=0x00 TTL=63 ID=20677 DF PROTO=ICMP TYPE=8 CODE=0 ID=7556 SEQ=1 \n";
    let entry = b"__CURSOR=s=1\nPRIORITY=3\n_UID=1000\n_COMM=curl\n_PID=1285\nMESSAGE\n\x15\0\0\0\0\0\0\0it failed\nsecond line\n\n";
    let line = |text: &[u8], received: Option<i64>, claimed: Option<i64>, level, what| Line {
        text: text.to_vec(),
        received: received.map(seconds),
        claimed: claimed.map(seconds),
        level,
        what,
    };
    let icmp = tuple(1, ("10.137.0.17", 7_556), ("203.0.113.36", 0));
    let nft = |prefix: &str, tuple, ip_id, ip_length, tcp_flags| What::Nft {
        prefix: prefix.to_owned(),
        tuple,
        ip_id: Some(ip_id),
        ip_length,
        ttl: 63,
        tcp_flags,
    };
    vec![
        line(text.as_bytes(), Some(0), Some(-2), Level::Unknown, What::Text),
        line(new.as_bytes(), Some(0), Some(-1), Level::Info, nft("SYSFW:new", connection, 35_819, 60, 2)),
        line(drop.as_bytes(), Some(1), Some(1), Level::Info, nft("SYSFW:drop", icmp, 20_677, 76, 0)),
        line(entry, Some(2), None, Level::Error, What::Journal),
    ]
}

fn exchanges() -> Vec<DnsExchange> {
    let tuple = tuple(17, ("10.137.0.17", 44_974), ("10.139.1.1", 53));
    let addresses = ["203.0.113.242", "2001:db8::1"].map(|text| text.parse().unwrap());
    let answer = DnsAnswer {
        time: START.offset(23_000_000),
        packet: RecordId::new(PACKETS, 1),
        response_code: 0,
        addresses: addresses.into(),
        cut: true,
    };
    let query = DnsExchange {
        time: START,
        tuple,
        id: 7,
        name: "www.example.com".into(),
        name_cut: false,
        query_type: Some(1),
        query: Some(RecordId::new(PACKETS, 0)),
        answer: Some(answer),
    };
    let unanswered =
        DnsExchange { name: "x9f2.bad".into(), name_cut: true, query_type: Some(28), answer: None, ..query.clone() };
    vec![query, unanswered]
}
