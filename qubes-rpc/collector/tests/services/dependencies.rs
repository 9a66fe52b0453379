//! What the programs that qubes talk to are made of.

use std::collections::BTreeSet;
use std::process::Command;

/// Everything that may be linked: the wire format, options, system calls, signals. Nothing that parses, renders or
/// connects.
const ALLOWED: [&str; 11] = [
    "logvm-collector",
    "logvm-exporter",
    "logvm-wire",
    "lexopt",
    "rustix",
    "linux-raw-sys",
    "bitflags",
    "signal-hook",
    "signal-hook-registry",
    "libc",
    "errno",
];

/// The crates that a package links on Linux, without those of its tests and build scripts.
fn linked(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", package, "--target", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn collector_and_exporter_link_the_wire_and_little_else() {
    for package in ["logvm-collector", "logvm-exporter"] {
        let linked = linked(package);
        assert!(linked.contains(package) && linked.contains("logvm-wire"), "{linked:?}");
        let foreign: Vec<_> = linked.iter().filter(|name| !ALLOWED.contains(&name.as_str())).collect();
        assert!(foreign.is_empty(), "{package} links {foreign:?}");
    }
}

#[test]
fn the_wire_depends_on_nothing() {
    assert_eq!(linked("logvm-wire"), BTreeSet::from(["logvm-wire".to_owned()]));
}
