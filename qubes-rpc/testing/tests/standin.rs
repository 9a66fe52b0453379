//! The stand-in behaves as the real qrexec was seen to behave.

use std::fs;
use std::path::PathBuf;

use logvm_testing::{Protocol, Qube, Refused};
use tempfile::TempDir;

fn service(dir: &TempDir, name: &str, script: &str) -> PathBuf {
    let file = dir.path().join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    file
}

fn qube_with(script: &str) -> (Qube, TempDir) {
    let (qube, dir) = (Qube::new(), TempDir::new().unwrap());
    qube.install(service(&dir, "test.Service", script));
    (qube, dir)
}

#[test]
fn a_service_learns_who_calls_and_with_what() {
    let script = r#"echo "$#|$1|$QREXEC_REMOTE_DOMAIN|$QREXEC_SERVICE_ARGUMENT|$QREXEC_SERVICE_FULL_NAME"
        echo "${QREXEC_REQUESTED_TARGET_TYPE-unset}|$PWD|${QREXEC_SERVICE_ARGUMENT+set}""#;
    let (qube, _dir) = qube_with(script);
    let home = qube.home();
    let end = qube.call("work", "test.Service+a b").unwrap().finish();
    let expected = format!("1|a_b|work|a_b|test.Service+a_b\n|{}|set\n", home.display());
    assert_eq!((end.code, end.stdout_text()), (Some(0), expected.as_str()));
    let end = qube.call("work", "test.Service").unwrap().finish();
    assert_eq!(end.stdout_text(), format!("0||work||test.Service+\n|{}|set\n", home.display()));
}

#[test]
fn standard_input_and_output_are_sockets() {
    let (qube, _dir) = qube_with("test -S /dev/fd/0 && test -S /dev/fd/1 && (cat /dev/stdin; true) 2>&1 && cat");
    let mut call = qube.call("work", "test.Service").unwrap();
    assert!(call.send(b"through the descriptor\n"));
    let end = call.finish();
    assert_eq!(end.code, Some(0));
    assert!(end.stdout_text().contains("No such device or address"), "{}", end.stdout_text());
    assert!(end.stdout_text().ends_with("through the descriptor\n"));
}

#[test]
fn the_caller_gets_standard_error_and_the_exit_code() {
    let (qube, _dir) = qube_with("echo oops >&2; exit 7");
    let end = qube.call("work", "test.Service").unwrap().finish();
    assert_eq!((end.code, end.stderr_text(), end.stdout_text()), (Some(7), "oops\n", ""));
}

#[test]
fn the_file_for_the_argument_comes_first() {
    let (qube, dir) = qube_with("echo plain");
    qube.install_as(service(&dir, "particular", "echo particular"), "test.Service+this");
    qube.install_as(service(&dir, "empty", "echo empty"), "test.Service+");
    for (asked, answer) in [("+this", "particular\n"), ("+that", "plain\n"), ("", "empty\n")] {
        let end = qube.call("work", format!("test.Service{asked}")).unwrap().finish();
        assert_eq!(end.stdout_text(), answer);
    }
}

#[test]
fn what_is_not_installed_or_does_not_fit_is_refused() {
    let (qube, _dir) = qube_with("true");
    assert_eq!(qube.call("work", "test.Other").err(), Some(Refused::NotFound));
    fs::write(qube.path("etc/qubes-rpc/test.Plain"), "#!/bin/sh\n").unwrap();
    assert_eq!(qube.call("work", "test.Plain").err(), Some(Refused::NotFound));
    let qube = qube.with_protocol(Protocol::V2);
    assert_eq!(qube.call("work", format!("test.Service+{}", "a".repeat(60))).err(), Some(Refused::TooLong));
    assert_eq!([Refused::Policy, Refused::NotFound, Refused::TooLong].map(Refused::exit_code), [126, 127, 125]);
}

#[test]
fn a_dead_caller_ends_a_service_that_writes() {
    let (qube, _dir) = qube_with("while :; do echo still here; done");
    let mut call = qube.call("work", "test.Service").unwrap();
    assert_eq!(call.read_line(), b"still here\n");
    call.die();
    assert_eq!(call.wait().signal, Some(13));
}

#[test]
fn a_caller_that_only_stops_reading_does_not_end_a_service() {
    let (qube, _dir) = qube_with("read line; echo \"$line\" > stored");
    let mut call = qube.call("work", "test.Service").unwrap();
    call.close_stdout();
    assert!(call.is_running());
    assert!(call.send(b"a line\n"));
    assert_eq!(call.wait().code, Some(0));
    assert_eq!(fs::read(qube.home().join("stored")).unwrap(), b"a line\n");
}
