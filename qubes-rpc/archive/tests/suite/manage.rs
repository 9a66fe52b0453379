//! `hold`, `unhold`, `rm`, `usage`, `copy`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::call::run;
use crate::store::{Home, Unpacked, lines, segment, text};

fn state(home: &Home, id: &str) -> String {
    let line = home.list("").into_iter().find(|line| text(line, "id") == id);
    line.map(|line| text(&line, "state").to_owned()).unwrap_or_default()
}

#[test]
fn held_and_open_archives_are_not_removed() {
    let home = Home::full();
    let _open = home.open(&format!("QubesLogs/work/{}", segment(6, 7, ".log")), b"torn");
    let answer = run(home.path(), &["rm", "--yes", "work"]);
    assert_eq!(answer.code, Some(66));
    assert!(answer.errors.contains("removed 3, left 1 open and 1 held"), "{}", answer.errors);
    let left: Vec<_> = home.list("work").iter().map(|line| text(line, "state").to_owned()).collect();
    assert_eq!(left, ["held", "open"]);
    assert_eq!(home.list("sys--net").len(), 1);
}

#[test]
fn nothing_is_removed_without_a_yes_or_a_selection() {
    let home = Home::full();
    let count = home.list("").len();
    assert_eq!(run(home.path(), &["rm", "work"]).code, Some(0));
    assert_eq!(run(home.path(), &["rm", "--yes"]).code, Some(64));
    assert_eq!(home.list("").len(), count);
}

#[test]
fn a_hold_protects_until_it_is_ended() {
    let home = Home::full();
    for line in home.list("") {
        let (id, before) = (text(&line, "id"), text(&line, "state"));
        assert_eq!(run(home.path(), &["hold", id]).code, Some(0));
        assert_eq!(state(&home, id), "held");
        run(home.path(), &["rm", "--yes", id]);
        assert_eq!(state(&home, id), "held");
        if before != "held" {
            assert_eq!(run(home.path(), &["unhold", id]).code, Some(0));
            assert_eq!(state(&home, id), before);
        }
    }
    assert_eq!(run(home.path(), &["hold", &"0".repeat(32)]).code, Some(66));
}

#[test]
fn an_origin_is_held_as_a_whole() {
    let home = Home::full();
    for origin in ["work", "sys-vpn"] {
        assert_eq!(run(home.path(), &["hold", origin]).code, Some(0));
        run(home.path(), &["rm", "--yes", origin]);
    }
    assert!(home.list("work+sys--vpn").iter().all(|line| text(line, "state") == "held"));
    assert_eq!(home.list("work+sys--vpn").len(), 6);
    run(home.path(), &["unhold", "sys-vpn"]);
    assert_eq!(run(home.path(), &["rm", "--yes", "sys-vpn"]).code, Some(0));
    assert!(home.list("sys--vpn").is_empty());
}

#[test]
fn usage_counts_bytes_files_and_quotas() {
    let home = Home::full();
    home.put(".config/logvm/quotas", b"work 1M\n");
    let usage = lines(&run(home.path(), &["usage", "--json"]).output);
    let sums: Vec<_> =
        usage.iter().map(|line| (text(line, "origin"), line["bytes"].as_u64(), line["files"].as_u64())).collect();
    let expected = [("sys-net", Some(6), Some(1)), ("work", Some(51), Some(5)), ("sys-vpn", Some(11), Some(2))];
    assert_eq!(sums, expected);
    let quotas: Vec<_> = usage.iter().map(|line| line["quota"].as_u64()).collect();
    assert_eq!(quotas, [Some(1 << 30), Some(1 << 20), None]);
    let table = String::from_utf8(run(home.path(), &["usage", "work"]).output).unwrap();
    assert!(table.contains("51 B") && table.contains("5 files") && table.contains("% of 1.0 MiB"), "{table}");
}

#[test]
fn a_copy_goes_through_qrexec() {
    let home = Home::full();
    let client =
        home.put("bin/qrexec-client-vm", b"#!/bin/sh\necho \"$@\" >\"$HOME/called\"\ncat >\"$HOME/copy.tar\"\n");
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", client.parent().unwrap().display());
    let mut command = std::process::Command::new(crate::call::PROGRAM);
    let command = command.args(["copy", "--to", "vault", "--service", "qubes.logs.Keep", "sys-net"]);
    assert!(matches!(command.env("HOME", home.path()).env("PATH", path).status().unwrap().code(), Some(0 | 66)));
    assert_eq!(fs::read_to_string(home.path().join("called")).unwrap(), "vault qubes.logs.Keep\n");
    assert_eq!(Unpacked::of(&fs::read(home.path().join("copy.tar")).unwrap()).manifest().len(), 1);
}

#[test]
fn the_table_is_plain() {
    let home = Home::full();
    let table = run(home.path(), &["list"]).output;
    assert!(table.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')));
    assert_eq!(table.iter().filter(|byte| **byte == b'\n').count(), 7);
}
