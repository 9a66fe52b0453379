//! A LogVM with the real collector behind the installed service files, and the way there.

use crate::harness::{build, built};
use logvm_testing::Qube;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const SERVICES: [&str; 3] = ["qubes.logs.PlainTextLines", "qubes.logs.JournaldExport", "qubes.Syslog"];

/// A LogVM that `stand-in-qrexec-client-vm` reaches by a socket.
pub struct LogVm {
    qube: Arc<Qube>,
    socket: PathBuf,
}

impl LogVm {
    /// A LogVM whose collectors are killed after some bytes: `kill_after` says after how many in each call.
    pub fn new(kill_after: impl Fn(u64) -> u64 + Send + 'static) -> Self {
        build(&["--package", "logvm-collector", "--bins"]);
        let qube = Arc::new(Qube::new());
        qube.programs(built("logvm-collector").parent().unwrap());
        for service in SERVICES {
            qube.install(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(service));
        }
        let socket = qube.path("qrexec.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let served = Arc::clone(&qube);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (qube, kill_after) = (Arc::clone(&served), kill_after(number as u64));
                thread::spawn(move || serve(&qube, stream.unwrap(), kill_after));
            }
        });
        LogVm { qube, socket }
    }

    /// The command that calls this LogVM, without the target and the service.
    pub fn command(&self) -> String {
        build(&["--example", "stand-in-qrexec-client-vm"]);
        format!("{} {}", built("examples/stand-in-qrexec-client-vm").display(), self.socket.display())
    }

    /// What is stored of the qube `work` in files that end in `suffix`, one for each session, in the order of time.
    pub fn stored(&self, suffix: &str) -> Vec<Vec<u8>> {
        let Ok(directory) = self.qube.home().join("QubesLogs/work").read_dir() else { return Vec::new() };
        let mut paths: Vec<_> = directory.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_str().unwrap().ends_with(suffix));
        paths.sort();
        paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
    }
}

/// Passes a call on in both directions; kills the service after so many bytes.
fn serve(qube: &Qube, mut caller: UnixStream, kill_after: u64) {
    let mut input = BufReader::new(caller.try_clone().unwrap());
    let mut service = String::new();
    input.read_line(&mut service).unwrap();
    let Ok(mut call) = qube.call("work", service.trim_end()) else { return };
    let (to_service, group) = (call.sender().unwrap(), format!("-{}", call.pid()));
    let (store, before) = (qube.home().join("QubesLogs/work"), stored_bytes(&qube.home().join("QubesLogs/work")));
    let sender = thread::spawn(move || {
        if !pass(input, to_service, kill_after) {
            until_more_than(before, &store);
            _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        }
    });
    loop {
        let line = call.read_line();
        if line.is_empty() || caller.write_all(&line).is_err() {
            break;
        }
    }
    _ = caller.shutdown(Shutdown::Both);
    _ = sender.join();
}

/// Whether the input ended before `limit` bytes were passed.
fn pass(mut input: impl Read, mut to_service: UnixStream, limit: u64) -> bool {
    let (mut bytes, mut passed) = ([0; 4096], 0);
    while let Ok(count @ 1..) = input.read(&mut bytes) {
        passed += count as u64;
        if to_service.write_all(&bytes[..count]).is_err() || passed >= limit {
            return passed < limit;
        }
    }
    _ = to_service.shutdown(Shutdown::Write);
    true
}

/// Waits until more than `before` bytes are stored: a kill before that would only be a call that fails.
fn until_more_than(before: u64, store: &Path) {
    let start = Instant::now();
    while stored_bytes(store) <= before && start.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(1));
    }
}

fn stored_bytes(store: &Path) -> u64 {
    let Ok(files) = store.read_dir() else { return 0 };
    files.flatten().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}
