//! Acknowledgements: only for what is on disk, and only for those who ask.

use logvm_wire::ack;

use crate::common::{EXPORT, LINES, SYSLOG, call, last_ack, log, log_vm, send};

#[test]
fn everything_is_acknowledged_at_the_end() {
    let qube = log_vm();
    for service in [LINES, EXPORT, SYSLOG] {
        let input = b"A=1\n\nB=2 without newline";
        let end = send(&qube, "work", &format!("{service}+ack"), input);
        assert_eq!((end.code, last_ack(&end.stdout)), (Some(0), input.len() as u64), "{service}");
    }
}

#[test]
fn nothing_is_said_to_those_who_do_not_ask() {
    let qube = log_vm();
    assert_eq!(send(&qube, "work", LINES, b"x\n").stdout, b"");
    assert_eq!(send(&qube, "work", &format!("{LINES}+"), b"x\n").stdout, b"");
}

#[test]
fn a_session_is_acknowledged_while_it_goes_on() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    let mut sent = 0;
    for n in 0..5 {
        let line = format!("line {n}\n");
        session.send(line.as_bytes());
        sent += line.len() as u64;
        assert_eq!(ack::parse(&session.read_line()), Some(sent));
        assert_eq!(log(&qube, "work").lines.len(), n + 1, "it is in the file when it is acknowledged");
    }
}

#[test]
fn a_line_that_has_not_ended_is_not_acknowledged() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"whole\nhalf");
    assert_eq!(session.read_line(), b"ack 6\n");
}

#[test]
fn a_caller_that_stops_reading_can_still_send() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\n");
    assert_eq!(session.read_line(), b"ack 4\n");
    session.close_stdout();
    session.send(b"two\n");
    assert_eq!(session.finish().code, Some(0));
    assert_eq!(log(&qube, "work").lines, [b"one", b"two"]);
}

#[test]
fn what_a_dead_caller_has_sent_is_stored() {
    let qube = log_vm();
    let mut session = call(&qube, "work", &format!("{LINES}+ack"));
    session.send(b"one\ntwo\nhal");
    session.die();
    assert_eq!(session.wait().code, Some(0));
    assert_eq!(log(&qube, "work").lines, [b"one", b"two", b"hal"]);
}
