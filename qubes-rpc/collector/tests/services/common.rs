//! A LogVM, and what is in its store.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use logvm_testing::{Call, End, Qube};
use logvm_wire::{Kind, SegmentName, marker, stamp};

pub const LINES: &str = "qubes.logs.PlainTextLines";
pub const EXPORT: &str = "qubes.logs.JournaldExport";
pub const SYSLOG: &str = "qubes.Syslog";

/// Where the service files are.
pub fn services() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A LogVM with the three services.
pub fn log_vm() -> Qube {
    let qube = Qube::new();
    qube.programs(Path::new(env!("CARGO_BIN_EXE_logvm-collector")).parent().expect("a directory"));
    for service in [LINES, EXPORT, SYSLOG] {
        qube.install(services().join(service));
    }
    qube
}

/// A LogVM with settings for the collector: the service files stay, a wrapper of its name adds the options.
pub fn log_vm_with(options: &str) -> Qube {
    let qube = log_vm();
    let wrapper = qube.path("logvm-collector");
    let program = env!("CARGO_BIN_EXE_logvm-collector");
    fs::write(&wrapper, format!("#!/bin/sh\nexec '{program}' \"$@\" {options}\n")).expect("a wrapper");
    fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its execute bit");
    qube.programs(qube.path(""));
    qube
}

/// Sets the quotas, as the file of settings has them.
pub fn set_quotas(qube: &Qube, text: &str) {
    let file = qube.home().join(logvm_wire::quota::FILE);
    fs::create_dir_all(file.parent().expect("a directory")).expect("the settings");
    fs::write(file, text).expect("the settings");
}

/// A call that is expected to be taken.
pub fn call(qube: &Qube, origin: &str, asked: &str) -> Call {
    qube.call(origin, asked).expect("the service is installed")
}

/// One whole call.
pub fn send(qube: &Qube, origin: &str, asked: &str, bytes: &[u8]) -> End {
    let mut call = call(qube, origin, asked);
    call.send(bytes);
    call.finish()
}

/// The directory of an origin.
pub fn dir(qube: &Qube, origin: &str) -> PathBuf {
    qube.home().join("QubesLogs").join(origin)
}

/// The segments of an origin, in the order of sessions and parts. Every other file but the lock fails the test.
pub fn segments(qube: &Qube, origin: &str) -> Vec<(SegmentName, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(dir(qube, origin)) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in ASCII");
        if name != ".lock" {
            let segment = SegmentName::parse(&name).unwrap_or_else(|| panic!("{name} is no segment"));
            found.push((segment, fs::read(entry.path()).expect("a segment")));
        }
    }
    found.sort_by(|(a, _), (b, _)| (&a.session, a.part, a.kind).cmp(&(&b.session, b.part, b.kind)));
    found
}

/// All bytes of one kind, the parts of a session one after the other.
pub fn bytes(qube: &Qube, origin: &str, kind: Kind) -> Vec<u8> {
    segments(qube, origin).into_iter().filter(|(name, _)| name.kind == kind).flat_map(|(_, bytes)| bytes).collect()
}

/// What a file of lines says.
#[derive(Debug, Default)]
pub struct Log {
    /// The lines of the qube.
    pub lines: Vec<Vec<u8>>,
    /// Their received times.
    pub times: Vec<SystemTime>,
    /// What logvm said in between.
    pub markers: Vec<String>,
}

/// The lines of an origin.
pub fn log(qube: &Qube, origin: &str) -> Log {
    parse(&bytes(qube, origin, Kind::Log))
}

/// Reads stored lines, each of which must be whole: `<received>` TAB `<line>`, or a marker.
pub fn parse(bytes: &[u8]) -> Log {
    let mut log = Log::default();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        add(line, &mut log).unwrap_or_else(|| panic!("no stored line: {:?}", String::from_utf8_lossy(line)));
    }
    log
}

fn add(line: &[u8], log: &mut Log) -> Option<()> {
    let line = line.strip_suffix(b"\n")?;
    let (time, rest) = line.split_at_checked(stamp::RFC3339_LEN)?;
    match rest.strip_prefix(b"\t") {
        Some(line) => {
            log.times.push(stamp::parse(time)?);
            log.lines.push(line.to_vec());
        }
        None => log.markers.push(String::from_utf8_lossy(marker::parse(line)?.1).into_owned()),
    }
    Some(())
}

/// The number that the last acknowledgement gives.
pub fn last_ack(stdout: &[u8]) -> u64 {
    stdout.split_inclusive(|&byte| byte == b'\n').filter_map(logvm_wire::ack::parse).next_back().unwrap_or(0)
}

/// Small, fast, and the same every time: xorshift64*.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
