//! `follow`: what is being written, until the caller goes.

use std::io::Write;

use logvm_testing::Call;

use crate::call::{call, start};
use crate::store::{Home, Unpacked, segment};

const FOLLOW: &[u8] = b"follow\n\n";

fn follow(home: &Home) -> Call {
    let mut call = start(&home.qube, "qubes.logs.Fetch", "");
    assert!(call.send(FOLLOW));
    call
}

/// Reads until the text has come.
fn until(call: &mut Call, seen: &mut Vec<u8>, text: &str) {
    while !seen.ends_with(text.as_bytes()) {
        let mut byte = [0];
        assert!(call.read_exact(&mut byte), "it ended before {text:?} came");
        seen.extend(byte);
    }
}

#[test]
fn what_is_written_comes_until_input_ends() {
    let home = Home::empty();
    let path = format!("QubesLogs/work/{}", segment(1, 1, ".log"));
    let mut file = home.open(&path, b"before\n");
    let mut call = follow(&home);
    let mut seen = Vec::new();
    until(&mut call, &mut seen, "before\n");
    file.write_all(b"after\nto").unwrap();
    until(&mut call, &mut seen, "after\n");
    file.write_all(b"rn\n").unwrap();
    until(&mut call, &mut seen, "torn\n");

    let now = String::from_utf8(logvm_wire::stamp::compact(std::time::SystemTime::now()).to_vec()).unwrap();
    let new = format!("QubesLogs/work/{now}-{:016x}.log", 2);
    let second = home.open(&new, b"new\n");
    until(&mut call, &mut seen, "new\n");
    drop(second);
    file.write_all(b"last").unwrap();
    drop(file);
    until(&mut call, &mut seen, "last");

    let end = call.finish();
    seen.extend(end.stdout);
    assert_eq!(end.code, Some(0), "{:?}", end.stderr);
    let unpacked = Unpacked::of(&seen);
    assert!(unpacked.checked().len() >= 6);
    let whole: Vec<u8> = [0, 7, 13, 18]
        .iter()
        .flat_map(|at| match at {
            0 => unpacked.read(&path),
            at => unpacked.read(&format!("{path}.from-{at:020}")),
        })
        .collect();
    assert_eq!(whole, b"before\nafter\ntorn\nlast");
    assert_eq!(unpacked.read(&format!("{new}.from-{:020}", 0)), b"new\n");
}

#[test]
fn it_ends_when_the_caller_dies() {
    let home = Home::empty();
    let _file = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"before\n");
    let mut call = follow(&home);
    until(&mut call, &mut Vec::new(), "before\n");
    call.die();
    assert_eq!(call.wait().code, Some(0));
}

#[test]
fn it_ends_when_only_output_is_broken() {
    let home = Home::empty();
    let _file = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"before\n");
    let mut call = follow(&home);
    until(&mut call, &mut Vec::new(), "before\n");
    call.close_stdout();
    assert_eq!(call.wait().code, Some(0));
}

#[test]
fn it_ends_when_the_lease_does() {
    let home = Home::empty();
    let _file = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"before\n");
    let answer = call(&home.qube, "qubes.logs.Fetch", "", "follow 1s\n");
    assert_eq!(answer.code, Some(0));
    Unpacked::of(&answer.output).checked();
}

#[test]
fn a_restricted_call_follows_only_its_origin() {
    let home = Home::empty();
    let mine = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"mine\n");
    let mut theirs = home.open(&format!("QubesLogs/vault/{}", segment(1, 2, ".log")), b"theirs\n");
    let mut call = start(&home.qube, "qubes.logs.Fetch", "work");
    assert!(call.send(FOLLOW));
    let mut seen = Vec::new();
    until(&mut call, &mut seen, "mine\n");
    let now = String::from_utf8(logvm_wire::stamp::compact(std::time::SystemTime::now()).to_vec()).unwrap();
    let _more = home.open(&format!("QubesLogs/vault/{now}-{:016x}.log", 3), b"theirs\n");
    theirs.write_all(b"theirs\n").unwrap();
    let _marker = home.open(&format!("QubesLogs/work/{now}-{:016x}.log", 4), b"mine too\n");
    until(&mut call, &mut seen, "mine too\n");
    drop(mine);
    seen.extend(call.finish().stdout);
    assert!(!seen.windows(6).any(|bytes| bytes == b"theirs"));
}
