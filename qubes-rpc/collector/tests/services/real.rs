//! What real programs send, and what they say about what was stored.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use logvm_wire::Kind;

use crate::common::{EXPORT, SYSLOG, call, log, log_vm, log_vm_with, segments, send};

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

/// The sender's set-up as it is known for `qubes.Syslog`, but that the program at its end is one of this test, and that
/// rsyslog's limits allow long messages.
const RSYSLOG: &str = r#"
global(workDirectory="DIR" maxMessageSize="16k" parser.escapeControlCharactersOnReceive="off")
module(load="imuxsock" SysSock.Use="off")
module(load="omprog")
input(type="imuxsock" Socket="DIR/log" CreatePath="off")
template(name="qubes" type="string"
    string="<%PRI%>%TIMESTAMP:::date-rfc3339% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\n")
action(type="omprog" template="qubes" binary="DIR/forward")
"#;

/// rsyslog, whose program writes into the pipe `sent`.
fn rsyslog(dir: &Path) -> Option<Child> {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text.replace("DIR", &dir.display().to_string()));
    write("rsyslog.conf", RSYSLOG).expect("its settings");
    write("forward", "#!/bin/sh\nexec cat >'DIR/sent'\n").expect("its program");
    fs::set_permissions(dir.join("forward"), fs::Permissions::from_mode(0o755)).expect("its execute bit");
    let pipe = Command::new("mkfifo").arg(dir.join("sent")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    let mut command = Command::new("rsyslogd");
    command.arg("-n").arg("-iNONE").arg("-f").arg(dir.join("rsyslog.conf"));
    let started = command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stderr(Stdio::null()).spawn();
    started.inspect_err(|_| eprintln!("skipped: rsyslog is not installed")).ok()
}

/// Says `message` as any program would, as soon as rsyslog listens.
fn logger(daemon: &mut Child, dir: &Path, message: &str) {
    while UnixDatagram::unbound().and_then(|socket| socket.connect(dir.join("log"))).is_err() {
        assert!(matches!(daemon.try_wait(), Ok(None)), "rsyslog has ended");
        std::thread::yield_now();
    }
    let mut said = Command::new("logger");
    said.args(["--socket-errors=on", "--size", "8k", "-t", "tag", "-u"]).arg(dir.join("log")).arg("--").arg(message);
    assert!(said.status().is_ok_and(|status| status.success()));
}

#[test]
fn what_rsyslog_sends_is_stored_whole() {
    let (qube, dir) = (log_vm(), tempfile::TempDir::new().unwrap());
    let Some(mut daemon) = rsyslog(dir.path()) else { return };
    let messages = ["Gr\u{fc}\u{df}e \u{1f980}", &"long ".repeat(800), "\x1b[31mred"];
    for message in messages {
        logger(&mut daemon, dir.path(), message);
    }
    let mut session = call(&qube, "work", SYSLOG);
    let mut sent = BufReader::new(fs::File::open(dir.path().join("sent")).unwrap());
    for _ in messages {
        let mut line = Vec::new();
        sent.read_until(b'\n', &mut line).unwrap();
        session.send(&line);
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(session.finish().code, Some(0));
    let stored: Vec<String> =
        log(&qube, "work").lines.into_iter().map(|line| String::from_utf8(line).unwrap()).collect();
    for (line, message) in stored.iter().zip(messages) {
        assert!(
            line.starts_with("<13>2") && line.contains(" tag: ") && line.trim_end().ends_with(message.trim_end()),
            "{line}"
        );
    }
    assert_eq!(stored.len(), messages.len());
}
