//! Real captures against tshark's facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use etherparse::{LaxLinkExtSlice, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use logvm::decode::{link, packet};
use logvm::record::{FiveTuple, protocol};
use logvm::store::Flow;
use serde_json::Value;

use super::{Found, decode, files};
use crate::data;

/// A capture with a link type that is decoded, what was found in it, and what tshark and a plain walk over it found.
struct Case {
    name: String,
    found: Found,
    tshark: Value,
    walk: Value,
}

fn cases() -> Vec<Case> {
    let Some(corpus) = data::corpus() else { return Vec::new() };
    let mut cases = Vec::new();
    for path in files(&corpus.join("pcap")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = fs::read(&path).unwrap();
        let (Some(capture), found) = decode(&bytes) else { continue };
        if link::name(capture.link_type).is_none() {
            continue;
        }
        let facts = fs::read(corpus.join(format!("expected/pcap/{name}.json"))).unwrap();
        let mut facts: Value = serde_json::from_slice(&facts).unwrap();
        let (tshark, walk) = (facts["tshark"].take(), facts["struct_scan"].take());
        cases.push(Case { name, found, tshark, walk });
    }
    assert!(cases.len() > 1000);
    cases
}

#[test]
fn packets_and_times_are_those_of_other_tools() {
    for Case { name, found, tshark, walk } in cases() {
        let times: Vec<i64> = found.packets.iter().map(|packet| packet.time.0).collect();
        assert_eq!(walk["records"], times.len(), "{name}");
        assert_eq!(walk["first_ns"].as_i64(), times.first().copied(), "{name}");
        assert_eq!(walk["last_ns"].as_i64(), times.last().copied(), "{name}");
        // tshark 4.0 carries fractions of a second above one over in its own ways, and refuses some files.
        if walk["fraction_overflow"] == 0 && tshark["rc"] == 0 {
            assert_eq!(tshark["min_ns"].as_i64(), times.iter().min().copied(), "{name}");
            assert_eq!(tshark["max_ns"].as_i64(), times.iter().max().copied(), "{name}");
        }
    }
}

/// Addresses, protocol and ports of an Ethernet frame, as another parser reads them; `None` where it finds MACsec, later
/// fragments, or nothing.
fn oracle(frame: &[u8]) -> Option<FiveTuple> {
    let packet = LaxSlicedPacket::from_ethernet(frame).ok()?;
    if packet.link_exts.iter().any(|tag| matches!(tag, LaxLinkExtSlice::Macsec(_))) {
        return None;
    }
    let (source, destination) = match packet.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Arp(_) => return None,
    };
    let (protocol, source_port, destination_port) = match packet.transport.as_ref()? {
        TransportSlice::Tcp(tcp) => (protocol::TCP, tcp.source_port(), tcp.destination_port()),
        TransportSlice::Udp(udp) => (protocol::UDP, udp.source_port(), udp.destination_port()),
        _ => return None,
    };
    Some(FiveTuple { protocol, source, destination, source_port, destination_port })
}

#[test]
fn addresses_and_ports_are_those_of_another_parser() {
    let Some(corpus) = data::corpus() else { return };
    let mut compared = 0;
    for path in files(&corpus.join("pcap")) {
        let bytes = fs::read(&path).unwrap();
        let (Some(capture), found) = decode(&bytes) else { continue };
        for packet in found.packets.iter().filter(|_| capture.link_type == link::ETHERNET) {
            let frame = &bytes[packet.offset as usize..][..packet.captured as usize];
            let Some(theirs) = oracle(frame) else { continue };
            let ours = packet::decode(capture.link_type, frame, packet.original);
            assert_eq!(ours.map(|ip| ip.tuple), Some(theirs), "{} at {}", path.display(), packet.offset);
            compared += 1;
        }
    }
    assert!(compared > 17_000, "{compared}");
}

/// Frames of each conversation: the lower endpoint, the higher one, and how many.
type Conversations = BTreeMap<(String, String), u64>;

fn ours(found: &Found, number: u8) -> Conversations {
    let mut conversations = Conversations::new();
    for flow in found.flows.flows().filter(|flow| flow.tuple.protocol == number) {
        let a = format!("{}:{}", flow.tuple.source, flow.tuple.source_port);
        let b = format!("{}:{}", flow.tuple.destination, flow.tuple.destination_port);
        *conversations.entry(if a <= b { (a, b) } else { (b, a) }).or_default() += flow.packets.iter().sum::<u64>();
    }
    conversations
}

fn theirs(tshark: &Value, name: &str) -> Conversations {
    let rows = tshark["conversations"][name].as_array().cloned().unwrap_or_default();
    let row = |row: &Value| {
        let (a, b) = (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned());
        (if a <= b { (a, b) } else { (b, a) }, row[2].as_u64().unwrap())
    };
    let mut conversations = Conversations::new();
    for (ends, frames) in rows.iter().map(row) {
        *conversations.entry(ends).or_default() += frames;
    }
    conversations
}

/// What is not decoded here, by tshark's names: packets in packets are followed in IP and GRE only, fragments are not
/// put together, and a home address or routing header does not change the addresses.
const NOT_FOLLOWED: &[&str] = &[
    "vxlan",
    "geneve",
    "gtp",
    "teredo",
    "ayiya",
    "erspan",
    "pim",
    "macsec",
    "etag",
    "cfp",
    "pbb",
    "nsh",
    "vntag",
    "wccp",
    "ipcomp",
    "udpencap",
    "mle",
    "dcerpc",
    "ipv6.dstopts",
    "ipv6.routing",
    "mip6",
    "lisp",
    "ieee8021ah",
    "mac",
];

impl Case {
    fn has(&self, protocols: &[&str]) -> bool {
        let theirs = self.tshark["protocols"].as_object();
        theirs.is_some_and(|theirs| protocols.iter().any(|name| theirs.contains_key(*name)))
    }
}

/// Counts how many of tshark's facts were found, and asserts that at least `per_mille` of a thousand were.
#[derive(Default)]
struct Tally {
    found: usize,
    all: usize,
    missed: Vec<String>,
}

impl Tally {
    fn count(&mut self, found: bool, case: &Case, fact: impl std::fmt::Debug) {
        self.all += 1;
        self.found += usize::from(found);
        if !found {
            self.missed.push(format!("{}: {fact:?}", case.name));
        }
    }

    fn assert(self, what: &str, per_mille: usize) {
        println!("{what}: {} of {}; not: {:#?}", self.found, self.all, self.missed);
        assert!(self.found * 1000 >= self.all * per_mille, "{what}: {} of {}", self.found, self.all);
    }
}

#[test]
fn conversations_are_those_of_tshark() {
    let mut tally = Tally::default();
    for case in cases().iter().filter(|case| !case.has(NOT_FOLLOWED)) {
        for (number, word) in [(protocol::TCP, "tcp"), (protocol::UDP, "udp")] {
            let ours = ours(&case.found, number);
            for (ends, frames) in theirs(&case.tshark, word) {
                tally.count(ours.get(&ends) == Some(&frames), case, (word, ends, frames));
            }
        }
    }
    tally.assert("conversations", 990);
}

#[test]
fn community_ids_are_those_of_tshark() {
    let mut tally = Tally::default();
    for case in cases().iter().filter(|case| !case.has(NOT_FOLLOWED)) {
        let ours: BTreeSet<String> = case.found.flows.flows().map(Flow::community_id).collect();
        for id in case.tshark["community_ids_innermost"].as_object().into_iter().flat_map(|ids| ids.keys()) {
            tally.count(ours.contains(id), case, id);
        }
    }
    tally.assert("community ids", 985);
}

#[test]
fn queries_are_those_of_tshark() {
    let mut tally = Tally::default();
    // tshark also reads DNS over HTTP/2 and on other ports.
    for case in cases().iter().filter(|case| !case.has(NOT_FOLLOWED) && !case.has(&["http2"])) {
        let queries = case.found.flows.exchanges().filter(|exchange| exchange.query.is_some());
        let ours: BTreeSet<String> = queries.map(|exchange| exchange.name.to_lowercase()).collect();
        for name in case.tshark["dns_query_names"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default().to_lowercase().replace("<root>", "");
            tally.count(ours.contains(&name), case, name);
        }
    }
    tally.assert("DNS queries", 975);
}

#[test]
fn server_names_are_those_of_tshark() {
    let mut tally = Tally::default();
    // In QUIC the ClientHello is encrypted, with keys that everybody can compute; that is not done here.
    for case in cases().iter().filter(|case| !case.has(NOT_FOLLOWED) && !case.has(&["quic"])) {
        let names = case.found.flows.flows().filter_map(|flow| flow.server_name.as_ref());
        let ours: BTreeSet<&str> = names.map(|name| &*name.name).collect();
        for name in case.tshark["tls_sni"].as_object().into_iter().flat_map(|names| names.keys()) {
            tally.count(ours.contains(name.as_str()), case, name);
        }
    }
    tally.assert("server names", 975);
}
