//! Archives in other qubes, through a stand-in for qrexec's client.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::archives::{archive, member};

/// Runs the program with `client` as the script that stands for `qrexec-client-vm`.
fn logvm(client: &str, arguments: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("qrexec-client-vm");
    let called = folder.path().join("called");
    let sent = folder.path().join("archive.tar");
    let line = b"2025-08-05T18:54:06Z\thello from there\n";
    fs::write(&sent, archive(&[member(b"QubesLogs/sys-firewall/1754420042.log", b'0', line)])).expect("a file");
    let head = format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} >{}\nARCHIVE={}\n", called.display(), sent.display());
    fs::write(&script, head + client).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("an executable script");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a PATH"));
    let output = Command::new(env!("CARGO_BIN_EXE_logvm")).args(arguments).env("PATH", path).output().expect("it runs");
    (output, fs::read_to_string(Path::new(&called)).unwrap_or_default())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

#[test]
fn an_archive_in_another_qube_is_read_as_it_comes() {
    let address = "qube:sys-log/sys-firewall?since=2025-08-05T18:00:00Z&kind=log";
    let (output, called) = logvm("cat \"$ARCHIVE\"\n", &["show", address]);
    assert!(text(&output.stdout).contains("sys-firewall text hello from there"), "{output:?}");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(called, "sys-log qubes.logs.Fetch+sys--firewall\nsince 2025-08-05T18:00:00.000000Z\nkind log\n");
}

#[test]
fn a_refused_call_says_so() {
    for (code, says) in [(126, "refused by policy"), (127, "no such service"), (3, "ended with status 3")] {
        let (output, _) = logvm(&format!("exit {code}\n"), &["show", "qube:sys-log"]);
        assert!(text(&output.stderr).contains(says), "{output:?}");
        assert_eq!(output.status.code(), Some(3));
    }
}

#[test]
fn what_came_before_a_failure_is_shown() {
    let (output, _) = logvm("cat \"$ARCHIVE\"; exit 125\n", &["grep", "hello", "qube:sys-log"]);
    assert!(text(&output.stdout).contains("hello from there"), "{output:?}");
    assert!(text(&output.stderr).contains("qrexec failed"), "{output:?}");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_wrong_address_is_wrong_use() {
    let (output, called) = logvm("", &["show", "qube:../etc"]);
    assert!(text(&output.stderr).contains("is no name of a qube"), "{output:?}");
    assert_eq!((output.status.code(), called.as_str()), (Some(2), ""));
}
