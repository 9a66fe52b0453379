//! Stands in for `qrexec-client-vm` and the collector behind it, for tests: stores what it is sent, acknowledges it, and
//! fails at moments that a seed decides.
//!
//! `stand-in-collector DIRECTORY SEED MODE`, with MODE one of `steady`, `dies`, `kills`, `stalls`, `refuses`. Each call
//! stores `NNNN.bytes`, and in `NNNN.acked` how many of them were acknowledged.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, exit};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, directory, seed, mode] = &arguments[..] else { return ExitCode::SUCCESS };
    let (number, file) = session(Path::new(directory));
    let mut random = Random(seed.parse::<u64>().expect("a seed") ^ (number << 32) ^ 0x9e37_79b9_7f4a_7c15);
    let fails_at = if random.below(8) > 0 { random.below(40_000) } else { u64::MAX };
    let mut call = Call { file, acked: acked_path(Path::new(directory), number), stored: 0 };
    match mode.as_str() {
        "steady" => call.steady(),
        "dies" => call.dies(fails_at, &mut random),
        "kills" => call.kills(fails_at, &mut random),
        "stalls" => loop {
            std::thread::park();
        },
        _ => return ExitCode::from(126),
    }
    ExitCode::SUCCESS
}

fn session(directory: &Path) -> (u64, File) {
    (0..)
        .find_map(|number| {
            let path = directory.join(format!("{number:04}.bytes"));
            OpenOptions::new().create_new(true).write(true).open(path).ok().map(|file| (number, file))
        })
        .expect("a free number")
}

fn acked_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:04}.acked"))
}

struct Call {
    file: File,
    acked: PathBuf,
    stored: u64,
}

impl Call {
    fn steady(&mut self) {
        while self.store(u64::MAX) > 0 {
            self.acknowledge();
        }
        self.acknowledge();
    }

    /// Ends after so many bytes, sometimes with an acknowledgement that is the last thing it says.
    fn dies(&mut self, at: u64, random: &mut Random) {
        while self.store(at) > 0 {
            if random.below(2) == 0 {
                self.acknowledge();
            }
            if self.stored >= at {
                exit(1);
            }
        }
        self.acknowledge();
    }

    /// Kills the exporter after so many bytes.
    fn kills(&mut self, at: u64, random: &mut Random) {
        let exporter = std::os::unix::process::parent_id().to_string();
        let mut alive = true;
        while self.store(if alive { at } else { u64::MAX }) > 0 {
            if random.below(2) == 0 {
                self.acknowledge();
            }
            if alive && self.stored >= at {
                alive = false;
                _ = Command::new("kill").args(["-KILL", &exporter]).status();
            }
        }
        self.acknowledge();
    }

    /// Stores what comes next. Whatever was not acknowledged is, when nothing comes, as a collector does.
    fn store(&mut self, upto: u64) -> u64 {
        if self.is_idle() {
            self.acknowledge();
        }
        let mut bytes = [0; 8192];
        let most = (upto - self.stored).min(bytes.len() as u64) as usize;
        let count = io::stdin().read(&mut bytes[..most.max(1)]).unwrap_or(0);
        self.file.write_all(&bytes[..count]).expect("stores");
        self.stored += count as u64;
        count as u64
    }

    fn is_idle(&self) -> bool {
        let input = io::stdin();
        let wait = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&wait)) == Ok(0)
    }

    fn acknowledge(&self) {
        let new = self.acked.with_extension("new");
        fs::write(&new, self.stored.to_string()).and_then(|()| fs::rename(&new, &self.acked)).expect("stores");
        _ = io::stdout().write_all(logvm_wire::ack::format(self.stored).as_bytes());
        _ = io::stdout().flush();
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
