//! What the browser links: nothing that parses logs, nothing that opens a socket.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of the project that it may link.
const OWN: [&str; 3] = ["logvm-browser", "logvm-look", "logvm-wire"];

/// Decoders, archives, compression, networks and async runtimes.
const BANNED: [&str; 28] = [
    "pcap-file",
    "pcap-parser",
    "etherparse",
    "simple-dns",
    "tls-parser",
    "dns-parser",
    "sdjournal",
    "systemd",
    "evtx",
    "tar",
    "flate2",
    "zlib-rs",
    "zstd",
    "zstd-sys",
    "xz2",
    "liblzma",
    "lz4_flex",
    "socket2",
    "tokio",
    "async-std",
    "smol",
    "hyper",
    "reqwest",
    "ureq",
    "rustls",
    "native-tls",
    "openssl",
    "libloading",
];

fn tree() -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "-p", "logvm-browser", "-e", "normal", "--prefix", "none", "--format", "{p}", "--offline"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are UTF-8");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path());
    paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_decoder_and_no_socket_is_linked() {
    let tree = tree();
    assert!(tree.contains("ratatui") && tree.contains("logvm-look"), "the list is what it should be: {tree:?}");
    let banned: Vec<&&str> = BANNED.iter().filter(|name| tree.contains(**name)).collect();
    assert!(banned.is_empty(), "{banned:?}");
    let own: Vec<&String> = tree.iter().filter(|name| name.starts_with("logvm")).collect();
    assert!(own.iter().all(|name| OWN.contains(&name.as_str())), "{own:?}");
}

#[test]
fn no_code_of_the_project_names_a_socket() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "../wire/src", "../../look/src"] {
        for file in rust_files(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).expect("UTF-8");
            for name in ["std::net", "os::unix::net", "TcpStream", "UdpSocket", "UnixStream"] {
                assert!(!text.contains(name), "{} names {name}", file.display());
            }
        }
    }
}
