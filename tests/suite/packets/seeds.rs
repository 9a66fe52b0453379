//! The recordings of the simulated network against its truth.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use logvm::record::protocol;
use logvm::store::{Flow, FlowTable};
use serde_json::Value;

use super::{Found, decode, decode_in_steps, files};
use crate::data;

/// The captures of a vantage in the order of their names, as the nightly backup packed them.
fn captures(seed: u32, vantage: &str) -> BTreeMap<String, Vec<u8>> {
    let mut captures = BTreeMap::new();
    for day in files(&data::seed(seed).join("input/NetLogs").join(vantage)) {
        for archive in files(&day).iter().filter(|path| path.extension().is_some_and(|e| e == "tgz")) {
            let mut tar = Vec::new();
            flate2::read::MultiGzDecoder::new(fs::File::open(archive).unwrap()).read_to_end(&mut tar).unwrap();
            captures.extend(members(&tar));
        }
    }
    captures
}

/// The regular files of a tar, by their names without folders.
fn members(mut tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches(['\0', ' ']).to_owned();
    let mut members = Vec::new();
    while tar.len() >= 512 && tar[0] != 0 {
        let size = usize::from_str_radix(&text(&tar[124..136]), 8).unwrap();
        if tar[156] == b'0' {
            let name = text(&tar[..100]);
            members.push((name.rsplit('/').next().unwrap().to_owned(), tar[512..512 + size].to_vec()));
        }
        tar = &tar[512 + size.next_multiple_of(512)..];
    }
    members
}

fn truth(seed: u32) -> Vec<Value> {
    let file = fs::File::open(data::seed(seed).join("truth/flows.jsonl.zst")).unwrap();
    let text = std::io::read_to_string(zstd::Decoder::new(file).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Tuple, time of the first packet in microseconds, packets and bytes: what makes a flow of the truth.
type Row = (String, i64, u64, u64);

fn true_row(flow: &Value) -> Row {
    let tuple = &flow["tuple"];
    let word = |name: &str| tuple[name].as_str().unwrap().to_owned();
    let port = |name: &str| tuple[name].as_u64().unwrap_or(0);
    let text = format!("{} {}:{} {}:{}", word("proto"), word("src"), port("sport"), word("dst"), port("dport"));
    let micros = (flow["first_ts"].as_f64().unwrap() * 1e6).round() as i64;
    (text, micros, flow["packets"].as_u64().unwrap(), flow["bytes"].as_u64().unwrap())
}

fn row(flow: &Flow) -> Row {
    let tuple = &flow.tuple;
    let word = protocol::name(tuple.protocol).unwrap().to_lowercase();
    let source = format!("{}:{}", tuple.source, tuple.source_port);
    let text = format!("{word} {source} {}:{}", tuple.destination, tuple.destination_port);
    (text, flow.start.0 / 1000, flow.packets.iter().sum(), flow.bytes.iter().sum())
}

/// The flows that the truth has: it leaves out neighbour discovery and ICMP errors.
fn our_rows(flows: &FlowTable) -> Vec<Row> {
    let counts = |flow: &&Flow| flow.icmp.is_none_or(|icmp| icmp.is_echo(flow.tuple.protocol));
    let mut rows: Vec<Row> = flows.flows().filter(counts).map(row).collect();
    rows.sort();
    rows
}

/// Times of the truth are off by a microsecond where it had rounded them.
fn assert_same(ours: &[Row], theirs: &[Row], place: &str) {
    assert_eq!(ours.len(), theirs.len(), "{place}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        let near = ours.1.abs_diff(theirs.1) <= 1;
        assert!(near && (&ours.0, ours.2, ours.3) == (&theirs.0, theirs.2, theirs.3), "{place}: {ours:?} {theirs:?}");
    }
}

fn recordings() -> impl Iterator<Item = (u32, &'static str, Vec<Value>)> {
    [1, 2].into_iter().flat_map(|seed| {
        let truth = truth(seed);
        ["sys-dns", "sys-vpn"].map(|vantage| {
            let here = truth.iter().filter(|flow| flow["vantage"] == vantage).cloned().collect();
            (seed, vantage, here)
        })
    })
}

#[test]
fn flows_of_each_file_are_the_true_ones() {
    for (seed, vantage, truth) in recordings() {
        for (file, bytes) in captures(seed, vantage) {
            let (_, found) = decode(&bytes);
            assert_eq!(found.rejects, []);
            let file = format!("{vantage}/{file}");
            let mut theirs: Vec<Row> = truth.iter().filter(|flow| flow["pcap_file"] == *file).map(true_row).collect();
            theirs.sort();
            assert_same(&our_rows(&found.flows), &theirs, &file);
        }
    }
}

#[test]
fn flows_go_on_in_the_next_file() {
    for (seed, vantage, truth) in recordings() {
        let mut found = Found::default();
        for bytes in captures(seed, vantage).values() {
            decode_in_steps(bytes, bytes.len(), &mut found);
        }
        let mut whole: BTreeMap<(String, String), Row> = BTreeMap::new();
        for flow in &truth {
            let row = true_row(flow);
            let sum = whole.entry((flow["conn_id"].to_string(), row.0.clone())).or_insert((row.0, row.1, 0, 0));
            sum.1 = sum.1.min(row.1);
            (sum.2, sum.3) = (sum.2 + row.2, sum.3 + row.3);
        }
        let mut theirs: Vec<Row> = whole.into_values().collect();
        theirs.sort();
        assert_same(&our_rows(&found.flows), &theirs, vantage);
    }
}
