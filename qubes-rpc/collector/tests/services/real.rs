//! What real programs send, and what they say about what was stored.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use logvm_wire::Kind;

use crate::common::{EXPORT, SYSLOG, log, log_vm, log_vm_with, segments, send};

const JOURNAL_REMOTE: [&str; 2] = ["/usr/lib/systemd/systemd-journal-remote", "/lib/systemd/systemd-journal-remote"];

/// Turns an export into a journal; `None` where the program is not installed.
fn to_journal(export: &Path, journal: &Path) -> Option<Output> {
    let program = JOURNAL_REMOTE.into_iter().find(|program| Path::new(program).exists());
    let Some(program) = program.filter(|_| Command::new("journalctl").arg("--version").output().is_ok()) else {
        eprintln!("skipped: systemd-journal-remote and journalctl are not installed");
        return None;
    };
    Command::new(program).arg(format!("--output={}", journal.display())).arg(export).output().ok()
}

fn journalctl(journal: &Path, output: &str) -> Vec<u8> {
    let file = format!("--file={}", journal.display());
    Command::new("journalctl").args([&file, "--output", output, "--no-pager"]).output().expect("journalctl").stdout
}

/// Entries as journald's documentation shows them: text, and binary fields with newlines and empty lines in them.
fn entries(count: u64) -> Vec<u8> {
    let mut export = Vec::new();
    for n in 0..count {
        let time = 1_795_233_276_000_000 + n;
        export.extend(format!("__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={n}\n").into_bytes());
        export.extend(b"_BOOT_ID=8a0be2c4d0b34c22a4c0c14bd2c3f5b1\nPRIORITY=6\n");
        let message = format!("entry {n}\n\nwith an empty line \u{1f980}\x1b[31m");
        export.extend(b"MESSAGE\n");
        export.extend((message.len() as u64).to_le_bytes());
        export.extend(message.as_bytes());
        export.extend(b"\n\n");
    }
    export
}

#[test]
fn a_stored_export_is_a_journal_for_journald() {
    let qube = log_vm();
    let (export, journal) = (qube.path("in.export"), qube.path("in.journal"));
    fs::write(&export, entries(500)).unwrap();
    let Some(made) = to_journal(&export, &journal) else { return };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let real = journalctl(&journal, "export");
    assert_eq!(send(&qube, "work", EXPORT, &real).code, Some(0));
    let (name, stored) = segments(&qube, "work").into_iter().find(|(name, _)| name.kind == Kind::Export).unwrap();
    assert_eq!(stored, real);

    let again = qube.path("again.journal");
    let stored = qube.home().join("QubesLogs/work").join(name.to_string());
    let made = to_journal(&stored, &again).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(journalctl(&again, "cat"), journalctl(&journal, "cat"));
}

#[test]
fn each_part_of_an_export_is_one_as_well() {
    let qube = log_vm_with("--segment-bytes 20K");
    let export: Vec<u8> = (0..2000_u64)
        .flat_map(|n| {
            let time = 1_795_233_276_000_000 + n;
            let head = format!("__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={n}\n");
            format!("{head}_BOOT_ID=8a0be2c4d0b34c22a4c0c14bd2c3f5b1\nMESSAGE=entry {n}\n\n").into_bytes()
        })
        .collect();
    send(&qube, "work", EXPORT, &export);
    let mut said = Vec::new();
    let parts = segments(&qube, "work").into_iter().filter(|(name, _)| name.kind == Kind::Export);
    for (name, _) in parts {
        let (stored, journal) =
            (qube.home().join("QubesLogs/work").join(name.to_string()), qube.path(&format!("{}.journal", name.part)));
        let Some(made) = to_journal(&stored, &journal) else { return };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        said.extend(journalctl(&journal, "cat"));
    }
    let expected: Vec<u8> = (0..2000).flat_map(|n| format!("entry {n}\n").into_bytes()).collect();
    assert_eq!(said, expected);
}

#[test]
fn what_rsyslog_sends_through_a_program_is_stored_unchanged() {
    let qube = log_vm();
    // Template of the rsyslog set-up for qubes.Syslog: priority, time, tag, message.
    let sent = "<30>2026-11-21T03:54:36.123456+00:00 work systemd[1]: Started Grüße 🦀.\n<13>no time, no tag\n";
    send(&qube, "work", SYSLOG, sent.as_bytes());
    let stored = log(&qube, "work").lines.join(&b'\n');
    assert_eq!(String::from_utf8(stored).unwrap() + "\n", sent);
}
