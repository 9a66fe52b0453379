//! Real captures against tshark's facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use logvm::decode::link;
use logvm::record::protocol;
use logvm::store::community_id::community_id;
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

#[test]
fn conversations_are_those_of_tshark() {
    let (mut same, mut all) = (0, 0);
    for Case { name, found, tshark, .. } in cases() {
        for (number, word) in [(protocol::TCP, "tcp"), (protocol::UDP, "udp")] {
            let (ours, theirs) = (ours(&found, number), theirs(&tshark, word));
            let equal = theirs.iter().filter(|(ends, frames)| ours.get(*ends) == Some(frames)).count();
            same += equal;
            all += theirs.len();
            if equal != theirs.len() || ours.len() != theirs.len() {
                println!("{name}: {word} {equal} of {} (ours {})", theirs.len(), ours.len());
            }
        }
    }
    println!("conversations: {same} of {all}");
}

#[test]
fn community_ids_are_those_of_tshark() {
    let (mut same, mut all) = (0, 0);
    for Case { name, found, tshark, .. } in cases() {
        let ours: BTreeSet<String> = found.flows.flows().map(|flow| community_id(&flow.tuple, flow.icmp)).collect();
        let theirs: Vec<String> =
            tshark["community_ids_innermost"].as_object().map(|ids| ids.keys().cloned().collect()).unwrap_or_default();
        let equal = theirs.iter().filter(|id| ours.contains(*id)).count();
        if equal != theirs.len() {
            println!("{name}: community ids {equal} of {}", theirs.len());
        }
        same += equal;
        all += theirs.len();
    }
    println!("community ids: {same} of {all}");
}

#[test]
fn names_are_those_of_tshark() {
    let (mut same, mut all, mut sni, mut all_sni) = (0, 0, 0, 0);
    for Case { name, found, tshark, .. } in cases() {
        let asked: BTreeSet<String> =
            found.flows.exchanges().filter(|e| e.query.is_some()).map(|e| e.name.to_lowercase()).collect();
        for their in tshark["dns_query_names"].as_array().into_iter().flatten() {
            let their = their.as_str().unwrap_or_default().to_lowercase();
            all += 1;
            if asked.contains(their.as_str()) {
                same += 1;
            } else {
                println!("{name}: dns {their:?} not in ours ({})", asked.len());
            }
        }
        let names: BTreeSet<&str> =
            found.flows.flows().filter_map(|flow| flow.server_name.as_ref()).map(|name| &*name.name).collect();
        for their in tshark["tls_sni"].as_object().into_iter().flat_map(|names| names.keys()) {
            all_sni += 1;
            if names.contains(their.as_str()) {
                sni += 1;
            } else {
                println!("{name}: sni {their:?}");
            }
        }
    }
    println!("dns {same} of {all}; sni {sni} of {all_sni}");
}
