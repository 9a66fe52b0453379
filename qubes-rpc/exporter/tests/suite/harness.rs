//! Starts exporters in a directory of their own and reads what arrived.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A failed wait is a failed test after so long.
const PATIENCE: Duration = Duration::from_secs(60);
const JOURNAL_REMOTE: &str = "/usr/lib/systemd/systemd-journal-remote";

/// A directory with settings, state and what arrived; removed at the end.
pub struct Bench {
    pub path: PathBuf,
    options: Vec<String>,
}

/// One call as the target saw it.
pub struct Session {
    pub bytes: Vec<u8>,
    pub acked: usize,
}

impl Bench {
    pub fn new(name: &str, seed: u64, mode: &str) -> Self {
        let path = std::env::temp_dir().join(format!("logvm-exporter-{}-{name}-{seed}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("sys-log")).unwrap();
        let mut bench = Bench { path, options: Vec::new() };
        let out = bench.path.join("{target}").display().to_string();
        bench.set(&format!("command=\"{}\" \"{out}\" {seed} {mode}", stand_in().display()));
        bench.set(&format!("state-directory={}", bench.path.join("state").display()));
        bench.option("--target", "sys-log");
        bench.set("retry-min=1ms");
        bench.set("retry-max=4ms");
        bench
    }

    pub fn option(&mut self, name: &str, value: &str) {
        self.options.extend([name.to_owned(), value.to_owned()]);
    }

    pub fn options_flag(&mut self, name: &str) {
        self.options.push(name.to_owned());
    }

    pub fn set(&mut self, setting: &str) {
        self.option("--set", setting);
    }

    pub fn journal(&mut self, directory: &Path) {
        self.set("journal=yes");
        self.set("start=all");
        self.set(&format!("journal-command=journalctl \"--directory={}\"", directory.display()));
    }

    pub fn start(&self) -> Exporter {
        Exporter(self.command().stdin(Stdio::null()).spawn().unwrap())
    }

    pub fn start_with_input(&self) -> Child {
        self.command().stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logvm-exporter"));
        command.args(&self.options);
        command
    }

    pub fn sessions(&self) -> Vec<Session> {
        self.sessions_of("sys-log")
    }

    pub fn sessions_of(&self, target: &str) -> Vec<Session> {
        (0..)
            .map(|number| self.path.join(target).join(format!("{number:04}.bytes")))
            .take_while(|path| path.exists())
            .map(|path| {
                let acked = fs::read_to_string(path.with_extension("acked")).unwrap_or_default();
                Session { bytes: fs::read(&path).unwrap(), acked: acked.parse().unwrap_or(0) }
            })
            .collect()
    }

    /// What arrived in all calls together.
    pub fn arrived(&self) -> Vec<u8> {
        self.sessions().into_iter().flat_map(|session| session.bytes).collect()
    }

    pub fn arrived_lines(&self) -> Vec<String> {
        String::from_utf8(self.arrived()).unwrap().lines().map(str::to_owned).collect()
    }

    /// The text of a state file, or nothing.
    pub fn state(&self, name: &str) -> String {
        fs::read_to_string(self.path.join("state").join(name)).unwrap_or_default()
    }

    /// The cursor that is saved for the journal.
    pub fn saved_cursor(&self, target: &str) -> Option<String> {
        let state = self.state(&format!("{target}.journal"));
        state.lines().find_map(|line| line.strip_prefix("cursor ")).map(str::to_owned)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A running exporter; it is killed at the end.
pub struct Exporter(pub Child);

impl Exporter {
    /// Asks it to stop, and waits.
    pub fn stop(mut self) -> bool {
        signal(&self.0, "TERM");
        self.0.wait().unwrap().success()
    }

    /// Waits until `condition` holds; false where the exporter ended before.
    pub fn until(&mut self, what: &str, condition: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        while !condition() {
            if self.0.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "waited too long for {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }

    pub fn until_arrived(&mut self, bench: &Bench, expected: &[u8]) {
        let arrived = self.until("all to arrive", || bench.arrived().ends_with(expected));
        assert!(arrived, "the exporter ended early");
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

pub fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
}

/// The stand-in for the call and the collector.
pub fn stand_in() -> PathBuf {
    build(&["--example", "stand-in-collector"]);
    built("examples/stand-in-collector")
}

/// Has cargo build what it does not build for a single test target.
pub fn build(what: &[&str]) {
    static ONE_AT_A_TIME: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut built = ONE_AT_A_TIME.lock().unwrap();
    let name = what.join(" ");
    if !built.contains(&name) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet"]).args(what).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(cargo.status().unwrap().success());
        built.push(name);
    }
}

/// The path of something that cargo built.
pub fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_logvm-exporter")).parent().unwrap().join(name)
}

/// Whether the programs that make and read journals are here.
pub fn has_journal_tools() -> bool {
    let found = Path::new(JOURNAL_REMOTE).exists();
    if !found {
        eprintln!("skipped: {JOURNAL_REMOTE} is not installed");
    }
    found
}

/// Appends entries in export format to the journal in `directory`.
pub fn append_to_journal(directory: &Path, export: &[u8]) {
    fs::create_dir_all(directory).unwrap();
    let mut remote = Command::new(JOURNAL_REMOTE)
        .args(["-o", &directory.join("test.journal").display().to_string(), "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    remote.stdin.take().unwrap().write_all(export).unwrap();
    assert!(remote.wait().unwrap().success());
}

/// What journalctl prints of the journal in `directory`.
pub fn journalctl(directory: &Path, arguments: &[&str]) -> Output {
    let directory = format!("--directory={}", directory.display());
    Command::new("journalctl").args([&directory, "--quiet", "--all"]).args(arguments).output().unwrap()
}
