//! Many at once, and more than anybody should send.

use std::fs;
use std::thread;

use logvm_testing::Call;
use logvm_wire::{ack, limits};

use crate::common::{LINES, call, log, log_vm};

/// The most memory that a collector ever had, in bytes: all of it, with what it shares.
fn peak_memory(session: &Call) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", session.pid())).expect("a running collector");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    peak.trim().strip_suffix(" kB").expect("kilobytes").parse::<u64>().expect("a number") * 1024
}

fn assert_small(session: &Call) {
    assert!(peak_memory(session) < 10_000_000, "{} bytes", peak_memory(session));
}

/// Reads acknowledgements until everything is acknowledged.
fn wait_for(session: &mut Call, bytes: u64) {
    loop {
        let line = session.read_line();
        let acked = ack::parse(&line).unwrap_or_else(|| panic!("no acknowledgement: {line:?}"));
        assert!(acked <= bytes);
        if acked == bytes {
            return;
        }
    }
}

#[test]
fn a_hundred_qubes_boot_at_once() {
    let qube = log_vm();
    let burst = |origin: usize| -> Vec<u8> {
        (0..10_000).flat_map(|n| format!("q{origin} systemd[1]: Started unit {n}.\n").into_bytes()).collect()
    };
    thread::scope(|scope| {
        for origin in 0..100 {
            let qube = &qube;
            scope.spawn(move || {
                let input = burst(origin);
                let mut session = call(qube, &format!("q{origin}"), &format!("{LINES}+ack"));
                assert!(session.send(&input));
                wait_for(&mut session, input.len() as u64);
                assert_small(&session);
                assert_eq!(session.finish().code, Some(0));
            });
        }
    });
    for origin in 0..100 {
        let log = log(&qube, &format!("q{origin}"));
        let stored: Vec<u8> = log.lines.iter().flat_map(|line| [line, b"\n".as_slice()].concat()).collect();
        assert!(stored == burst(origin), "q{origin} lost something");
        assert!(log.markers.is_empty() && log.times.is_sorted());
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let qube = log_vm();
    for (origin, byte) in [("work", b'x'), ("zero", 0)] {
        let mut session = call(&qube, origin, &format!("{LINES}+ack"));
        let (piece, pieces) = (vec![byte; 1 << 20], 64);
        for _ in 0..pieces {
            assert!(session.send(&piece));
        }
        session.send(b"\n");
        wait_for(&mut session, pieces * (1 << 20) + 1);
        assert_small(&session);
        session.finish();
        let log = log(&qube, origin);
        assert_eq!(log.lines, [vec![byte; limits::LINE_MAX]]);
        assert_eq!(
            log.markers,
            [format!("cut {} bytes of the line above", pieces * (1 << 20) - limits::LINE_MAX as u64)]
        );
    }
}

#[test]
fn a_million_empty_lines_take_no_memory() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    assert!(session.send(&vec![b'\n'; 1_000_000]));
    wait_for(&mut session, 1_000_000);
    assert_small(&session);
    session.finish();
    let log = log(&qube, "work");
    assert!(log.lines.len() == 1_000_000 && log.lines.iter().all(Vec::is_empty));
}
