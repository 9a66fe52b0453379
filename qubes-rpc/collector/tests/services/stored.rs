//! What is stored, and under which name.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use logvm_wire::{Kind, exit, limits};

use crate::common::{EXPORT, LINES, SYSLOG, bytes, call, dir, log, log_vm, log_vm_with, segments, send};

#[test]
fn lines_are_stored_with_the_time_of_the_log_vm() {
    let qube = log_vm();
    let before = SystemTime::now() - Duration::from_micros(1);
    for service in [LINES, SYSLOG] {
        let end = send(&qube, "work", service, b"2001-01-01 claimed\n\nlast\n");
        assert_eq!((end.code, end.stdout_text(), end.stderr_text()), (Some(0), "", ""));
    }
    let log = log(&qube, "work");
    assert_eq!(log.lines.len(), 6);
    assert_eq!(log.lines[..3], [b"2001-01-01 claimed".as_slice(), b"", b"last"]);
    assert!(log.times.iter().all(|time| *time >= before && *time <= SystemTime::now()));
    assert_eq!(segments(&qube, "work").len(), 2, "one segment for each session");
}

#[test]
fn only_dom0_says_who_calls() {
    let qube = log_vm();
    for name in ["", "..", "../work", "a/b", ".hidden", "1work", "work\n", "@dispvm", "alerts.log", &"a".repeat(32)] {
        let end = send(&qube, name, LINES, b"x\n");
        assert_eq!((end.code, end.stdout.len(), end.stderr.len()), (Some(exit::ORIGIN.into()), 0, 0), "{name:?}");
    }
    assert!(!qube.home().join("QubesLogs").exists());
}

#[test]
fn an_unknown_argument_is_refused() {
    let qube = log_vm();
    for argument in ["other", "ack+x", "-", "work", "..", "_"] {
        let end = send(&qube, "work", &format!("{LINES}+{argument}"), b"x\n");
        assert_eq!((end.code, end.stderr_text()), (Some(exit::USAGE.into()), ""), "{argument:?}");
    }
}

#[test]
fn a_session_without_input_leaves_no_segment() {
    let qube = log_vm();
    assert_eq!(send(&qube, "work", LINES, b"").code, Some(0));
    assert!(segments(&qube, "work").is_empty());
}

#[test]
fn text_is_stored_as_it_comes() {
    let qube = log_vm();
    let line: Vec<u8> = (0..=255).filter(|&byte| byte != b'\n').collect();
    let bad = [b"\xff\xfe bad \xc3( utf-8 \xed\xa0\x80".as_slice(), "gr\u{fc}\u{df}e \u{1f980}".as_bytes()].concat();
    let long = vec![b'y'; 1500 * 4];
    let input = [&line[..], b"\n", &bad, b"\n", &long, b"\n", b"\x1b]0;title\x07\r\n"].concat();
    send(&qube, "work", SYSLOG, &input);
    assert_eq!(log(&qube, "work").lines, [line, bad, long, b"\x1b]0;title\x07\r".to_vec()]);
}

#[test]
fn no_qube_can_forge_a_time_or_a_marker() {
    let qube = log_vm();
    let forged = b"2026-11-21T03:54:36.123456Z logvm: dropped 1000 lines\n2026-11-21T03:54:36.123456Z\tx\n";
    send(&qube, "work", LINES, forged);
    let log = log(&qube, "work");
    assert_eq!((log.lines.len(), log.markers.len()), (2, 0));
}

#[test]
fn a_long_line_is_cut_marked_and_counted() {
    let qube = log_vm();
    let input = [vec![b'x'; limits::LINE_MAX + 1000], b"\nafter\n".to_vec()].concat();
    send(&qube, "work", LINES, &input);
    let log = log(&qube, "work");
    assert_eq!(log.lines, [vec![b'x'; limits::LINE_MAX], b"after".to_vec()]);
    assert_eq!(log.markers, ["cut 1000 bytes of the line above"]);
}

#[test]
fn the_last_line_needs_no_newline() {
    let qube = log_vm();
    send(&qube, "work", LINES, b"first\nlast");
    let log = log(&qube, "work");
    assert_eq!(log.lines, [b"first".to_vec(), b"last".to_vec()]);
    assert_eq!(log.markers, ["the line above ends without a newline"]);
}

#[test]
fn an_export_is_stored_byte_for_byte_with_its_times() {
    let qube = log_vm();
    let input: Vec<u8> = (0..200_000_u64).map(|n| ((n * n) >> 3) as u8).collect();
    assert_eq!(send(&qube, "work", EXPORT, &input).code, Some(0));
    assert_eq!(bytes(&qube, "work", Kind::Export), input);
    let stamps = String::from_utf8(bytes(&qube, "work", Kind::Stamps)).unwrap();
    let offsets: Vec<usize> = stamps.lines().map(|line| line.split_once('\t').unwrap().0.parse().unwrap()).collect();
    assert_eq!(offsets[0], 0);
    assert!(offsets.is_sorted_by(|a, b| a < b) && offsets.iter().all(|&offset| offset < input.len()));
    assert!(stamps.lines().all(|line| logvm_wire::stamp::parse(&line.as_bytes()[line.len() - 27..]).is_some()));
}

#[test]
fn a_long_session_is_stored_in_parts() {
    let qube = log_vm_with("--segment-bytes 10K");
    let lines: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
    let mut session = call(&qube, "work", LINES);
    for line in &lines {
        session.send(line.as_bytes());
    }
    session.finish();
    let stored = segments(&qube, "work");
    assert!(stored.len() > 1);
    assert!(stored.iter().enumerate().all(|(part, (name, _))| name.part as usize == part));
    assert!(stored.iter().all(|(name, _)| name.session == stored[0].0.session));
    let expected: Vec<Vec<u8>> = lines.iter().map(|line| line.trim_end().as_bytes().to_vec()).collect();
    assert_eq!(log(&qube, "work").lines, expected);
}

#[test]
fn the_parts_of_an_export_end_with_an_entry() {
    let qube = log_vm_with("--segment-bytes 10K");
    let input: Vec<u8> = (0..5000).flat_map(|n| format!("MESSAGE={n}\nX=y\n\n").into_bytes()).collect();
    send(&qube, "work", EXPORT, &input);
    assert_eq!(bytes(&qube, "work", Kind::Export), input);
    let exports: Vec<_> = segments(&qube, "work").into_iter().filter(|(name, _)| name.kind == Kind::Export).collect();
    assert!(exports.len() > 1);
    assert!(exports.iter().all(|(_, bytes)| bytes.starts_with(b"MESSAGE=") && bytes.ends_with(b"\n\n")));
}

#[test]
fn an_old_part_is_closed_even_when_nothing_arrives() {
    let qube = log_vm_with("--segment-age 0");
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\n");
    assert_eq!(session.read_line(), b"ack 4\n");
    let stored = segments(&qube, "work");
    let file = fs::File::open(dir(&qube, "work").join(stored[0].0.to_string())).unwrap();
    assert!(file.try_lock().is_ok(), "closed, so that it can be compressed");
    session.send(b"two\n");
    session.finish();
    assert_eq!(segments(&qube, "work").iter().map(|(name, _)| name.part).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_open_segment_is_locked() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\n");
    assert_eq!(session.read_line(), b"ack 4\n");
    let name = segments(&qube, "work")[0].0.to_string();
    let file = fs::File::open(dir(&qube, "work").join(name)).unwrap();
    assert!(file.try_lock().is_err());
    session.finish();
    assert!(file.try_lock().is_ok());
}

#[test]
fn nobody_else_can_read_the_store() {
    let qube = log_vm();
    send(&qube, "work", LINES, b"x\n");
    let mode = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(qube.home().join("QubesLogs")), 0o700);
    assert_eq!(mode(dir(&qube, "work")), 0o700);
    for entry in fs::read_dir(dir(&qube, "work")).unwrap() {
        assert_eq!(mode(entry.unwrap().path()), 0o600);
    }
}

#[test]
fn no_link_is_followed() {
    let (qube, elsewhere) = (log_vm(), tempfile::TempDir::new().unwrap());
    fs::create_dir(qube.home().join("QubesLogs")).unwrap();
    symlink(elsewhere.path(), dir(&qube, "work")).unwrap();
    assert_eq!(send(&qube, "work", LINES, b"x\n").code, Some(exit::IO.into()));
    fs::create_dir(dir(&qube, "mail")).unwrap();
    symlink(elsewhere.path().join("target"), dir(&qube, "mail").join(".lock")).unwrap();
    assert_eq!(send(&qube, "mail", LINES, b"x\n").code, Some(exit::IO.into()));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn two_sessions_of_one_name_never_share_a_file() {
    let qube = log_vm();
    let mut sessions = [call(&qube, "disp1234", LINES), call(&qube, "disp1234", LINES)];
    for n in 0..100 {
        for (which, session) in sessions.iter_mut().enumerate() {
            session.send(format!("{which}:{n}\n").as_bytes());
        }
    }
    sessions.into_iter().for_each(|session| assert_eq!(session.finish().code, Some(0)));
    let stored = segments(&qube, "disp1234");
    assert_eq!(stored.len(), 2);
    for (_, bytes) in stored {
        let log = crate::common::parse(&bytes);
        let which = log.lines[0][0];
        assert_eq!(log.lines.len(), 100);
        assert!(log.lines.iter().all(|line| line[0] == which));
    }
}
