//! Formats: which one a file has, and journal exports against what systemd-journal-remote imports.

use std::fs;

use logvm::decode::detect::{Format, detect};
use serde_json::Value;

use crate::data;
use crate::text::{Found, decode_file, files, read};

/// Entries that systemd-journal-remote 252 writes for the exports of the recordings.
const ENTRIES: [(u32, &[(&str, usize)]); 2] = [
    (
        1,
        &[
            ("disp1234", 45),
            ("personal", 81),
            ("sys-dns", 113),
            ("sys-firewall", 472),
            ("sys-net", 242),
            ("sys-vpn", 12),
            ("work", 57),
        ],
    ),
    (
        2,
        &[
            ("disp1234", 36),
            ("personal", 48),
            ("sys-dns", 75),
            ("sys-firewall", 318),
            ("sys-net", 161),
            ("sys-vpn", 12),
            ("work", 39),
        ],
    ),
];

#[test]
fn exports_of_the_recordings_have_the_entries_that_journal_remote_imports() {
    for (seed, exports) in ENTRIES {
        for (qube, entries) in exports {
            let path = data::seed(seed).join(format!("input/journal/{qube}.export.gz"));
            let found = decode_file(&path);
            assert_eq!((found.entries.len(), found.rejects.len()), (*entries, 0), "{}", path.display());
            assert_eq!(found.bytes(), read(&path).0.len() as u64);
            assert!(found.entries.iter().all(|entry| entry.claimed.is_some() && entry.level as u8 <= 7));
        }
    }
}

#[test]
fn exports_of_the_corpus_have_the_entries_that_journal_remote_imports() {
    let Some(corpus) = data::corpus() else { return };
    let mut exports = 0;
    for path in files(&corpus.join("journal-export")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (bytes, hints) = read(&path);
        let facts = fs::read(corpus.join(format!("expected/journal-export/{name}.json"))).unwrap();
        let facts: Value = serde_json::from_slice(&facts).unwrap();
        let Some(entries) = facts["journalctl"]["entries"].as_u64() else { continue };
        for step in [61, 1 << 20] {
            let found = Found::decode(&bytes, &name, hints, step);
            assert_eq!(found.entries.len() as u64, entries, "{name}");
            assert_eq!(found.bytes(), bytes.len() as u64, "{name}");
            let times = || found.entries.iter().map(|entry| entry.claimed.unwrap() / 1000);
            assert_eq!(times().min(), facts["journalctl"]["min_realtime_us"].as_i64(), "{name}");
            assert_eq!(times().max(), facts["journalctl"]["max_realtime_us"].as_i64(), "{name}");
            for (level, count) in facts["journalctl"]["priorities"].as_object().unwrap() {
                let number = level.parse().unwrap_or(255);
                let ours = found.entries.iter().filter(|entry| entry.level as u8 == number).count();
                assert_eq!(Some(ours as u64), count.as_u64(), "{name}: priority {level}");
            }
        }
        exports += 1;
    }
    assert_eq!(exports, 5);
}

#[test]
fn formats_of_the_recordings_are_told() {
    for seed in [1, 2] {
        let input = data::seed(seed).join("input");
        for path in files(&input).iter().filter(|path| path.extension().is_none_or(|extension| extension != "tgz")) {
            let name = path.to_string_lossy();
            let expected = match () {
                () if name.contains("/journal/") => Format::JournalExport,
                () if name.contains("/NetLogs/") => Format::NftLog,
                () => Format::LogVm,
            };
            assert_eq!(detect(&read(path).0, &name).format, expected, "{name}");
        }
    }
}

#[test]
fn formats_of_the_corpus_are_told() {
    let Some(corpus) = data::corpus() else { return };
    let format = |path: &str| detect(&read(&corpus.join(path)).0, path).format;
    for path in
        files(&corpus.join("journal-export")).iter().filter(|path| path.extension().is_some_and(|e| e == "export"))
    {
        assert_eq!(format(&path.to_string_lossy()), Format::JournalExport);
    }
    for path in ["syslog", "applog", "kernel-firewall", "journalctl-text"].iter().flat_map(|f| files(&corpus.join(f))) {
        let bytes = read(&path).0;
        let detection = detect(&bytes, "");
        if bytes.starts_with(b"\xff\xfe") {
            assert_eq!(detection.reason, "UTF-16 text, little-endian");
            continue;
        }
        let text = [Format::Text, Format::Syslog, Format::NftLog, Format::Journalctl, Format::Empty];
        assert!(text.contains(&detection.format), "{}: {detection:?}", path.display());
    }
    for path in files(&corpus.join("pcap")).iter().chain(&files(&corpus.join("pcapng"))).take(300) {
        let head = fs::read(path).unwrap();
        let format = detect(&head, "").format;
        let known = [Format::Pcap, Format::PcapNg, Format::Binary, Format::Empty];
        assert!(known.contains(&format), "{}: {format:?}", path.display());
    }
}
