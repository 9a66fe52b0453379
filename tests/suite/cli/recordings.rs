//! The recordings of the simulated network, through the program, against the truth and against other tools.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{logvm, logvm_with};
use crate::archives::{archive, gz, member, zst};
use crate::data::seed;
use crate::sources::{SEED1, SEED2};

/// Packets of each capture, as capinfos counts them.
const PACKETS: [(u32, &str, [u64; 4]); 4] = [
    (1, "sys-dns", [130, 214, 135, 69]),
    (1, "sys-vpn", [1484, 1730, 2052, 1170]),
    (2, "sys-dns", [1482, 1528, 927, 120]),
    (2, "sys-vpn", [1497, 1566, 956, 120]),
];

fn input(number: u32) -> String {
    seed(number).join("input").display().to_string()
}

fn truth(number: u32, name: &str) -> Vec<Value> {
    let packed = fs::read(seed(number).join(format!("truth/{name}.jsonl.zst"))).unwrap();
    let text = String::from_utf8(zstd::decode_all(&packed[..]).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the summary says of each source, by its name below `input/`; the sums are under the empty name.
fn summary(number: u32) -> BTreeMap<String, Value> {
    let run = logvm(&["summary", "-o", "jsonl", &input(number)]);
    assert_eq!((run.stderr.as_str(), run.status), ("", 0));
    let name = |object: &Value| below_input(object["source"].as_str().unwrap_or_default()).to_owned();
    run.objects().into_iter().map(|object| (name(&object), object)).collect()
}

fn below_input(name: &str) -> &str {
    name.split_once("input/").map_or(name, |(_, rest)| rest)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn bytes_are_those_that_other_tools_unpack() {
    for (seed, sizes) in [(1, SEED1), (2, SEED2)] {
        let summary = summary(seed);
        for (name, qube, _, bytes) in sizes {
            let source = &summary[*name];
            assert_eq!((number(&source["bytes"]), source["qube"].as_str()), (*bytes, Some(*qube)), "{name}");
        }
        let sums = &summary[""];
        assert_eq!(number(&sums["bytes"]), sizes.iter().map(|(.., bytes)| bytes).sum::<u64>());
        assert_eq!(number(&sums["sources"]), sizes.len() as u64);
        for kind in ["text", "nft", "journal", "packet", "flow", "dns"] {
            let parts = summary.iter().filter(|(name, _)| !name.is_empty());
            assert_eq!(sums["records"][kind], parts.map(|(_, part)| number(&part["records"][kind])).sum::<u64>());
        }
    }
}

#[test]
fn packets_are_those_that_capinfos_counts() {
    for (seed, vantage, counts) in PACKETS {
        let summary = summary(seed);
        let start = format!("NetLogs/{vantage}/");
        let captures = summary.iter().filter(|(name, _)| name.starts_with(&start) && name.ends_with(".pcap"));
        let ours: Vec<u64> = captures.map(|(_, source)| number(&source["records"]["packet"])).collect();
        assert_eq!(ours, counts, "seed {seed}, {vantage}");
        let covered = summary[""]["captures"].as_array().unwrap().iter().find(|c| c["qube"] == vantage).unwrap();
        assert_eq!(number(&covered["packets"]), counts.iter().sum::<u64>());
        let meta = fs::read(crate::data::seed(seed).join("truth/meta.json")).unwrap();
        let meta: Value = serde_json::from_slice(&meta).unwrap();
        assert_eq!(meta["counts"]["packets"][vantage], covered["packets"]);
    }
}

/// What an nft line is about, and where it stands.
type Line = (String, u64, String);

fn true_lines(number: u32) -> Vec<Line> {
    let places = |line: &Value| {
        let tuple = &line["tuple"];
        let word = |name: &str| tuple[name].as_str().unwrap().to_lowercase();
        let ports = (tuple["sport"].as_u64().unwrap_or(0), tuple["dport"].as_u64().unwrap_or(0));
        let about =
            format!("{} {} {} {} {ports:?}", line["prefix"].as_str().unwrap(), word("proto"), word("src"), word("dst"));
        let netlog = format!("NetLogs/{}", line["nft_file"].as_str().unwrap());
        let logvm = format!("QubesLogs/{}", line["logvm"]["file"].as_str().unwrap());
        let journal = format!("journal/{}.export.gz", line["logvm"]["origin"].as_str().unwrap());
        [
            (netlog, line["nft_line_no"].as_u64().unwrap(), about.clone()),
            (logvm, line["logvm"]["line"].as_u64().unwrap(), about.clone()),
            (journal, line["logvm"]["journal_entry"].as_u64().unwrap(), about),
        ]
    };
    let mut lines: Vec<Line> = truth(number, "lines").iter().flat_map(places).collect();
    lines.sort();
    lines
}

fn our_line(object: &Value) -> Line {
    let word = |name: &str| object[name].as_str().unwrap_or_default().to_lowercase();
    let port = |names: [&str; 2]| names.iter().find_map(|name| object[*name].as_u64()).unwrap_or(0);
    let ports = (port(["srcport", "icmp.ident"]), port(["dstport", "none"]));
    let place = &object["provenance"];
    let about = format!(
        "{} {} {} {} {ports:?}",
        object["nft.prefix"].as_str().unwrap(),
        word("ip.proto"),
        word("ip.src"),
        word("ip.dst")
    );
    let line = place["line"].as_u64().or_else(|| place["entry"].as_u64()).unwrap();
    (below_input(place["source"].as_str().unwrap()).to_owned(), line, about)
}

#[test]
fn nft_lines_stand_where_the_truth_has_them() {
    for seed in [1, 2] {
        let run = logvm(&["show", "-f", "nft", "-o", "jsonl", &input(seed)]);
        let mut ours: Vec<Line> = run.objects().iter().map(our_line).collect();
        ours.sort();
        assert_eq!(ours, true_lines(seed), "seed {seed}");
    }
}

/// Protocol, addresses and ports, packets and bytes.
type Flow = (String, u64, u64);

#[test]
fn flows_are_the_true_ones_joined_over_files() {
    for seed in [1, 2] {
        for vantage in ["sys-dns", "sys-vpn"] {
            // The truth leaves out neighbour discovery and ICMP errors.
            let filter = format!("qube == {vantage} && (udp || tcp)");
            let run = logvm(&["flows", "-f", &filter, "-o", "jsonl", &input(seed)]);
            let mut ours: Vec<Flow> = run.objects().iter().map(our_flow).collect();
            ours.sort();
            assert_eq!(ours, true_flows(seed, vantage), "seed {seed}, {vantage}");
        }
    }
}

fn our_flow(object: &Value) -> Flow {
    let word = |name: &str| object[name].as_str().unwrap().to_lowercase();
    let tuple = format!(
        "{} {}:{} {}:{}",
        word("ip.proto"),
        word("ip.src"),
        object["srcport"],
        word("ip.dst"),
        object["dstport"]
    );
    (tuple, number(&object["flow.packets"]), number(&object["flow.bytes"]))
}

fn true_flows(seed: u32, vantage: &str) -> Vec<Flow> {
    let mut whole: BTreeMap<(String, String), Flow> = BTreeMap::new();
    for part in truth(seed, "flows").iter().filter(|part| part["vantage"] == vantage) {
        let tuple = &part["tuple"];
        let word = |name: &str| tuple[name].as_str().unwrap();
        if !matches!(word("proto"), "tcp" | "udp") {
            continue;
        }
        let text = format!("{} {}:{} {}:{}", word("proto"), word("src"), tuple["sport"], word("dst"), tuple["dport"]);
        let sum = whole.entry((part["conn_id"].to_string(), text.clone())).or_insert((text, 0, 0));
        (sum.1, sum.2) = (sum.1 + number(&part["packets"]), sum.2 + number(&part["bytes"]));
    }
    let mut flows: Vec<Flow> = whole.into_values().collect();
    flows.sort();
    flows
}

/// The names of queries that tshark 4.0.17 reads in the captures of a vantage, and how often each is asked for.
struct Names {
    seed: u32,
    vantage: &'static str,
    /// Queries of which it shows no name, since the capture cut it.
    cut: usize,
    whole: &'static [(&'static str, usize)],
}

const NAMES: &[Names] = &[
    Names {
        seed: 1,
        vantage: "sys-dns",
        cut: 34,
        whole: &[
            ("c2.update-check.example", 8),
            ("chat.site15.example", 2),
            ("cloud17.example", 2),
            ("docs10.example", 7),
            ("forum.site08.example", 1),
            ("health.site21.example", 2),
            ("jobs.site26.example", 2),
            ("library.site28.example", 1),
            ("music13.example", 6),
            ("news.site31.example", 4),
            ("recipes23.example", 1),
            ("sports20.example", 2),
            ("travel.site22.example", 2),
            ("video12.example", 4),
            ("weather19.example", 4),
            ("wiki.site09.example", 2),
            ("www.api5.example", 4),
            ("www.cdn33.example", 2),
            ("www.mail1.example", 3),
            ("www.mail32.example", 3),
            ("www.shop7.example", 3),
            ("www.static3.example", 2),
        ],
    },
    Names {
        seed: 1,
        vantage: "sys-vpn",
        cut: 4,
        whole: &[
            ("photos.site16.example", 2),
            ("school30.example", 2),
            ("www.api5.example", 2),
            ("www.mail1.example", 2),
        ],
    },
    Names {
        seed: 2,
        vantage: "sys-dns",
        cut: 0,
        whole: &[
            ("0fc41d2a57388af8e6a003ddde8d08005b662b9a13a95488f89aedc.2c243acf2dce8f0fbd.6.t.tun.example", 1),
            ("2058091d9c7d8cc8085906065a86ac40137d3c9486c1dda26e4ecf8.7de7f86fc0889a6d12355a97623.7.t.tun.example", 1),
            (
                "490de49a34cb1dfc22fef157bcaa8edd44666311d2ce5ac400cd459.43356663a17a14a197477e1c9f1572b0f.9.t.tun.example",
                1,
            ),
            (
                "4bb9f04b588840d4cc3bda8af19c922f453d8c0e14604ef0772946e.69f24f178801a8ce0bb7801bc07e3e0ea5ea9a84c918ad95249cbf28e9.b.t.tun.example",
                1,
            ),
            (
                "4f6a2b1345e8e33a0f98669e56c81a0b9d9eb86c59eb3ec4bf06910.24200650bb22f7d87d15b79dcd65cf85cc763df3137f574b1b.d.t.tun.example",
                1,
            ),
            (
                "5776e7c8650cfb565f046602e658c00b391bfc32e54e284f299062d.459e61ae147b936470a383b24b4d6900a4214f.1.t.tun.example",
                1,
            ),
            (
                "6dd87b1c0d90f887eebe75e9bd37c3dee2cebb5475def5d8ac98a0c.16e330baac5a2fc7e30b09f410acf0f67a5a9cfe826b.0.t.tun.example",
                1,
            ),
            (
                "8933d10d6a6e9eabca0f7f6e63c4cc5ca0cd919378901a0b9cd741f.e56df132d9da86d2360e2d52bdfc8060f14cfdb569cd1dd6c.c.t.tun.example",
                1,
            ),
            ("9769508ff5d5216ce2a429c843c5b4ac2538e77c856ca29f80d9980.88f1c62da38b3a9.e.t.tun.example", 1),
            ("assets-cloud-025379.eu-west.site17.example", 2),
            ("assets-games-220348.eu-west.site24.example", 3),
            ("assets-maps-002030.eu-west.site14.example", 4),
            ("assets-recipes-546031.eu-west.site23.example", 2),
            ("assets-shop-925736.eu-west.site07.example", 3),
            (
                "bf99243024b494277a25d6d1adfb5314c4d7832562a477ece3a71b3.c038b7ad714545c439de03d0316d06ca45888799dffc9c5d9eda208de2.2.t.tun.example",
                1,
            ),
            ("c2.update-check.example", 8),
            (
                "d183771675053679a26473bf566c90279b99192f4b9dd35742e24f0.4c6fb4d63aa9d478fa0103691e7672103c3dd00536728835962500.4.t.tun.example",
                1,
            ),
            ("d37caf37e2740feaefe949f9230d3a19064bb42832470951cb29fe5.17c8a5ea299622af.a.t.tun.example", 1),
            (
                "ea46739ffea94ee0dc57ad9e48bd15b6da6849720f0602a5c59da40.e0c5573e6a729138d336c6d7f6242b66bfb85e8204a7777d.8.t.tun.example",
                1,
            ),
            (
                "ee007a2783562d8f384ac776fe3fca1e1de7d1c83e99d7573084cd1.41161855fb2d53d97068176ffe019d6d3ee5594350a18ca4274aa161.5.t.tun.example",
                1,
            ),
            (
                "f856b376d46c529e42b571d1c975c76788850c11f6a91ea5e16b8e8.81a0d75cf4d9251d2400b6fda3026004098300b83c5d076.3.t.tun.example",
                1,
            ),
            ("forum.site08.example", 2),
            ("img4.example", 7),
            ("jobs.site26.example", 4),
            ("login6.example", 2),
            ("music.site13.example", 2),
            ("sports20.example", 1),
            ("www.bank11.example", 3),
            ("www.chat15.example", 1),
            ("www.docs10.example", 4),
            ("www.mail1.example", 3),
            ("www.travel22.example", 5),
        ],
    },
    Names {
        seed: 2,
        vantage: "sys-vpn",
        cut: 0,
        whole: &[("img4.example", 2), ("jobs.site26.example", 2), ("login6.example", 2), ("www.docs10.example", 2)],
    },
];

#[test]
fn names_are_those_that_tshark_reads() {
    for names in NAMES {
        let filter = format!("qube == {}", names.vantage);
        let objects = logvm(&["dns", "-f", &filter, "-o", "jsonl", &input(names.seed)]).objects();
        let (cut, whole): (Vec<_>, Vec<_>) =
            objects.iter().partition(|object| object["text"].as_str().unwrap().contains('…'));
        assert_eq!(cut.len(), names.cut);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for object in whole {
            *counts.entry(object["dns.qry.name"].as_str().unwrap()).or_default() += 1;
        }
        assert_eq!(counts, names.whole.iter().copied().collect::<BTreeMap<_, _>>(), "{}", names.vantage);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A tar of the `input` folder of a recording.
fn packed(number: u32) -> Vec<u8> {
    let root = seed(number);
    let pack = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        member(name.as_bytes(), b'0', &fs::read(path).unwrap())
    };
    archive(&files(&root.join("input")).iter().map(pack).collect::<Vec<_>>())
}

/// The records of a run, with the names of sources as they are below `input/`.
fn records(objects: &[Value]) -> Vec<String> {
    let plain = |object: &Value| {
        let short = |name: &Value| Value::from(below_input(name.as_str().unwrap()));
        let mut object = object.clone();
        object["source"] = short(&object["source"]);
        object["provenance"]["source"] = short(&object["provenance"]["source"]);
        object.to_string()
    };
    let mut records: Vec<String> = objects.iter().map(plain).collect();
    records.sort();
    records
}

#[test]
fn folders_archives_and_streams_give_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let tar = packed(1);
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let (tgz, tar_zst) = (write("a.tgz", &gz(&tar)), write("a.tar.zst", &zst(&tar)));
    for command in ["show", "flows", "dns"] {
        let expected = records(&logvm(&[command, "-o", "jsonl", &input(1)]).objects());
        for path in [&tgz, &tar_zst] {
            assert!(records(&logvm(&[command, "-o", "jsonl", path]).objects()) == expected, "{command} {path}");
        }
        assert!(records(&logvm_with(&tar, &[command, "-o", "jsonl", "-"]).objects()) == expected, "{command} -");
    }
}

#[test]
fn every_run_gives_the_same_output() {
    for arguments in [&["show"][..], &["show", "-o", "jsonl"], &["flows"], &["grep", "-n", "kernel|TCP"]] {
        let run = || logvm(&[arguments, &[&input(2)]].concat()).stdout;
        let first = run();
        assert!(!first.is_empty());
        for _ in 0..5 {
            assert!(run() == first, "{arguments:?}");
        }
    }
}
