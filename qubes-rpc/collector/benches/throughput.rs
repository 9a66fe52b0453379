//! How many lines a second are stored, against what would be the least (`cat`) and what was there before (a loop in the
//! shell). Each is a service behind the same stand-in for qrexec, so that each has the same sockets. One command:
//!
//! ```text
//! cargo bench -p logvm-collector
//! ```

use std::fs;
use std::path::Path;
use std::time::Instant;

use logvm_testing::Qube;

/// A line of usual length: 100 bytes with its newline.
const LINE: &str = "Nov 21 03:54:36 work systemd[1]: Started session 12 of user user, with some words more to say 0000";
/// How often each is measured; the best counts, since the machine has other work too.
const ROUNDS: u32 = 5;

struct Contender {
    name: &'static str,
    service: &'static str,
    script: Option<&'static str>,
    lines: usize,
}

const CONTENDERS: [Contender; 5] = [
    Contender { name: "logvm-collector, lines", service: "qubes.logs.PlainTextLines", script: None, lines: 2_000_000 },
    Contender {
        name: "logvm-collector, lines, ack",
        service: "qubes.logs.PlainTextLines+ack",
        script: None,
        lines: 2_000_000,
    },
    Contender {
        name: "logvm-collector, export, ack",
        service: "qubes.logs.JournaldExport+ack",
        script: None,
        lines: 2_000_000,
    },
    Contender { name: "cat", service: "test.Cat", script: Some("cat >stored"), lines: 2_000_000 },
    Contender {
        name: "shell loop with date",
        service: "test.Loop",
        script: Some(r#"while read line; do echo "$(date)	$line"; done >stored"#),
        lines: 2_000,
    },
];

fn main() {
    println!("{:<30} {:>14} {:>10} {:>14}", "", "lines/s", "MB/s", "peak memory");
    for contender in &CONTENDERS {
        let input: Vec<u8> = format!("{LINE}\n").repeat(contender.lines).into_bytes();
        let rounds = (0..ROUNDS).map(|_| contender.measure(&input));
        let (seconds, peak) = rounds.min_by(|a, b| a.0.total_cmp(&b.0)).expect("a round");
        let (lines, megabytes) = (contender.lines as f64 / seconds, input.len() as f64 / seconds / 1e6);
        println!("{:<30} {lines:>14.0} {megabytes:>10.1} {peak:>11} kB", contender.name);
    }
}

impl Contender {
    /// Seconds from the first byte until the service has ended, and its peak memory in kilobytes.
    fn measure(&self, input: &[u8]) -> (f64, u64) {
        let qube = self.install();
        let start = Instant::now();
        let mut call = qube.call("work", self.service).expect("the service is installed");
        assert!(call.send(input), "the service took everything");
        let peak = peak_memory(call.pid());
        let end = call.finish();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(end.code, Some(0));
        (seconds, peak)
    }

    fn install(&self) -> Qube {
        let qube = Qube::new();
        qube.programs(Path::new(env!("CARGO_BIN_EXE_logvm-collector")).parent().expect("a directory"));
        let settings = qube.home().join(logvm_wire::quota::FILE);
        fs::create_dir_all(settings.parent().expect("a directory")).expect("settings");
        fs::write(settings, "* 1T\n").expect("settings");
        let name = self.service.split('+').next().unwrap_or_default();
        match self.script {
            None => qube.install(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)),
            Some(script) => {
                let file = qube.path(name);
                fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a service file");
                qube.install(file);
            }
        }
        qube
    }
}

fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
