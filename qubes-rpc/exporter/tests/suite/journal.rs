use crate::harness::{Bench, Exporter, append_to_journal, has_journal_tools, journalctl};
use std::fs;
use std::path::PathBuf;

const BOOT: &str = "c6aaee9d3fab4dad8e4b2bb5b4e3ee11";

/// Entries `range`, some with binary fields that look like entries.
fn export(range: std::ops::Range<u64>) -> Vec<u8> {
    let mut all = Vec::new();
    for n in range {
        let time = 1_700_000_000_000_000 + n * 1000;
        all.extend(
            format!("__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID={BOOT}\n", n * 1000 + 5).bytes(),
        );
        all.extend(format!("NUMBER={n}\nPRIORITY=6\n").bytes());
        if n % 3 == 0 {
            let data = [b"two\n\n__CURSOR=forged\n\n".as_slice(), &vec![n as u8; (n * 37 % 700) as usize]].concat();
            all.extend(b"MESSAGE\n");
            all.extend((data.len() as u64).to_le_bytes());
            all.extend(data);
            all.extend(b"\n\n");
        } else {
            all.extend(format!("MESSAGE=entry {n} {}\n\n", "x".repeat((n * 53 % 300) as usize)).bytes());
        }
    }
    all
}

pub struct Journal(pub PathBuf);

impl Journal {
    pub fn new(name: &str, range: std::ops::Range<u64>) -> Self {
        let path = std::env::temp_dir().join(format!("logvm-exporter-{}-journal-{name}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        append_to_journal(&path, &export(range));
        Journal(path)
    }

    pub fn entries(&self) -> Vec<Vec<u8>> {
        entries(&journalctl(&self.0, &["--output=export"]).stdout).0
    }

    pub fn cursors(&self) -> Vec<String> {
        self.entries().iter().map(|entry| cursor(entry)).collect()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// The whole entries in `bytes`, and how many bytes they are: written anew here, to judge the exporter's own.
pub fn entries(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n').map(|length| at + length) {
        let line = &bytes[at..end];
        at = end + 1;
        if line.is_empty() {
            found.push(bytes[start..at].to_vec());
            start = at;
        } else if !line.contains(&b'=') {
            let Some(length) = bytes[at..].first_chunk::<8>() else { break };
            at += 8 + u64::from_le_bytes(*length) as usize + 1;
            if at > bytes.len() {
                break;
            }
        }
    }
    (found, start)
}

pub fn cursor(entry: &[u8]) -> String {
    let line = entry.split(|byte| *byte == b'\n').next().unwrap();
    String::from_utf8(line.to_vec()).unwrap().strip_prefix("__CURSOR=").unwrap_or_default().to_owned()
}

pub fn run_until_saved(bench: &Bench, target: &str, last: &str) -> Exporter {
    let mut exporter = bench.start();
    assert!(exporter.until("the last cursor", || bench.saved_cursor(target).as_deref() == Some(last)));
    exporter
}

#[test]
fn a_journal_arrives_as_journalctl_prints_it_and_goes_on() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("plain", 0..200);
    let mut bench = Bench::new("plain", 1, "steady");
    bench.journal(&journal.0);
    let mut exporter = run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap());
    append_to_journal(&journal.0, &export(200..300));
    let last = journal.cursors().pop();
    assert!(exporter.until("the rest", || bench.saved_cursor("sys-log") == last));
    assert!(exporter.stop());
    assert_eq!(bench.sessions().len(), 1);
    assert_eq!(entries(&bench.arrived()), (journal.entries(), bench.arrived().len()));
}

#[test]
fn after_a_stop_it_goes_on_where_it_was() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("resume", 0..50);
    let mut bench = Bench::new("resume", 1, "steady");
    bench.journal(&journal.0);
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    append_to_journal(&journal.0, &export(50..80));
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    assert_eq!(entries(&bench.arrived()).0, journal.entries());
}

#[test]
fn a_stop_sends_what_is_there_first() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("flush", 0..300);
    let mut bench = Bench::new("flush", 1, "steady");
    bench.journal(&journal.0);
    let mut exporter = bench.start();
    assert!(exporter.until("the call", || !bench.sessions().is_empty()));
    assert!(exporter.stop());
    assert_eq!(bench.saved_cursor("sys-log"), journal.cursors().pop());
    assert_eq!(entries(&bench.arrived()).0, journal.entries());
}

#[test]
fn a_target_that_dies_at_any_moment_gets_each_entry_until_it_acknowledged_it() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("dies", 0..400);
    let expected = journal.cursors();
    let mut deaths = 0;
    for seed in 0..60 {
        let mut bench = Bench::new("dies", seed, "dies");
        bench.journal(&journal.0);
        run_until_saved(&bench, "sys-log", expected.last().unwrap());
        let sessions = bench.sessions();
        deaths += sessions.len() - 1;
        let mut next = 0;
        for session in &sessions {
            let arrived: Vec<String> = entries(&session.bytes).0.iter().map(|entry| cursor(entry)).collect();
            assert!(expected[next..].starts_with(&arrived), "seed {seed}: not the entries after the acknowledged ones");
            next += entries(&session.bytes[..session.acked]).0.len();
        }
        assert_eq!(next, expected.len(), "seed {seed}");
    }
    assert!(deaths > 200, "only {deaths} deaths");
}

#[test]
fn an_exporter_that_is_killed_at_any_moment_goes_on_after_what_it_saved() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("kills", 0..400);
    let expected = journal.cursors();
    let index =
        |cursor: Option<String>| cursor.map_or(0, |cursor| expected.iter().position(|c| *c == cursor).unwrap() + 1);
    let mut kills = 0;
    for seed in 0..80 {
        let mut bench = Bench::new("kills", seed, "kills");
        bench.journal(&journal.0);
        let mut starts = Vec::new();
        loop {
            starts.push(index(bench.saved_cursor("sys-log")));
            let mut exporter = bench.start();
            if exporter.until("the end", || index(bench.saved_cursor("sys-log")) == expected.len()) {
                assert!(exporter.stop());
                break;
            }
        }
        kills += starts.len() - 1;
        check_starts(&bench, &starts, &expected, seed);
    }
    assert!(kills > 100, "only {kills} kills");
}

/// Every start begins with the entry after the saved one, and every entry arrives.
fn check_starts(bench: &Bench, starts: &[usize], expected: &[String], seed: u64) {
    let mut arrived = vec![false; expected.len()];
    let sessions = bench.sessions();
    assert!(sessions.len() >= starts.len(), "seed {seed}");
    for session in &sessions {
        let cursors: Vec<String> = entries(&session.bytes).0.iter().map(|entry| cursor(entry)).collect();
        let Some(first) = cursors.first() else { continue };
        let at = expected.iter().position(|cursor| cursor == first).unwrap();
        assert!(starts.contains(&at), "seed {seed}: {at} of {starts:?}");
        assert!(expected[at..].starts_with(&cursors), "seed {seed}");
        arrived[at..at + cursors.len()].fill(true);
    }
    assert!(arrived.iter().all(|arrived| *arrived), "seed {seed}");
}

#[test]
fn an_unknown_cursor_neither_doubles_nor_loses() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("unknown", 0..50);
    let mut bench = Bench::new("unknown", 1, "steady");
    bench.journal(&journal.0);
    let cursors = journal.cursors();
    run_until_saved(&bench, "sys-log", cursors.last().unwrap()).stop();
    let state = bench.state("sys-log.journal").replace(";t=", ";t=f");
    fs::write(bench.path.join("state/sys-log.journal"), state).unwrap();
    append_to_journal(&journal.0, &export(50..60));
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    let (found, _) = entries(&bench.arrived());
    let (notices, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|entry| cursor(entry).is_empty());
    assert_eq!(found, journal.entries());
    assert_eq!(notices.len(), 1);
    assert!(String::from_utf8_lossy(&notices[0]).contains("no longer has the entry"));
}

#[test]
fn a_journal_of_another_machine_is_sent_whole() {
    if !has_journal_tools() {
        return;
    }
    let (first, second) = (Journal::new("machine1", 100..150), Journal::new("machine2", 0..50));
    let mut bench = Bench::new("machine", 1, "steady");
    bench.journal(&first.0);
    run_until_saved(&bench, "sys-log", first.cursors().last().unwrap()).stop();
    bench.journal(&second.0);
    run_until_saved(&bench, "sys-log", second.cursors().last().unwrap()).stop();
    let found: Vec<_> = entries(&bench.arrived()).0.into_iter().filter(|entry| !cursor(entry).is_empty()).collect();
    assert_eq!(found, [first.entries(), second.entries()].concat());
}

#[test]
fn what_is_over_the_rate_is_counted_in_the_stream() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("rate", 0..1000);
    let mut bench = Bench::new("rate", 1, "steady");
    bench.journal(&journal.0);
    bench.set("rate-limit=100");
    bench.set("rate-burst=50");
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    let (found, whole) = entries(&bench.arrived());
    assert_eq!(whole, bench.arrived().len());
    let (notices, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|entry| cursor(entry).is_empty());
    let dropped: usize = notices.iter().map(|notice| field(notice, "LOGVM_DROPPED=").parse::<usize>().unwrap()).sum();
    assert_eq!(found.len() + dropped, 1000);
    assert!((100..=200).contains(&found.len()) && notices.len() <= 4, "{} {}", found.len(), notices.len());
    let stored = bench.path.join("stored");
    append_to_journal(&stored, &bench.arrived());
    let listed = journalctl(&stored, &["--output=cat", "--output-fields=MESSAGE", "SYSLOG_IDENTIFIER=logvm-exporter"]);
    assert_eq!(String::from_utf8(listed.stdout).unwrap().matches("rate limit: dropped").count(), notices.len());
}

fn field(entry: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(entry).into_owned();
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
}

#[test]
fn several_targets_have_their_own_places() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("targets", 0..100);
    let mut bench = Bench::new("targets", 1, "dies");
    bench.option("--target", "sys-log-local");
    fs::create_dir_all(bench.path.join("sys-log-local")).unwrap();
    bench.journal(&journal.0);
    let last = journal.cursors().pop();
    let mut exporter = bench.start();
    assert!(exporter.until("both", || ["sys-log", "sys-log-local"].iter().all(|t| bench.saved_cursor(t) == last)));
}

#[test]
fn a_target_that_refuses_does_not_delay_the_other() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("refuses", 0..100);
    let mut bench = Bench::new("refuses", 1, "steady");
    bench.option("--target", "no-such-directory");
    bench.journal(&journal.0);
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    assert_eq!(entries(&bench.arrived()).0, journal.entries());
}

#[test]
fn entries_of_the_exporters_unit_are_not_exported() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("own", 0..10);
    let own = |n: u64| {
        String::from_utf8_lossy(&export(n..n + 1))
            .replace("PRIORITY=6\n", "PRIORITY=6\n_SYSTEMD_UNIT=logvm-exporter.service\n")
    };
    append_to_journal(&journal.0, own(10).as_bytes());
    append_to_journal(&journal.0, &export(11..12));
    append_to_journal(&journal.0, own(13).as_bytes());
    let mut bench = Bench::new("own", 1, "steady");
    bench.journal(&journal.0);
    run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop();
    let mut expected = journal.entries();
    expected.retain(|entry| field(entry, "_SYSTEMD_UNIT=").is_empty());
    assert_eq!(expected.len(), 11);
    assert_eq!(entries(&bench.arrived()).0, expected);
}
