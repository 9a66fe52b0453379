//! Kills the compressor at many moments: every byte must be there exactly once to whoever prefers the plain file, and
//! after one whole run exactly once on the disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::{Compression, Kind, SegmentName};

/// Stores, each with two runs that are killed.
const STORES: u64 = 150;

/// A small generator (splitmix64): the moments must be other ones each time, and the same in every run.
fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Writes a dozen sessions of yesterday; what each file holds.
fn fill(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::create_dir_all(folder).unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(80_000);
    let mut expected = BTreeMap::new();
    for number in 0..12_u64 {
        let kinds = if number % 3 == 0 { vec![Kind::Export, Kind::Stamps] } else { vec![Kind::Log] };
        for kind in kinds {
            let (start, session) = (yesterday + Duration::from_secs(number), format!("{number:016x}"));
            let name = SegmentName { start, session, part: 0, kind, compression: Compression::None }.to_string();
            let lines = 1 + random(number) % 4000;
            let text: String = (0..lines).map(|line| format!("{:x}\n", random(number << 32 | line))).collect();
            fs::write(folder.join(&name), &text).unwrap();
            let file = File::options().write(true).open(folder.join(&name)).unwrap();
            file.set_modified(yesterday).unwrap();
            expected.insert(name, text.into_bytes());
        }
    }
    expected
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn with_end(folder: &Path, end: &str) -> Vec<PathBuf> {
    paths(folder).into_iter().filter(|path| path.extension().is_some_and(|own| own == end)).collect()
}

/// The contents by plain name, as a reader sees them; and how many segments there are on the disk.
fn seen(folder: &Path) -> (BTreeMap<String, Vec<u8>>, usize) {
    let name = |path: &PathBuf| SegmentName::parse(path.file_name()?.to_str()?);
    let mut names: Vec<SegmentName> = paths(folder).iter().filter_map(name).collect();
    names.sort_by_key(|name| name.compression);
    let mut seen = BTreeMap::new();
    for name in &names {
        let stored = fs::read(folder.join(name.to_string())).unwrap();
        let packed = name.compression != Compression::None;
        let text = if packed { zstd::decode_all(&stored[..]).unwrap() } else { stored };
        let plain = SegmentName { compression: Compression::None, ..name.clone() };
        seen.entry(plain.to_string()).or_insert(text);
    }
    (seen, names.len())
}

fn run(home: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logvm-compressor"));
    command.args(["--once", "--home"]).arg(home).stdout(Stdio::null()).spawn().unwrap()
}

/// Lets a run work for so long, and kills it.
fn kill(home: &Path, after: Duration) {
    let (mut child, started) = (run(home), Instant::now());
    while started.elapsed() < after {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What zstd(1) says, where it is installed.
fn accepted_by_zstd(folder: &Path) {
    if let Ok(output) = Command::new("zstd").args(["-q", "-t"]).args(with_end(folder, "zst")).output() {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn no_moment_to_be_killed_loses_or_doubles_a_byte() {
    let (mut at_work, mut longest) = (0, Duration::from_millis(40));
    for round in 0..STORES {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("QubesLogs/work");
        let expected = fill(&folder);
        // The second run finds what the first one left.
        for again in 0..2 {
            let share = (random(round << 1 | again) % 1000) as f64 / 1000.0;
            kill(home.path(), longest.mul_f64(share));
            assert!(seen(&folder).0 == expected, "round {round}");
            let (packed, parts) = (with_end(&folder, "zst").len(), with_end(&folder, "part").len());
            at_work += u64::from((packed > 0 && packed < expected.len()) || parts > 0);
            // Aim within the time that a run takes on this machine.
            longest = longest.mul_f64(if packed == expected.len() { 0.9 } else { 1.1 });
        }
        assert!(run(home.path()).wait().unwrap().success());
        let (now, count) = seen(&folder);
        assert!(now == expected && count == expected.len(), "round {round}");
        assert_eq!((with_end(&folder, "zst").len(), with_end(&folder, "part").len()), (expected.len(), 0));
        accepted_by_zstd(&folder);
    }
    assert!(at_work > STORES / 10, "only {at_work} kills met a run at work");
}
