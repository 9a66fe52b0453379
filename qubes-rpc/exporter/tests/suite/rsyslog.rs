//! The example configuration for rsyslog, with the real rsyslogd and logger, into the real collector.

use crate::harness::{Bench, Exporter};
use crate::log_vm::LogVm;
use std::fs;
use std::process::{Command, Stdio};

const EXAMPLE: &str = include_str!("../../../examples/rsyslog-qubes-syslog.conf");

fn is_installed(program: &str) -> bool {
    Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status().unwrap().success()
}

#[test]
fn rsyslog_sends_lines_over_one_call() {
    if !["rsyslogd", "logger"].into_iter().all(is_installed) {
        eprintln!("skipped: rsyslogd or logger is not installed");
        return;
    }
    let bench = Bench::new("rsyslog", 1, "steady");
    let socket = bench.path.join("log.sock");
    let log_vm = LogVm::new(|_| u64::MAX);
    let example = EXAMPLE.replace("/usr/bin/qrexec-client-vm", &log_vm.command());
    assert_ne!(example, EXAMPLE);
    let config = format!(
        "global(workDirectory=\"{}\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\n\
         input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n{example}",
        bench.path.display(),
        socket.display()
    );
    let path = bench.path.join("rsyslog.conf");
    fs::write(&path, config).unwrap();
    let mut command = Command::new("rsyslogd");
    command.arg("-n").arg("-f").arg(&path).arg("-i").arg(bench.path.join("pid"));
    let mut rsyslog = Exporter(command.spawn().unwrap());
    assert!(rsyslog.until("the socket", || socket.exists()));
    let messages = ["plain", "ünïcödé ✓ 日本", "with <13> in it", "a\ttab", &["long"; 400].join(" ")];
    for message in messages {
        let options = ["--size", "16384", "-t", "app", "-p", "user.warning", "--", message];
        assert!(Command::new("logger").arg("-u").arg(&socket).args(options).status().unwrap().success());
    }
    assert!(rsyslog.until("the messages", || lines(&log_vm).len() == messages.len()));
    assert!(rsyslog.stop());
    assert_eq!(log_vm.stored(".log").len(), 1, "one call for all");
    for (line, message) in lines(&log_vm).iter().zip(messages) {
        let message = message.replace('\t', "#011");
        assert!(line.starts_with("<12>20") && line.ends_with(&format!(" app: {message}")), "{line:?}");
    }
}

/// The stored lines without the time that the collector put before them.
fn lines(log_vm: &LogVm) -> Vec<String> {
    let stored = String::from_utf8(log_vm.stored(".log").concat()).unwrap();
    stored.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect()
}
