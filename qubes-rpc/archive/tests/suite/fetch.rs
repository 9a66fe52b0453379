//! `qubes.logs.Fetch`.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use crate::call::{call, run};
use crate::store::{Home, Unpacked, members, segment, text};

fn fetch(home: &Home, argument: &str, input: &str) -> Vec<u8> {
    let answer = call(&home.qube, "qubes.logs.Fetch", argument, input);
    assert!(matches!(answer.code, Some(0 | 66)), "{answer:?}");
    answer.output
}

#[test]
fn files_come_as_they_are_stored() {
    let home = Home::full();
    let tar = fetch(&home, "", "");
    let names = members(&tar);
    assert_eq!(names.first().map(String::as_str), Some("manifest.jsonl"));
    assert_eq!(names.last().map(String::as_str), Some("SHA256SUMS"));
    let unpacked = Unpacked::of(&tar);
    let manifest = unpacked.manifest();
    assert_eq!(manifest.len(), 8);
    for line in &manifest {
        let path = text(line, "path");
        let stored = std::fs::read(home.path().join(path)).unwrap();
        assert_eq!(unpacked.read(path), stored);
        assert_eq!(line["size"].as_u64(), Some(stored.len() as u64));
    }
    let checked = unpacked.checked();
    assert_eq!(checked.len(), names.len() - 1);
    assert!(!tar.windows(6).any(|bytes| bytes == b"SECRET"));
    assert!(String::from_utf8(unpacked.read("changes.jsonl")).unwrap().contains("links"));
}

#[test]
fn a_selection_is_obeyed() {
    let home = Home::full();
    let list = home.list("");
    let id = text(&list[2], "id");
    let both = Unpacked::of(&fetch(&home, "", &format!("{id}\n"))).manifest();
    assert_eq!(both.iter().map(|line| text(line, "kind")).collect::<Vec<_>>(), ["export", "export"]);
    for (input, count) in [
        ("kind capture\n", 1),
        ("kind log\norigin work\n", 3),
        ("origin work\nuntil 2026-11-21T02:30Z\n", 3),
        ("origin work\nsince 2099-01-01\n", 0),
        ("origin work\n\nkind nonsense behind the end\n", 5),
        ("until 2026-11-20T12:00Z\n", 2),
    ] {
        assert_eq!(Unpacked::of(&fetch(&home, "", input)).manifest().len(), count, "{input}");
    }
}

#[test]
fn a_restricted_call_never_sees_another_origin() {
    let home = Home::full();
    let all = home.list("");
    let ids: String = all.iter().map(|line| format!("{}\n", text(line, "id"))).collect();
    for input in [ids.as_str(), "", "origin work\norigin sys-net\n", "follow 0s\n"] {
        let tar = fetch(&home, "sys--net", input);
        let unpacked = Unpacked::of(&tar);
        assert!(unpacked.manifest().iter().all(|line| text(line, "origin") == "sys-net"));
        assert!(unpacked.manifest().len() == 1 && !unpacked.has("QubesLogs/work") && !unpacked.has("NetLogs"));
    }
}

#[test]
fn what_is_not_there_is_said() {
    let home = Home::full();
    let id = "0".repeat(32);
    let answer = call(&home.qube, "qubes.logs.Fetch", "", &format!("{id}\n"));
    assert_eq!(answer.code, Some(66));
    let changes = String::from_utf8(Unpacked::of(&answer.output).read("changes.jsonl")).unwrap();
    assert!(changes.contains(&id) && changes.contains("not there"));
}

#[test]
fn a_selection_that_is_not_understood_is_refused() {
    let home = Home::full();
    let endless = "0".repeat(3 << 20);
    for input in ["../../etc/passwd\n", "/etc/passwd\n", "work\n", "origin ../outside\n", "since soon\n", &endless] {
        let answer = call(&home.qube, "qubes.logs.Fetch", "", input);
        assert_eq!((answer.code, answer.output.len()), (Some(64), 0));
        assert!(!answer.errors.contains("passwd"));
    }
}

#[test]
fn a_growing_file_comes_in_whole_lines() {
    let home = Home::empty();
    let path = format!("QubesLogs/work/{}", segment(1, 1, ".log"));
    let _open = home.open(&path, b"whole\nalso whole\nto");
    let unpacked = Unpacked::of(&fetch(&home, "", ""));
    assert_eq!(unpacked.read(&path), b"whole\nalso whole\n");
    let manifest = unpacked.manifest();
    assert_eq!((manifest[0]["growing"].as_bool(), manifest[0]["size"].as_u64()), (Some(true), Some(17)));
    unpacked.checked();
}

#[test]
fn names_and_sizes_that_plain_headers_cannot_hold() {
    let home = Home::empty();
    let long = format!("NetLogs/sys-vpn/{}/é.pcap", "x".repeat(200));
    let odd = "NetLogs/sys-vpn/back\\slash and \"quotes\".pcap".to_owned();
    let origin = format!("QubesLogs/{}/{}", "q".repeat(31), segment(1, 1, ".export.stamps.zst"));
    for path in [&long, &odd, &origin] {
        home.put(path, b"x");
    }
    let sparse = File::create(home.path().join("NetLogs/sys-vpn/huge.pcap")).unwrap();
    sparse.set_len((8 << 30) + 5).unwrap();
    let tar = fetch(&home, "", "kind stamps\nkind capture\nuntil 2000-01-01\n");
    assert_eq!(members(&tar).len(), 2);
    std::fs::remove_file(home.path().join("NetLogs/sys-vpn/huge.pcap")).unwrap();
    let unpacked = Unpacked::of(&fetch(&home, "", ""));
    assert_eq!(unpacked.checked().len(), 4);
    assert!([&long, &odd, &origin].into_iter().all(|path| unpacked.read(path) == b"x"));
}

#[test]
fn the_viewer_reads_it() {
    let Some(viewer) = viewer() else { return };
    let home = Home::full();
    let work = format!("QubesLogs/work/{}", segment(7, 8, ".log"));
    home.put(&work, b"2026-11-21T07:00:00.000001Z\thello\n2026-11-21T07:00:01.000001Z\tworld\n");
    let tar = home.put("x.tar", &fetch(&home, "", "kind log\nsince 2026-01-01\n"));
    let said = Command::new(viewer).arg("summary").arg(&tar).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("work") && said.contains(&segment(7, 8, ".log")), "{said}");
}

/// The viewer, if it was built beside the program under test.
fn viewer() -> Option<std::path::PathBuf> {
    let viewer = Path::new(crate::call::PROGRAM).with_file_name("logvm");
    viewer.exists().then_some(viewer)
}

#[test]
fn a_file_is_written_only_where_there_is_none() {
    let home = Home::full();
    let to = home.path().join("out.tar");
    let arguments = ["fetch", "work", "-o", to.to_str().unwrap()];
    assert!(matches!(run(home.path(), &arguments).code, Some(66)));
    assert_eq!(Unpacked::of(&std::fs::read(&to).unwrap()).manifest().len(), 5);
    assert_eq!(run(home.path(), &arguments).code, Some(74));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_store_comes_whole(
        files in prop::collection::btree_map("[a-z]{1,3}/[a-z0-9 é.'-]{1,120}", prop::collection::vec(any::<u8>(), 0..2000), 0..20)
    ) {
        let home = Home::empty();
        let mut expected = Vec::new();
        for (name, text) in &files {
            let name = format!("NetLogs/{name}");
            let own = name.rsplit('/').next().unwrap();
            if own.starts_with('.') || own.ends_with(".hold") || own.ends_with(".part") {
                continue;
            }
            home.put(&name, text);
            expected.push((name, text));
        }
        let unpacked = Unpacked::of(&fetch(&home, "", ""));
        prop_assert_eq!(unpacked.manifest().len(), expected.len());
        prop_assert_eq!(unpacked.checked().len(), expected.len() + 1);
        for (name, text) in expected {
            prop_assert_eq!(&unpacked.read(&name), text);
        }
    }
}
