//! Text logs and nft lines, against the recordings' truth and the facts of other tools.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use logvm::decode::{Body, Entry, Nft, Packet, Reject, Sink, Window, detect};
use logvm::record::{FiveTuple, Level, Timestamp};
use logvm::source;
use serde_json::Value;

use crate::data;

/// An entry, kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub offset: u64,
    pub length: u64,
    pub received: Option<i64>,
    pub claimed: Option<i64>,
    pub inferred: bool,
    pub level: Level,
    pub nft: Option<(String, Nft<'static>)>,
}

/// Keeps all that a decoder finds.
#[derive(Debug, Default)]
pub struct Found {
    pub entries: Vec<Kept>,
    pub rejects: Vec<Reject>,
}

impl Sink for Found {
    fn entry(&mut self, entry: Entry<'_>) {
        let nft = if let Body::Nft(nft) = entry.body { Some(kept(&nft)) } else { None };
        let Entry { offset, length, received, claimed, level, .. } = entry;
        let inferred = claimed.is_some_and(|time| time.inferred);
        let (received, claimed) = (received.map(|time| time.at.0), claimed.map(|time| time.at.0));
        self.entries.push(Kept { offset, length, received, claimed, inferred, level, nft });
    }

    fn packet(&mut self, packet: Packet<'_>) {
        panic!("a packet in a log: {packet:?}");
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

fn kept(nft: &Nft<'_>) -> (String, Nft<'static>) {
    let Nft { prefix, tuple, ip_id, ip_length, ttl, tcp_flags, flow_label, sequence } = nft.clone();
    let columns = Nft { prefix: b"", tuple, ip_id, ip_length, ttl, tcp_flags, flow_label, sequence };
    (String::from_utf8_lossy(prefix).into_owned(), columns)
}

impl Found {
    /// What the decoder for `bytes` finds, in windows that grow by `step` bytes.
    pub fn decode(bytes: &[u8], name: &str, hints: detect::Hints, step: usize) -> Self {
        let mut found = Self::default();
        let mut decoder = detect::decoder(&detect::detect(bytes, name), hints);
        let (mut start, mut end) = (0, 0);
        while start < bytes.len() {
            end = (end + step).min(bytes.len());
            let window = Window { bytes: &bytes[start..end], offset: start as u64, last: end == bytes.len() };
            start += decoder.decode(window, &mut found);
        }
        found
    }

    /// Bytes of all records and rejects.
    pub fn bytes(&self) -> u64 {
        let entries = self.entries.iter().map(|entry| entry.length);
        entries.chain(self.rejects.iter().map(|reject| reject.length)).sum()
    }
}

/// A file's bytes, unpacked when its name ends in `.gz`, and the hints that its path gives.
pub fn read(path: &Path) -> (Vec<u8>, detect::Hints) {
    let mut bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        let packed = std::mem::take(&mut bytes);
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    }
    let modified = Some(Timestamp::from_parts(1_756_400_000, 0));
    (bytes, detect::Hints { date: source::date_of(&path.to_string_lossy()), modified, zone_offset_seconds: 0 })
}

pub fn decode_file(path: &Path) -> Found {
    let (bytes, hints) = read(path);
    Found::decode(&bytes, &path.to_string_lossy(), hints, 64 << 10)
}

/// The values of a file of JSON lines, unpacked when its name ends in `.zst`.
fn json_lines(path: &Path) -> Vec<Value> {
    let bytes = fs::read(path).unwrap();
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    let text = if packed { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
    serde_json::Deserializer::from_slice(&text).into_iter().map(Result::unwrap).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

fn true_tuple(line: &Value) -> FiveTuple {
    let tuple = &line["tuple"];
    let protocol = match tuple["proto"].as_str().unwrap() {
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        "icmpv6" => 58,
        other => panic!("{other}"),
    };
    let address = |name: &str| tuple[name].as_str().unwrap().parse::<IpAddr>().unwrap();
    let port = |name: &str| tuple[name].as_u64().unwrap() as u16;
    FiveTuple {
        protocol,
        source: address("src"),
        destination: address("dst"),
        source_port: port("sport"),
        destination_port: port("dport"),
    }
}

fn assert_true(entry: &Kept, line: &Value, second: bool) {
    let (prefix, nft) = entry.nft.as_ref().unwrap_or_else(|| panic!("no nft line: {line}"));
    assert_eq!(prefix, line["prefix"].as_str().unwrap());
    assert_eq!(nft.tuple, true_tuple(line), "{line}");
    let claimed = entry.claimed.unwrap() as f64 / 1e9;
    let local = line["local_ts"].as_f64().unwrap();
    let expected = if second { local.floor() } else { local };
    assert!((claimed - expected).abs() < 1e-5, "{claimed} is not {expected}");
}

/// Every nft line of a recording is found with its tuple and second, in the nft files, in the LogVM's files and in the
/// journals, and nothing else is taken for one.
#[test]
fn nft_lines_are_those_of_the_truth() {
    for number in [1, 2] {
        let seed = data::seed(number);
        let mut read: HashMap<PathBuf, (Found, usize)> = HashMap::new();
        let mut entry_of = |path: PathBuf, row: &Value| {
            let row = row.as_u64().unwrap() as usize - 1;
            let (found, count) = read.entry(path).or_insert_with_key(|path| (decode_file(path), 0));
            *count += 1;
            found.entries[row].clone()
        };
        let lines = json_lines(&seed.join("truth/lines.jsonl.zst"));
        let meta: Value = serde_json::from_slice(&fs::read(seed.join("truth/meta.json")).unwrap()).unwrap();
        assert_eq!(Some(lines.len() as u64), meta["counts"]["nft_lines"].as_u64());
        for line in &lines {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let own = entry_of(seed.join("input/NetLogs").join(text(&line["nft_file"])), &line["nft_line_no"]);
            assert_eq!(Some(own.offset), line["offset"].as_u64());
            assert_true(&own, line, true);
            let copy = &line["logvm"];
            let relayed = entry_of(seed.join("input/QubesLogs").join(text(&copy["file"])), &copy["line"]);
            assert!(relayed.received.is_some());
            assert_true(&relayed, line, true);
            let journal = format!("input/journal/{}.export.gz", text(&copy["origin"]));
            assert_true(&entry_of(seed.join(journal), &copy["journal_entry"]), line, false);
        }
        for (path, (found, count)) in read {
            let nft = found.entries.iter().filter(|entry| entry.nft.is_some()).count();
            assert_eq!(nft, count, "{}", path.display());
        }
    }
}

/// Every line of LogVM is one record, with both times where the line inside has one.
#[test]
fn logvm_lines_have_both_times() {
    for path in [1, 2].iter().flat_map(|seed| files(&data::seed(*seed).join("input/QubesLogs"))) {
        let (bytes, _) = read(&path);
        let found = decode_file(&path);
        let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        assert_eq!(found.entries.len(), lines.len(), "{}", path.display());
        for (entry, line) in found.entries.iter().zip(lines) {
            let line = String::from_utf8_lossy(line);
            let (received, inside) = line.split_once('\t').unwrap();
            let received = chrono::NaiveDateTime::parse_from_str(received, "%a %b %e %H:%M:%S UTC %Y").unwrap();
            assert_eq!(entry.received, received.and_utc().timestamp_nanos_opt());
            let claimed = inside.get(..15).and_then(|stamp| {
                let stamp = format!("2025 {stamp}");
                let claimed = chrono::NaiveDateTime::parse_from_str(&stamp, "%Y %b %e %H:%M:%S").ok()?;
                claimed.and_utc().timestamp_nanos_opt()
            });
            assert_eq!(entry.claimed, claimed, "{line}");
        }
    }
}

/// Text files of the corpus: as many records as newlines (and one for an end without), all bytes accounted for, and
/// the same records for windows of any size.
#[test]
fn corpus_text_adds_up() {
    let Some(corpus) = data::corpus() else { return };
    for folder in ["syslog", "applog", "kernel-firewall", "journalctl-text"] {
        for path in files(&corpus.join(folder)) {
            let (bytes, hints) = read(&path);
            let mut found = Found::default();
            for step in [777, 1 << 20] {
                let decoder = logvm::decode::text::TextDecoder::new(hints);
                let before = std::mem::replace(&mut found, decode_with(decoder, &bytes, step));
                assert!(before.entries.is_empty() || before.entries == found.entries, "{}", path.display());
            }
            let newlines = bytes.iter().filter(|byte| **byte == b'\n').count();
            let unended = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
            assert_eq!(found.entries.len(), newlines + unended, "{}", path.display());
            assert_eq!(found.bytes(), bytes.len() as u64, "{}", path.display());
        }
    }
}

fn decode_with(mut decoder: impl logvm::decode::Decoder, bytes: &[u8], step: usize) -> Found {
    let mut found = Found::default();
    let (mut start, mut end) = (0, 0);
    while start < bytes.len() {
        end = (end + step).min(bytes.len());
        let window = Window { bytes: &bytes[start..end], offset: start as u64, last: end == bytes.len() };
        start += decoder.decode(window, &mut found);
    }
    found
}

/// Firewall lines of the corpus that have all that the kernel writes are found, with the fields that other tools read.
#[test]
fn corpus_firewall_lines_agree() {
    let Some(corpus) = data::corpus() else { return };
    let mut checked = 0;
    for path in files(&corpus.join("kernel-firewall")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let facts = fs::read(corpus.join(format!("expected/kernel-firewall/{name}.json"))).unwrap();
        let facts: Value = serde_json::from_slice(&facts).unwrap();
        let found = decode_file(&path);
        let mut expected = vec![None; found.entries.len()];
        for fact in facts["tuples"].as_array().unwrap() {
            let text = |name: &str| fact[name].as_str().map(str::to_owned);
            let all = ["IN", "OUT", "SRC", "DST", "PROTO", "LEN"].iter().all(|name| text(name).is_some());
            let numbers = ["SPT", "DPT", "LEN", "TTL"]
                .map(|name| text(name).and_then(|text| text.parse::<u16>().ok()).unwrap_or(0));
            let addresses = ["SRC", "DST"].map(|name| text(name).unwrap().parse::<IpAddr>().unwrap());
            expected[fact["line"].as_u64().unwrap() as usize - 1] = all.then_some((addresses, numbers));
        }
        for (entry, expected) in found.entries.iter().zip(expected) {
            let ours = entry.nft.as_ref().map(|(_, nft)| {
                let echo = nft.tuple.protocol == 1;
                let source_port = if echo { 0 } else { nft.tuple.source_port };
                let numbers = [source_port, nft.tuple.destination_port, nft.ip_length, nft.ttl.into()];
                ([nft.tuple.source, nft.tuple.destination], numbers)
            });
            assert_eq!(ours, expected, "{name} at {}", entry.offset);
            checked += usize::from(expected.is_some());
        }
    }
    assert!(checked > 60, "{checked}");
}

/// Offset of the zone a rendering was made in, at the time of its entries, in hours; none for renderings without times.
fn rendering(name: &str) -> Option<(f64, u32)> {
    let summer = name.contains("Ubuntu22");
    let form = name.rsplit_once("__")?.1.strip_suffix(".txt")?;
    Some(match form {
        "short" | "short-full" | "short-iso" | "with-unit" | "short-iso_Asia-Kolkata" => (0.0, 0),
        "short-precise" | "short-iso-precise" | "short-unix" => (0.0, 6),
        "short-precise_America-New_York" => (if summer { -4.0 } else { -5.0 }, 6),
        "with-unit_Europe-Berlin" => (if summer { 2.0 } else { 1.0 }, 0),
        _ => return None,
    })
}

/// The times of journalctl's renderings are those of its JSON: line i is entry i.
#[test]
fn journalctl_renderings_agree_with_its_json() {
    let Some(corpus) = data::corpus() else { return };
    let mut renderings = 0;
    for path in files(&corpus.join("journalctl-text")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((zone, digits)) = rendering(&name) else { continue };
        let base = name.rsplit_once("__").unwrap().0;
        let entries = json_lines(&corpus.join(format!("journal-json/{base}__json.json")));
        let last = |entry: &Value| entry["__REALTIME_TIMESTAMP"].as_str().unwrap().parse::<i64>().unwrap();
        let (bytes, _) = read(&path);
        let modified = entries.iter().map(last).max().map(Timestamp::from_micros);
        let hints = detect::Hints { date: None, modified, zone_offset_seconds: (zone * 3600.0) as i32 };
        let found = Found::decode(&bytes, &name, hints, 4096);
        assert_eq!(found.entries.len(), entries.len(), "{name}");
        let unit = 10_i64.pow(9 - digits);
        for (line, entry) in found.entries.iter().zip(&entries) {
            let source = entry["_SOURCE_REALTIME_TIMESTAMP"].as_str().map(|micros| micros.parse::<i64>().unwrap());
            let shown = source.unwrap_or_else(|| last(entry)) * 1000;
            assert_eq!(line.claimed, Some(shown.div_euclid(unit) * unit), "{name} at {}", line.offset);
        }
        renderings += 1;
    }
    assert_eq!(renderings, 30);
}
