//! A store to ask for, with traps in it.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use logvm_testing::Qube;
use serde_json::Value;

use crate::call::{call, qube};

/// A store below a home directory of its own.
pub struct Home {
    pub qube: Qube,
    path: PathBuf,
}

/// Starts of sessions, an hour apart.
pub fn segment(hour: u32, number: u32, suffix: &str) -> String {
    format!("20261121T{hour:02}0000.000000Z-{number:016x}{suffix}")
}

impl Home {
    /// Nothing but the roots.
    pub fn empty() -> Self {
        let qube = qube();
        let home = Self { path: qube.home(), qube };
        ["QubesLogs", "NetLogs"].iter().for_each(|root| fs::create_dir(home.path().join(root)).unwrap());
        home
    }

    /// Two origins, a vault, and what must never come out.
    pub fn full() -> Self {
        let home = Self::empty();
        home.put(&format!("QubesLogs/work/{}", segment(1, 1, ".log")), b"one\ntwo\n");
        home.put(&format!("QubesLogs/work/{}", segment(2, 2, ".export")), b"MESSAGE=a\n\n");
        home.put(&format!("QubesLogs/work/{}", segment(2, 2, ".export.stamps")), b"0\t2026\n");
        home.put(&format!("QubesLogs/work/{}", segment(3, 3, ".log.zst")), b"\x28\xb5\x2f\xfd not looked into");
        home.put(&format!("QubesLogs/work/{}", segment(4, 4, ".log")), b"held\n");
        home.put(&format!("QubesLogs/work/{}", segment(4, 4, ".hold")), b"");
        home.put(&format!("QubesLogs/sys-net/{}", segment(1, 5, ".log")), b"other\n");
        home.put("NetLogs/sys-vpn/2026-11-20/pcaps-2026-11-20.tgz", b"packets");
        home.put("NetLogs/sys-vpn/2026-11-20/nft.log", b"new\n");
        home.traps();
        home
    }

    fn traps(&self) {
        self.put("secret", b"SECRET");
        self.put("outside/secret.log", b"SECRET");
        let work = self.path().join("QubesLogs/work");
        symlink("../../secret", work.join(segment(5, 6, ".log"))).unwrap();
        symlink("/etc/passwd", work.join("passwd")).unwrap();
        symlink("../../outside", work.join("folder")).unwrap();
        symlink("../outside", self.path().join("QubesLogs/linked")).unwrap();
        fs::write(work.join("line\nbreak"), "SECRET").unwrap();
        fs::write(work.join(std::ffi::OsStr::from_bytes(b"\xff\x1b[2J")), "SECRET").unwrap();
        Command::new("mkfifo").arg(work.join("fifo")).status().unwrap();
        self.put("QubesLogs/work/.hidden", b"SECRET");
        self.put(&format!("QubesLogs/work/{}", segment(1, 9, ".log.zst.part")), b"SECRET");
        self.put("QubesLogs/..x/y.log", b"SECRET");
        self.put("QubesLogs/alerts.log", b"SECRET");
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn put(&self, path: &str, text: &[u8]) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes a segment and holds its lock as a collector does.
    pub fn open(&self, path: &str, text: &[u8]) -> File {
        let path = self.put(path, text);
        let file = File::options().append(true).open(path).unwrap();
        file.lock().unwrap();
        file
    }

    /// What `qubes.logs.List` says.
    pub fn list(&self, argument: &str) -> Vec<Value> {
        let answer = call(&self.qube, "qubes.logs.List", argument, "");
        assert_eq!(answer.code, Some(0), "{}", answer.errors);
        lines(&answer.output)
    }
}

/// JSON lines.
pub fn lines(text: &[u8]) -> Vec<Value> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// A text of a JSON object.
pub fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_default()
}

/// What tar(1) extracts, and what sha256sum(1) says to it.
pub struct Unpacked(pub tempfile::TempDir);

impl Unpacked {
    pub fn of(tar: &[u8]) -> Self {
        let to = tempfile::tempdir().unwrap();
        let mut child =
            Command::new("tar").args(["-x", "-f", "-", "-C"]).arg(to.path()).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(tar).unwrap();
        assert!(child.wait().unwrap().success());
        Self(to)
    }

    /// Checks every sum; the names that were checked.
    pub fn checked(&self) -> Vec<String> {
        let result = Command::new("sha256sum")
            .args(["-c", "--strict", "SHA256SUMS"])
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
        let said = String::from_utf8(result.stdout).unwrap();
        said.lines().map(|line| line.trim_end_matches(": OK").to_owned()).collect()
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.0.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn has(&self, path: &str) -> bool {
        self.0.path().join(path).exists()
    }

    pub fn manifest(&self) -> Vec<Value> {
        lines(&self.read("manifest.jsonl"))
    }
}

/// The names in a tar, as tar(1) lists them.
pub fn members(tar: &[u8]) -> Vec<String> {
    let mut child =
        Command::new("tar").args(["-t", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let tar = tar.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&tar));
    let result = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(result.status.success());
    String::from_utf8(result.stdout).unwrap().lines().map(str::to_owned).collect()
}
