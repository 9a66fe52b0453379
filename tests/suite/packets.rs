//! Captures: packets, flows and DNS against what tshark and the simulator say, and against damage.

use std::fs;
use std::path::{Path, PathBuf};

use logvm::decode::pcap::PcapDecoder;
use logvm::decode::{Capture, Decoder, Entry, Packet, Reject, Sink, Window};
use logvm::record::{RecordId, TableId, Timestamp};
use logvm::store::FlowTable;

mod corpus;
mod damage;
mod seeds;

/// What a decoder found, with its packets fed into a flow table.
#[derive(Default)]
struct Found {
    packets: Vec<Seen>,
    rejects: Vec<Reject>,
    flows: FlowTable,
}

/// A packet without its bytes.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    offset: u64,
    captured: u32,
    original: u32,
    time: Timestamp,
    ip: String,
    flow: Option<(u32, bool)>,
}

impl Sink for Found {
    fn entry(&mut self, _: Entry<'_>) {
        panic!("a capture has no entries");
    }

    fn packet(&mut self, packet: Packet<'_>) {
        let flow = self.flows.packet(RecordId::new(TableId(0), self.packets.len() as u64), &packet);
        self.packets.push(Seen {
            offset: packet.offset,
            captured: packet.captured,
            original: packet.original,
            time: packet.time,
            ip: format!("{:?}", packet.ip.map(|ip| (ip.tuple, ip.ip_id, ip.tcp, ip.payload.len(), ip.payload_length))),
            flow,
        });
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

/// Decodes `bytes` in windows that grow by `step` bytes.
fn decode_in_steps(bytes: &[u8], step: usize, found: &mut Found) -> Option<Capture> {
    let mut decoder = PcapDecoder::default();
    let (mut from, mut to) = (0, 0);
    loop {
        to = (to + step).min(bytes.len());
        let last = to == bytes.len();
        from += decoder.decode(Window { bytes: &bytes[from..to], offset: from as u64, last }, found);
        if last {
            assert_eq!(from, to, "the last window is used up");
            return decoder.capture();
        }
    }
}

fn decode(bytes: &[u8]) -> (Option<Capture>, Found) {
    let mut found = Found::default();
    let capture = decode_in_steps(bytes, bytes.len().max(1), &mut found);
    (capture, found)
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
