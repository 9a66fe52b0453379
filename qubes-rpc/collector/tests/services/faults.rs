//! Whatever happens, what was acknowledged is there once, in whole lines.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use logvm_testing::Qube;
use logvm_wire::{Kind, exit};

use crate::common::{
    EXPORT, LINES, Seeded, bytes, call, dir, last_ack, log, log_vm, log_vm_with, parse, segments, send,
};

/// Numbered lines of many lengths.
fn numbered(count: usize) -> Vec<u8> {
    (0..count).flat_map(|n| format!("{n} {}\n", "y".repeat(n * 7 % 200)).into_bytes()).collect()
}

/// The bytes that stored lines were made of.
fn unstamped(stored: &[u8]) -> Vec<u8> {
    parse(stored).lines.iter().flat_map(|line| [line, b"\n".as_slice()].concat()).collect()
}

/// `bytes` up to the end of the last whole line.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    &bytes[..end]
}

#[test]
fn a_killed_collector_keeps_what_it_acknowledged() {
    let qube = log_vm_with("--sync 0 --segment-bytes 20K");
    let (input, mut random) = (numbered(2000), Seeded(0x5eed));
    let mut acknowledged = 0;
    for round in 0..300 {
        let origin = format!("q{round}");
        let service = if round % 3 == 2 { EXPORT } else { LINES };
        let mut session = call(&qube, &origin, &format!("{service}+ack"));
        let (total, mut sent) = (random.below(input.len() as u64) as usize, 0);
        while sent < total {
            let end = (sent + 1 + random.below(9000) as usize).min(total);
            session.send(&input[sent..end]);
            sent = end;
        }
        let mut acks = if random.below(2) == 0 { session.read_line() } else { Vec::new() };
        session.kill();
        acks.extend(session.wait().stdout);
        let acked = usize::try_from(last_ack(whole_lines(&acks))).unwrap();
        acknowledged += usize::from(acked > 0);
        let stored = match service {
            LINES => unstamped(whole_lines(&bytes(&qube, &origin, Kind::Log))),
            _ => bytes(&qube, &origin, Kind::Export),
        };
        assert!(stored.len() >= acked, "round {round}: {acked} bytes acknowledged, {} stored", stored.len());
        assert!(input[..sent].starts_with(&stored), "round {round}: not what was sent");
        check_stamps(&qube, &origin);
    }
    assert!(acknowledged > 50, "only {acknowledged} rounds had an acknowledgement before the end");
}

/// Every byte of an export has its time.
fn check_stamps(qube: &Qube, origin: &str) {
    let stored = segments(qube, origin);
    for (name, bytes) in stored.iter().filter(|(name, _)| name.kind == Kind::Export) {
        let stamps = &stored.iter().find(|(other, _)| *other == name.with_kind(Kind::Stamps)).expect("the times").1;
        assert!(bytes.is_empty() || stamps.starts_with(b"0\t"));
    }
}

#[test]
fn a_file_that_cannot_grow_ends_the_session_in_whole_lines() {
    let qube = log_vm_with("--sync 0");
    qube.profile("trap '' XFSZ; ulimit -f 400");
    let input = numbered(2000);
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(&input);
    let end = session.wait();
    assert_eq!((end.code, end.stderr_text()), (Some(exit::IO.into()), ""));
    let stored = unstamped(&bytes(&qube, "work", Kind::Log));
    let acked = usize::try_from(last_ack(&end.stdout)).unwrap();
    assert!(acked > 0);
    assert_eq!(stored, &input[..acked], "exactly what was acknowledged");
}

#[test]
fn a_full_disk_ends_the_session_in_whole_lines() {
    let qube = log_vm_with("--sync 0");
    let Some(disk) = Disk::mount(&qube) else { return };
    disk.fill();
    let input = numbered(20_000);
    for service in [LINES, EXPORT] {
        let mut session = call(&qube, "work", &format!("{service}+ack"));
        session.send(&input);
        let end = session.wait();
        let acked = usize::try_from(last_ack(&end.stdout)).unwrap();
        assert!([exit::IO, exit::QUOTA].map(|code| Some(code.into())).contains(&end.code), "{:?}", end.code);
        assert_eq!(end.stderr_text(), "");
        let stored = match service {
            LINES => unstamped(&bytes(&qube, "work", Kind::Log)),
            _ => bytes(&qube, "work", Kind::Export),
        };
        assert_eq!(stored, &input[..acked], "{service}: exactly what was acknowledged");
    }
}

#[test]
fn on_a_nearly_full_disk_each_origin_has_its_share() {
    let qube = log_vm();
    let Some(_disk) = Disk::mount(&qube) else { return };
    send(&qube, "small", LINES, b"before\n");
    send(&qube, "greedy", LINES, &numbered(200_000));
    let end = send(&qube, "small", &format!("{LINES}+ack"), &numbered(100));
    assert_eq!((end.code, last_ack(&end.stdout)), (Some(0), numbered(100).len() as u64));
    assert!(log(&qube, "greedy").markers.last().is_some_and(|marker| marker.starts_with("dropped")));
}

#[test]
fn a_read_only_disk_is_an_error() {
    let qube = log_vm();
    let Some(disk) = Disk::mount(&qube) else { return };
    send(&qube, "work", LINES, b"before\n");
    disk.make_read_only();
    for origin in ["work", "other"] {
        let end = send(&qube, origin, &format!("{LINES}+ack"), b"after\n");
        assert_eq!((end.code, end.stdout_text(), end.stderr_text()), (Some(exit::IO.into()), "", ""));
    }
    assert_eq!(log(&qube, "work").lines, [b"before"]);
}

#[test]
fn a_clock_that_steps_back_is_noted() {
    let qube = log_vm();
    let stepped = qube.path("stepped");
    stepping_clock(&qube, &stepped);
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\n");
    assert_eq!(session.read_line(), b"ack 4\n");
    fs::write(&stepped, "").unwrap();
    session.send(b"two\n");
    assert_eq!(session.finish().code, Some(0));
    let log = log(&qube, "work");
    assert_eq!(log.lines, [b"one", b"two"]);
    assert!(log.times[0] > log.times[1]);
    assert!(log.markers.len() == 1 && log.markers[0].starts_with("the clock went back by 35"), "{:?}", log.markers);
}

/// A library that sets the clock back by an hour as soon as the file `stepped` exists.
fn stepping_clock(qube: &Qube, stepped: &Path) {
    let code = r#"
        #define _GNU_SOURCE
        #include <time.h>
        #include <unistd.h>
        #include <sys/syscall.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            if (clock == CLOCK_REALTIME && access(WHEN, F_OK) == 0) time->tv_sec -= 3600;
            return result;
        }"#;
    preload(qube, code, stepped);
}

/// A library for which the disk fails as soon as the file `broken` exists.
fn failing_disk(qube: &Qube, broken: &Path) {
    let code = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <unistd.h>
        #include <sys/syscall.h>
        int fdatasync(int file) {
            if (access(WHEN, F_OK) == 0) { errno = EIO; return -1; }
            return syscall(SYS_fdatasync, file);
        }"#;
    preload(qube, code, broken);
}

/// Makes every service start with a library of this code, in which `WHEN` is the name of a file.
fn preload(qube: &Qube, code: &str, when: &Path) {
    let (source, library) = (qube.path("preload.c"), qube.path("preload.so"));
    fs::write(&source, code).unwrap();
    let define = format!("-DWHEN=\"{}\"", when.display());
    let made = Command::new("cc").args(["-shared", "-fPIC", &define, "-o"]).args([&library, &source]).status();
    assert!(made.is_ok_and(|status| status.success()), "a C compiler, as for cargo itself");
    qube.profile(&format!("export LD_PRELOAD='{}'", library.display()));
}

#[test]
fn what_cannot_be_synced_is_not_acknowledged() {
    let qube = log_vm();
    let broken = qube.path("broken");
    failing_disk(&qube, &broken);
    for service in [LINES, EXPORT] {
        let _ = fs::remove_file(&broken);
        let mut session = call(&qube, "work", &format!("{service}+ack"));
        session.send(b"one\n");
        assert_eq!(session.read_line(), b"ack 4\n");
        fs::write(&broken, "").unwrap();
        session.send(b"two\n");
        let end = session.finish();
        assert_eq!((end.code, end.stdout_text(), end.stderr_text()), (Some(exit::IO.into()), "", ""), "{service}");
    }
}

/// A small disk of its own below the store. It takes root to make one; without, the test says that it did nothing.
struct Disk(PathBuf);

impl Disk {
    fn mount(qube: &Qube) -> Option<Self> {
        let root = qube.home().join("QubesLogs");
        fs::create_dir(&root).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"]).arg(&root).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(root));
        }
        eprintln!("skipped: no small disk can be mounted here");
        None
    }

    /// Leaves less room than an origin may use.
    fn fill(&self) {
        let mut file = fs::File::create(self.0.join(".filler")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let len = file.metadata().unwrap().len();
        file.set_len(len - 64 * 1024).unwrap();
    }

    fn make_read_only(&self) {
        let done = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status();
        assert!(done.is_ok_and(|status| status.success()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_session_whose_directory_vanishes_ends() {
    let qube = log_vm_with("--segment-bytes 1");
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\n");
    assert_eq!(session.read_line(), b"ack 4\n");
    fs::remove_dir_all(dir(&qube, "work")).unwrap();
    session.send(b"two\n");
    assert_eq!(session.wait().code, Some(exit::IO.into()));
}
