//! `follow`: what is being written, until the caller goes.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use crate::call::{Call, start};
use crate::store::{Home, Unpacked, segment};

const FOLLOW: &[u8] = b"follow\n\n";

fn follow(home: &Home) -> Call {
    let mut call = start(home.path(), "qubes.logs.Fetch", "");
    call.input.write_all(FOLLOW).unwrap();
    call
}

/// Reads until the text has come.
fn until(output: &mut UnixStream, seen: &mut Vec<u8>, text: &str) {
    let mut buffer = [0; 4096];
    while !seen.windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
        let count = output.read(&mut buffer).unwrap();
        assert!(count > 0, "it ended before {text:?} came");
        seen.extend_from_slice(&buffer[..count]);
    }
}

#[test]
fn what_is_written_comes_until_input_ends() {
    let home = Home::empty();
    let path = format!("QubesLogs/work/{}", segment(1, 1, ".log"));
    let mut file = home.open(&path, b"before\n");
    let mut call = follow(&home);
    let mut seen = Vec::new();
    until(&mut call.output, &mut seen, "before\n");
    file.write_all(b"after\nto").unwrap();
    until(&mut call.output, &mut seen, "after\n");
    file.write_all(b"rn\n").unwrap();
    until(&mut call.output, &mut seen, "torn\n");

    let now = String::from_utf8(logvm_wire::stamp::compact(std::time::SystemTime::now()).to_vec()).unwrap();
    let new = format!("QubesLogs/work/{now}-{:016x}.log", 2);
    let second = home.open(&new, b"new\n");
    until(&mut call.output, &mut seen, "new\n");
    drop(second);
    file.write_all(b"last").unwrap();
    drop(file);
    until(&mut call.output, &mut seen, "last");

    call.input.shutdown(Shutdown::Write).unwrap();
    call.output.read_to_end(&mut seen).unwrap();
    assert_eq!(call.child.wait().unwrap().code(), Some(0));
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
    until(&mut call.output, &mut Vec::new(), "before\n");
    drop((call.input, call.output));
    assert_eq!(call.child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_when_only_output_is_broken() {
    let home = Home::empty();
    let _file = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"before\n");
    let mut call = follow(&home);
    until(&mut call.output, &mut Vec::new(), "before\n");
    drop(call.output);
    call.child.wait().unwrap();
    drop(call.input);
}

#[test]
fn it_ends_when_the_lease_does() {
    let home = Home::empty();
    let _file = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"before\n");
    let answer = start(home.path(), "qubes.logs.Fetch", "").answer(b"follow 1s\n");
    assert_eq!(answer.code, Some(0));
    Unpacked::of(&answer.output).checked();
}

#[test]
fn a_restricted_call_follows_only_its_origin() {
    let home = Home::empty();
    let mine = home.open(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"mine\n");
    let mut theirs = home.open(&format!("QubesLogs/vault/{}", segment(1, 2, ".log")), b"theirs\n");
    let mut call = start(home.path(), "qubes.logs.Fetch", "work");
    call.input.write_all(FOLLOW).unwrap();
    let mut seen = Vec::new();
    until(&mut call.output, &mut seen, "mine\n");
    let now = String::from_utf8(logvm_wire::stamp::compact(std::time::SystemTime::now()).to_vec()).unwrap();
    let _more = home.open(&format!("QubesLogs/vault/{now}-{:016x}.log", 3), b"theirs\n");
    theirs.write_all(b"theirs\n").unwrap();
    let _marker = home.open(&format!("QubesLogs/work/{now}-{:016x}.log", 4), b"mine too\n");
    until(&mut call.output, &mut seen, "mine too\n");
    drop((call.input, mine));
    call.output.read_to_end(&mut seen).unwrap();
    assert!(!seen.windows(6).any(|bytes| bytes == b"theirs"));
}
