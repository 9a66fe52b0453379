//! Random stores, and a naive model that says which files must survive and under which names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use logvm_compressor::pass::{How, Pass};
use logvm_compressor::settings::Settings;
use logvm_wire::limits::FILE_OVERHEAD;
use logvm_wire::quota::Quotas;
use logvm_wire::{Compression, Kind, QubeName, SegmentName, alert, stamp};
use proptest::prelude::*;

const NOW: i64 = 1_795_233_276;
const SETTINGS: &str = "notify = []\n[all]\nmax_age = '30d'\ncompress_after = '1h'\nrecent = '10m'\n";
const COPY: &[u8] = b"a copy that was complete";

/// A session in the store.
#[derive(Clone, Debug, Default)]
struct Session {
    origin: u8,
    /// Minutes before now at which it last changed; negative is in the future.
    age: i64,
    size: usize,
    export: bool,
    packed: bool,
    open: bool,
    held: bool,
    /// A crash left the compressed file beside the plain one.
    double: bool,
    /// A crash left only the stamps.
    orphan: bool,
}

fn session() -> impl Strategy<Value = Session> {
    let age = prop_oneof![-200..200_i64, 0..70_000_i64, Just(10), Just(60), Just(43_200)];
    let often = (prop::bool::weighted(0.3), prop::bool::weighted(0.3), prop::bool::weighted(0.15));
    let rare = (prop::bool::weighted(0.15), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (0..3_u8, age, 0..20_000_usize, often, rare).prop_map(|(origin, age, size, (export, packed, open), rare)| {
        let open = open && !packed;
        let double = rare.1 && !packed && !open;
        let orphan = rare.2 && export && !packed && !open && !double;
        Session { origin, age, size, export, packed, open, held: rare.0, double, orphan }
    })
}

fn at(minutes: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs((NOW - minutes * 60).unsigned_abs())
}

fn put(path: &Path, text: &[u8], modified: SystemTime) -> File {
    fs::write(path, text).unwrap();
    let file = File::options().read(true).write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
    file
}

impl Session {
    fn name(&self, number: usize, kind: Kind, compression: Compression) -> SegmentName {
        let start = at(self.age + 5) + Duration::from_micros(number as u64);
        SegmentName { start, session: format!("{number:016x}"), part: 0, kind, compression }
    }

    /// The files of this session, with their contents.
    fn files(&self, number: usize) -> Vec<(SegmentName, Vec<u8>)> {
        let text = format!("line of {number}\n").repeat(self.size / 10 + 1).into_bytes();
        let mut files = if self.export {
            vec![(Kind::Export, text), (Kind::Stamps, format!("{number}\n").into_bytes())]
        } else {
            vec![(Kind::Log, text)]
        };
        if self.orphan {
            files.remove(0);
        }
        let compression = if self.packed { Compression::Zst } else { Compression::None };
        let stored = |text: Vec<u8>| if self.packed { zstd::encode_all(&text[..], 3).unwrap() } else { text };
        files.into_iter().map(|(kind, text)| (self.name(number, kind, compression), stored(text))).collect()
    }

    /// Writes the files; the lock on the segment, if it is open.
    fn write(&self, number: usize, folder: &Path) -> Option<File> {
        fs::create_dir_all(folder).unwrap();
        let mut main = None;
        for (name, text) in self.files(number) {
            let file = put(&folder.join(name.to_string()), &text, at(self.age));
            if self.double && name.kind != Kind::Stamps {
                let double = SegmentName { compression: Compression::Zst, ..name };
                put(&folder.join(double.to_string()), COPY, at(self.age));
                put(&folder.join(format!("{double}.part")), b"torn", at(self.age));
            }
            main.get_or_insert(file);
        }
        if self.held {
            fs::write(folder.join(self.name(number, Kind::Log, Compression::None).hold()), b"").unwrap();
        }
        main.filter(|file| self.open && file.try_lock().is_ok())
    }
}

/// What must be there afterwards: by name without compression, whether it is compressed.
fn survivors(sessions: &[(usize, Session)], quota: u64, mut total: u64) -> BTreeMap<String, bool> {
    let mut kept = BTreeMap::new();
    for (number, session) in sessions {
        let files = session.files(*number);
        if session.double {
            total -= COPY.len() as u64 + FILE_OVERHEAD;
        }
        let protected = session.open || session.held || session.age.abs() < 10;
        let over = total > quota - quota / 10;
        if !protected && (session.orphan || session.age > 43_200 || over) {
            total -= files.iter().map(|(_, text)| text.len() as u64 + FILE_OVERHEAD).sum::<u64>();
            continue;
        }
        let packs = !session.open && !session.held && session.age >= 60 && !session.packed;
        for (name, text) in files {
            if packs {
                total = total - text.len() as u64 + packed_size(&text);
            }
            kept.insert(plain(&name).to_string(), packs || session.packed);
        }
    }
    kept
}

fn packed_size(text: &[u8]) -> u64 {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.set_pledged_src_size(Some(text.len() as u64)).unwrap();
    std::io::copy(&mut &text[..], &mut encoder).unwrap();
    encoder.finish().unwrap().len() as u64
}

fn plain(name: &SegmentName) -> SegmentName {
    SegmentName { compression: Compression::None, ..name.clone() }
}

/// The segments in a folder.
fn stored(folder: &Path) -> Vec<SegmentName> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| SegmentName::parse(name.to_str().unwrap())).collect()
}

fn charged(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let whole = files.filter(|entry| entry.path().extension().is_none_or(|end| end != "part"));
    whole.map(|entry| entry.metadata().unwrap().len() + FILE_OVERHEAD).sum()
}

/// Checks contents and times; by plain name, whether it is compressed. Nothing may be there twice.
fn found(folder: &Path, sessions: &[(usize, Session)]) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for name in stored(folder) {
        let packed = name.compression != Compression::None;
        assert_eq!(found.insert(plain(&name).to_string(), packed), None, "twice: {name}");
        let number = usize::from_str_radix(&name.session, 16).unwrap();
        let (_, session) = sessions.iter().find(|(other, _)| *other == number).unwrap();
        let files = Session { packed: false, ..session.clone() }.files(number);
        let (_, text) = files.iter().find(|(other, _)| other.kind == name.kind).unwrap();
        let path = folder.join(name.to_string());
        let stored = fs::read(&path).unwrap();
        let unpacked = if packed { zstd::decode_all(&stored[..]).unwrap() } else { stored };
        assert_eq!(&unpacked, text);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), at(session.age));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_the_model_keeps(
        sessions in prop::collection::vec(session(), 0..40),
        quota in 1_000..400_000_u64,
        window in 5..50_usize,
        origin_held in prop::bool::weighted(0.2),
    ) {
        let home = tempfile::tempdir().unwrap();
        let folder = |origin: u8| home.path().join(format!("QubesLogs/qube{origin}"));
        fs::create_dir_all(folder(0)).unwrap();
        let mut open = Vec::new();
        let mut origins: BTreeMap<u8, Vec<(usize, Session)>> = BTreeMap::new();
        for (number, session) in sessions.into_iter().enumerate() {
            open.extend(session.write(number, &folder(session.origin)));
            let held = session.held || (origin_held && session.origin == 0);
            origins.entry(session.origin).or_default().push((number, Session { held, ..session }));
        }
        if origin_held {
            fs::write(folder(0).join(".hold"), b"").unwrap();
        }
        let mut wanted = BTreeMap::new();
        for (origin, sessions) in &mut origins {
            sessions.sort_by_key(|(number, session)| session.name(*number, Kind::Log, Compression::None).stem());
            wanted.insert(*origin, survivors(sessions, quota, charged(&folder(*origin))));
        }

        let settings = Settings::parse(SETTINGS).unwrap();
        let quotas = Quotas::parse(&format!("* {quota}")).unwrap();
        let how = How { window, ..How::new(&settings, &quotas, at(0)) };
        let pass = Pass::open(home.path()).unwrap();
        prop_assert!(pass.run(&how, &mut |_, _| ()).unwrap());
        for (origin, sessions) in &origins {
            prop_assert_eq!(&found(&folder(*origin), sessions), &wanted[origin]);
            let parts = fs::read_dir(folder(*origin)).unwrap().map(|entry| entry.unwrap().path());
            prop_assert!(parts.into_iter().all(|path| path.extension().is_none_or(|end| end != "part")));
        }
        let mut said = Vec::new();
        pass.run(&how, &mut |origin, what| said.push(format!("{origin} {what}"))).unwrap();
        prop_assert!(said.is_empty(), "{said:?}");
        drop(open);
    }
}

fn run(home: &Path, settings: &str, quotas: &str) -> Vec<String> {
    let (settings, quotas) = (Settings::parse(settings).unwrap(), Quotas::parse(quotas).unwrap());
    let mut said = Vec::new();
    let how = How::new(&settings, &quotas, at(0));
    Pass::open(home).unwrap().run(&how, &mut |_, what| said.push(what.to_owned())).unwrap();
    said
}

#[test]
fn a_dry_run_does_nothing_and_says_everything() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("QubesLogs/work");
    Session { age: 70_000, export: true, ..Session::default() }.write(1, &folder);
    Session { age: 100, export: true, ..Session::default() }.write(2, &folder);
    let before = stored(&folder);
    let (settings, quotas) = (Settings::parse(SETTINGS).unwrap(), Quotas::default());
    let mut said = Vec::new();
    let how = How { dry: true, ..How::new(&settings, &quotas, at(0)) };
    Pass::open(home.path()).unwrap().run(&how, &mut |_, what| said.push(what.to_owned())).unwrap();
    assert_eq!(stored(&folder), before);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("remove ") && said[0].contains("too old") && said[1].starts_with("compress "));
}

#[test]
fn only_what_is_told_is_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("QubesLogs");
    let new = Session { age: 1, export: true, ..Session::default() };
    ["gone", "there", "held"].into_iter().for_each(|name| drop(new.write(1, &root.join(name))));
    fs::write(root.join("held/.hold"), b"").unwrap();
    let (settings, quotas) = (Settings::parse(SETTINGS).unwrap(), Quotas::default());
    let pass = Pass::open(home.path()).unwrap();
    for name in ["gone", "held"] {
        let name = QubeName::parse(name).unwrap();
        let how = How { forget: Some(&name), ..How::new(&settings, &quotas, at(0)) };
        assert!(pass.run(&how, &mut |_, _| ()).unwrap());
    }
    assert!(!root.join("gone").exists());
    assert_eq!((stored(&root.join("there")).len(), stored(&root.join("held")).len()), (2, 2));
}

#[test]
fn links_and_strangers_are_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let (work, outside) = (home.path().join("QubesLogs/work"), home.path().join("outside"));
    fs::create_dir_all(&work).unwrap();
    fs::create_dir(&outside).unwrap();
    let name = |number: u8| format!("{}-{number:016x}.log", String::from_utf8_lossy(&stamp::compact(at(70_000))));
    put(&outside.join(name(1)), b"mine", at(70_000));
    std::os::unix::fs::symlink(outside.join(name(1)), work.join(name(1))).unwrap();
    std::os::unix::fs::symlink(&outside, home.path().join("QubesLogs/linked")).unwrap();
    fs::create_dir(work.join(name(2))).unwrap();
    for stranger in ["notes.txt", "x.part", "-rf", "a\nb", ".hidden"] {
        fs::write(work.join(stranger), b"x").unwrap();
    }
    assert_eq!(run(home.path(), SETTINGS, "* 1"), [""; 0]);
    assert_eq!(fs::read(outside.join(name(1))).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&work).unwrap().count(), 7);
}

#[test]
fn an_origin_that_is_being_created_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("QubesLogs/work");
    // A collector makes and locks the stamps before the export; its clock may have been set back since.
    let orphan = Session { age: 100, export: true, orphan: true, open: true, ..Session::default() };
    let lock = orphan.write(1, &folder);
    assert_eq!(run(home.path(), SETTINGS, "* 1"), [""; 0]);
    drop(lock);
    assert_eq!(run(home.path(), SETTINGS, "* 1").len(), 1);
}

#[test]
fn a_full_disk_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("QubesLogs/work");
    let text: String = (0..200_000_u32).map(|number| format!("{:x}\n", number.wrapping_mul(0x9e37_79b9))).collect();
    fs::create_dir_all(&folder).unwrap();
    let name = Session { age: 100, ..Session::default() }.name(1, Kind::Log, Compression::None).to_string();
    put(&folder.join(&name), text.as_bytes(), at(100));
    // No file may be longer than 64 blocks of 512 bytes: writing fails half way, as on a full disk.
    let script = "ulimit -f 64; trap '' XFSZ; exec \"$0\" --once --home \"$1\"";
    let program = env!("CARGO_BIN_EXE_logvm-compressor");
    let result = Command::new("/bin/sh").args(["-c", script, program]).arg(home.path()).output().unwrap();
    assert_eq!(result.status.code(), Some(74), "{result:?}");
    assert_eq!(fs::read_to_string(folder.join(&name)).unwrap(), text);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let alerts = fs::read(home.path().join("QubesLogs/alerts.log")).unwrap();
    assert!(String::from_utf8(alerts).unwrap().contains(&name));
}

#[test]
fn one_compressor_runs_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("QubesLogs")).unwrap();
    let first = Pass::open(home.path()).unwrap();
    assert!(Pass::open(home.path()).is_err());
    drop(first);
    assert!(Pass::open(home.path()).is_ok());
}

#[test]
fn gzip_does_as_well() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("QubesLogs/work");
    let old = Session { age: 100, size: 5000, ..Session::default() };
    old.write(1, &folder);
    run(home.path(), "[all]\ncompression = 'gzip'", "* 1G");
    let name = old.name(1, Kind::Log, Compression::Gz).to_string();
    let mut text = Vec::new();
    let stored = File::open(folder.join(name)).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(stored), &mut text).unwrap();
    assert_eq!(text, old.files(1)[0].1);
}

#[test]
fn alerts_are_written_once_and_notified() {
    let home = tempfile::tempdir().unwrap();
    Session { age: 1, size: 1000, ..Session::default() }.write(1, &home.path().join("QubesLogs/work"));
    let told = home.path().join("told");
    let settings = format!("notify = ['/bin/sh', '-c', 'echo \"$0\" >> {}']", told.display());
    (0..3).for_each(|_| drop(run(home.path(), &settings, "* 5K")));
    let alerts = fs::read(home.path().join("QubesLogs/alerts.log")).unwrap();
    assert_eq!(alerts.iter().filter(|byte| **byte == b'\n').count(), 1);
    let (_, origin, text) = alert::parse(&alerts).unwrap();
    assert!(text.contains('%'));
    assert_eq!(fs::read_to_string(told).unwrap(), format!("{origin}: {text}\n"));
}
