//! The example configuration for rsyslog, with the real rsyslogd and logger.

use crate::harness::{Bench, Exporter, stand_in};
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
    let call = format!("{} {} 1 steady", stand_in().display(), bench.path.join("sys-log").display());
    let example = EXAMPLE.replace("/usr/bin/qrexec-client-vm sys-log qubes.Syslog", &call);
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
    assert!(rsyslog.until("the messages", || bench.arrived_lines().len() == messages.len()));
    assert!(rsyslog.stop());
    assert_eq!(bench.sessions().len(), 1, "one call for all");
    for (line, message) in bench.arrived_lines().iter().zip(messages) {
        let message = message.replace('\t', "#011");
        assert!(line.starts_with("<12>20") && line.ends_with(&format!(" app: {message}")), "{line:?}");
    }
}
