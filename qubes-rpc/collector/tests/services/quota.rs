//! Quotas: what an origin may fill, and what happens beyond.

use std::fs;
use std::os::unix::fs::MetadataExt;

use logvm_testing::Qube;
use logvm_wire::{Kind, alert, exit};

use crate::common::{EXPORT, LINES, bytes, call, dir, last_ack, log, log_vm, segments, send, set_quotas};

const QUOTA: u64 = 100 * 1024;

fn small_log_vm() -> Qube {
    let qube = log_vm();
    set_quotas(&qube, "* 1G\nwork 100K\n");
    qube
}

fn burst() -> Vec<u8> {
    (0..10_000).flat_map(|n| format!("line {n:05} {}\n", "x".repeat(n % 60)).into_bytes()).collect()
}

/// Bytes that the files of an origin have.
fn used(qube: &Qube, origin: &str) -> u64 {
    fs::read_dir(dir(qube, origin)).unwrap().map(|entry| entry.unwrap().metadata().unwrap().size()).sum()
}

/// Lines and bytes that the markers count as dropped.
fn dropped(markers: &[String]) -> (u64, u64) {
    let counts = markers.iter().filter_map(|marker| marker.strip_prefix("dropped ")?.strip_suffix(": quota reached"));
    counts.fold((0, 0), |(lines, bytes), text| {
        let (more_lines, more_bytes) = text.split_once(" lines, ").unwrap_or(("0", text));
        let more_bytes = more_bytes.strip_suffix(" bytes").unwrap();
        (lines + more_lines.parse::<u64>().unwrap(), bytes + more_bytes.parse::<u64>().unwrap())
    })
}

fn alerts(qube: &Qube) -> Vec<(String, String)> {
    let text = fs::read_to_string(qube.home().join("QubesLogs/alerts.log")).unwrap_or_default();
    let parsed = text.lines().map(|line| alert::parse(line.as_bytes()).expect("an alert"));
    parsed.map(|(_, origin, text)| (origin.to_string(), text.to_owned())).collect()
}

#[test]
fn what_has_no_room_is_dropped_and_counted() {
    let qube = small_log_vm();
    let input = burst();
    assert_eq!(send(&qube, "work", LINES, &input).code, Some(0));
    let log = log(&qube, "work");
    let (lines, bytes) = dropped(&log.markers);
    let kept: u64 = log.lines.iter().map(|line| line.len() as u64 + 1).sum();
    assert_eq!(log.lines.len() as u64 + lines, 10_000);
    assert_eq!(kept + bytes, input.len() as u64);
    assert!(input.starts_with(&log.lines.join(&b'\n')), "the first lines, in order");
    assert!(used(&qube, "work") <= QUOTA && used(&qube, "work") > QUOTA * 8 / 10);
    let texts = alerts(&qube);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].1.starts_with("80 % of the quota") && texts[1].1.starts_with("quota of 102400 bytes reached"));
}

#[test]
fn a_caller_that_wants_acknowledgements_keeps_the_rest() {
    let qube = small_log_vm();
    let input = burst();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(&input);
    let end = session.wait();
    assert_eq!((end.code, end.stderr_text()), (Some(exit::QUOTA.into()), ""));
    let acked = usize::try_from(last_ack(&end.stdout)).unwrap();
    let log = log(&qube, "work");
    let stored: Vec<u8> = log.lines.iter().flat_map(|line| [line, b"\n".as_slice()].concat()).collect();
    assert_eq!(stored, &input[..acked], "exactly what was acknowledged");
    assert!(log.markers.is_empty(), "nothing is lost yet");
    let end = send(&qube, "work", &format!("{LINES}+ack"), &input[acked..]);
    assert_eq!((end.code, last_ack(&end.stdout)), (Some(exit::QUOTA.into()), 0));
}

#[test]
fn others_are_not_concerned() {
    let qube = small_log_vm();
    let mut other = call(&qube, "mail", &format!("{LINES}+ack"));
    other.send(b"before\n");
    assert_eq!(other.read_line(), b"ack 7\n");
    send(&qube, "work", LINES, &burst());
    other.send(b"after\n");
    assert_eq!(last_ack(&other.finish().stdout), 13);
    assert_eq!(log(&qube, "mail").lines.len(), 2);
    assert!(alerts(&qube).iter().all(|(origin, _)| origin == "work"));
}

#[test]
fn sessions_of_one_origin_share_its_quota() {
    let qube = small_log_vm();
    let input = burst();
    let sessions: Vec<_> = (0..8).map(|_| call(&qube, "work", LINES)).collect();
    let senders: Vec<_> = sessions
        .into_iter()
        .map(|mut session| {
            let input = input.clone();
            std::thread::spawn(move || {
                session.send(&input);
                session.finish().code
            })
        })
        .collect();
    assert!(senders.into_iter().all(|sender| sender.join().unwrap() == Some(0)));
    assert!(used(&qube, "work") <= QUOTA, "{} bytes", used(&qube, "work"));
    let log = log(&qube, "work");
    assert!(dropped(&log.markers).0 + log.lines.len() as u64 <= 80_000);
}

#[test]
fn many_small_sessions_cannot_take_more() {
    let qube = small_log_vm();
    for _ in 0..40 {
        send(&qube, "work", LINES, b"x\n");
    }
    assert!(segments(&qube, "work").len() < 25, "each file costs its place on the disk");
}

#[test]
fn alerts_do_not_repeat_themselves() {
    let qube = small_log_vm();
    for _ in 0..5 {
        send(&qube, "work", LINES, &burst());
    }
    assert_eq!(alerts(&qube).len(), 2);
}

#[test]
fn an_export_beyond_the_quota_is_counted_beside_it() {
    let qube = small_log_vm();
    let input: Vec<u8> = (0..20_000).flat_map(|n| format!("MESSAGE={n}\n\n").into_bytes()).collect();
    assert_eq!(send(&qube, "work", EXPORT, &input).code, Some(0));
    let stored = bytes(&qube, "work", Kind::Export);
    assert!(input.starts_with(&stored) && stored.len() < input.len());
    let stamps = String::from_utf8(bytes(&qube, "work", Kind::Stamps)).unwrap();
    let markers = stamps.lines().filter_map(|line| Some(line.split_once(" logvm: ")?.1.to_owned()));
    let (_, lost) = dropped(&markers.collect::<Vec<_>>());
    assert_eq!(stored.len() as u64 + lost, input.len() as u64);
    assert!(used(&qube, "work") <= QUOTA);
}

#[test]
fn storing_goes_on_when_there_is_room_again() {
    let qube = small_log_vm();
    send(&qube, "work", LINES, &burst());
    for (name, _) in segments(&qube, "work") {
        fs::remove_file(dir(&qube, "work").join(name.to_string())).unwrap();
    }
    let end = send(&qube, "work", &format!("{LINES}+ack"), b"again\n");
    assert_eq!((end.code, last_ack(&end.stdout)), (Some(0), 6));
}

#[test]
fn settings_that_cannot_be_read_stop_everything() {
    let qube = log_vm();
    set_quotas(&qube, "* plenty\n");
    assert_eq!(send(&qube, "work", LINES, b"x\n").code, Some(exit::IO.into()));
}
