//! The programs that are compared.

use std::path::{Path, PathBuf};
use std::process::Command;

const JOURNAL_REMOTE: &str = "/lib/systemd/systemd-journal-remote";

/// A peer on this machine.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name, as rows show it.
    pub name: &'static str,
    /// Where it is; `None` when it is not installed.
    pub path: Option<PathBuf>,
    /// The first line of what it says of its version.
    pub version: String,
}

/// Our binary and its peers.
pub struct Tools {
    /// The release binary of this project, or what the variable `LOGVM_BIN` names.
    pub logvm: PathBuf,
    /// Log viewer.
    pub lnav: Tool,
    /// Search.
    pub rg: Tool,
    /// Packet analyser.
    pub tshark: Tool,
    /// Its terminal front end.
    pub termshark: Tool,
    /// Reads journal exports.
    pub journal_remote: Tool,
    /// Bare decompression: what any reader of .gz has to do at least.
    pub gzip: Tool,
    /// Bare decompression: what any reader of .zst has to do at least.
    pub zstd: Tool,
}

impl Tools {
    /// Looks for all of them.
    pub fn find() -> Self {
        let logvm = std::env::var_os("LOGVM_BIN").map_or_else(|| env!("CARGO_BIN_EXE_logvm").into(), PathBuf::from);
        Self {
            logvm,
            lnav: Tool::find("lnav", &["-V"]),
            rg: Tool::find("rg", &["--version"]),
            tshark: Tool::find("tshark", &["--version"]),
            termshark: Tool::find("termshark", &["-v"]),
            journal_remote: Tool::find("systemd-journal-remote", &["--version"]),
            gzip: Tool::find("gzip", &["--version"]),
            zstd: Tool::find("zstd", &["--version"]),
        }
    }

    /// The peers.
    pub fn peers(&self) -> [&Tool; 7] {
        [&self.lnav, &self.rg, &self.tshark, &self.termshark, &self.journal_remote, &self.gzip, &self.zstd]
    }
}

impl Tool {
    fn find(name: &'static str, version: &[&str]) -> Self {
        let path = search(name);
        let version = path.as_deref().map_or_else(|| "not installed".to_owned(), |path| first_line(path, version));
        Self { name, path, version }
    }
}

fn search(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates: Vec<PathBuf> = std::env::split_paths(&folders).map(|folder| folder.join(name)).collect();
    candidates.extend(Path::new(JOURNAL_REMOTE).ends_with(name).then(|| JOURNAL_REMOTE.into()));
    candidates.into_iter().find(|path| path.is_file())
}

fn first_line(path: &Path, arguments: &[&str]) -> String {
    let output = Command::new(path).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("").trim().to_owned()
}
