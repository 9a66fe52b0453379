//! Kills readers and managers at many moments: what is stored stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::call::{PROGRAM, start};
use crate::store::{Home, segment};

/// Every file below a directory, links not followed.
fn contents(of: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![of.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                let text = if kind.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
                all.insert(format!("{:?}", entry.path()), text);
            }
        }
    }
    all
}

#[test]
fn a_killed_fetch_leaves_the_store_as_it_was() {
    let home = Home::full();
    for number in 10..40 {
        home.put(&format!("QubesLogs/work/{}", segment(8, number, ".log")), &b"line\n".repeat(20_000));
    }
    let before = contents(home.path());
    for round in 0..200_u64 {
        let mut call = start(&home.qube, "qubes.logs.Fetch", "");
        call.close_stdin();
        // So many bytes are read before it is killed; it blocks in its write then, or goes on.
        let bytes = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 3_200_000;
        call.read_exact(&mut vec![0; usize::try_from(bytes).unwrap()]);
        call.kill();
        call.wait();
    }
    assert!(contents(home.path()) == before);
    assert_eq!(home.list("work").len(), 34);
}

#[test]
fn a_killed_removal_takes_nothing_else() {
    for round in 0..100_u64 {
        let home = Home::full();
        for number in 10..60 {
            home.put(&format!("QubesLogs/sys-net/{}", segment(8, number, ".export")), b"x");
            home.put(&format!("QubesLogs/sys-net/{}", segment(8, number, ".export.stamps")), b"x");
        }
        let work = contents(&home.path().join("QubesLogs/work"));
        let mut command = Command::new(PROGRAM);
        let mut child =
            command.args(["rm", "--yes", "sys-net"]).env("HOME", home.path()).stderr(Stdio::null()).spawn().unwrap();
        let folder = home.path().join("QubesLogs/sys-net");
        let some = 101 - (round % 100) as usize;
        while fs::read_dir(&folder).unwrap().count() > some && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(contents(&home.path().join("QubesLogs/work")) == work);
        // What was not removed is whole, and a second run removes it.
        for line in home.list("sys--net") {
            assert!(line["kind"] != "export" || line["size"] == 2, "{line}");
        }
        Command::new(PROGRAM).args(["rm", "--yes", "sys-net"]).env("HOME", home.path()).output().unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
}
