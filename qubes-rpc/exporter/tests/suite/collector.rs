//! The exporter with the real collector, called through the installed service files.

use crate::harness::{Bench, has_journal_tools};
use crate::journal::{Journal, cursor, entries, run_until_saved};
use crate::log_vm::LogVm;

/// A bench whose calls go to `log_vm`.
fn bench(name: &str, seed: u64, log_vm: &LogVm) -> Bench {
    let mut bench = Bench::new(name, seed, "steady");
    bench.set(&format!("command={} {{target}} {{service}}", log_vm.command()));
    bench
}

#[test]
fn a_journal_is_stored_byte_for_byte() {
    if !has_journal_tools() {
        return;
    }
    let log_vm = LogVm::new(|_| u64::MAX);
    let journal = Journal::new("stored", 0..300);
    let mut bench = bench("stored", 1, &log_vm);
    bench.journal(&journal.0);
    assert!(run_until_saved(&bench, "sys-log", journal.cursors().last().unwrap()).stop());
    assert_eq!(log_vm.stored(".export"), [journal.entries().concat()]);
}

#[test]
fn lines_are_stored_with_their_times() {
    let log_vm = LogVm::new(|_| u64::MAX);
    let mut bench = bench("lines", 1, &log_vm);
    let log = bench.path.join("app.log");
    std::fs::write(&log, "one\ntwo\nünï \x1b[31mred\n").unwrap();
    bench.option("--file", &log.display().to_string());
    let mut exporter = bench.start();
    assert!(exporter.until("the lines", || log_vm.stored(".log").concat().ends_with(b"red\n")));
    assert!(exporter.stop());
    let stored = String::from_utf8(log_vm.stored(".log").concat()).unwrap();
    let lines: Vec<_> = stored.lines().map(|line| line.split_once('\t').unwrap().1).collect();
    assert_eq!(lines, ["one", "two", "ünï \x1b[31mred"]);
}

#[test]
fn collectors_that_are_killed_lose_nothing_that_was_acknowledged() {
    if !has_journal_tools() {
        return;
    }
    let journal = Journal::new("killed", 0..400);
    let expected = journal.cursors();
    let mut sessions = 0;
    for seed in 0..20 {
        let log_vm = LogVm::new(move |call| match (call + seed) % 5 {
            4 => u64::MAX,
            _ => (call * 7919 + seed * 104_729) % 60_000 + 1,
        });
        let mut bench = bench("killed", seed, &log_vm);
        bench.journal(&journal.0);
        assert!(run_until_saved(&bench, "sys-log", expected.last().unwrap()).stop());
        let stored = log_vm.stored(".export");
        sessions += stored.len();
        let mut next = 0;
        for session in &stored {
            let cursors: Vec<String> = entries(session).0.iter().map(|entry| cursor(entry)).collect();
            let Some(first) = cursors.first() else { continue };
            let at = expected.iter().position(|cursor| cursor == first).unwrap();
            assert!(at <= next && expected[at..].starts_with(&cursors), "seed {seed}: lost between {next} and {at}");
            next = at + cursors.len();
        }
        assert_eq!(next, expected.len(), "seed {seed}");
    }
    assert!(sessions > 40, "only {sessions} sessions");
}
