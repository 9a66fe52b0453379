//! Filters on the recordings, against what is plain in their files.

use std::path::PathBuf;

use logvm::ingest::{Input, Options, Reading};
use logvm::query::{Context, Filter};
use logvm::store::Snapshot;

use crate::data::seed;

fn read(paths: Vec<PathBuf>) -> Snapshot {
    let reading = Reading::start(paths.into_iter().map(Input::Path).collect(), Options::default());
    reading.wait();
    reading.store().snapshot()
}

fn count(snapshot: &Snapshot, expression: &str) -> usize {
    let filter =
        Filter::compile(expression, &Context::default()).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let tables = snapshot.tables();
    let segments = tables.flat_map(|table| table.segments.iter().map(move |segment| (table, segment)));
    segments.map(|(table, segment)| filter.select(snapshot, table, segment).count(segment.rows)).sum()
}

#[test]
fn columns_and_keys_agree_with_the_text_of_the_lines() {
    let folder = seed(1).join("input/QubesLogs/sys-firewall");
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let text: String =
        files.iter().map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()).collect();
    let lines = |parts: &[&str]| text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).count();
    let snapshot = read(files);
    for (expression, parts) in [
        ("nft.prefix == \"SYSFW:new\"", &["SYSFW:new IN="][..]),
        ("nft && tcp.dstport == 443", &["PROTO=TCP", "DPT=443 "]),
        ("nft.dpt == 53", &["DPT=53 "]),
        ("ip.src == 10.137.0.17", &["SRC=10.137.0.17 "]),
        ("ip.src == fd09:24ef:4179::a89:17", &["SRC=fd09:24ef:4179:0000:0000:0000:0a89:0017 "]),
        ("nft.in == vif12.0 and udp", &["IN=vif12.0 ", "PROTO=UDP"]),
        ("tcp.flags.syn == 1", &["PROTO=TCP", " SYN "]),
        ("\"IN=vif11.0\"", &["IN=vif11.0"]),
    ] {
        let expected = lines(parts);
        assert!(expected > 0, "{expression} proves nothing");
        assert_eq!(count(&snapshot, expression), expected, "{expression}");
    }
}
