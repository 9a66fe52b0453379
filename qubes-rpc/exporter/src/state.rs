//! The files that remember, for each lane, how far its source was acknowledged.
//!
//! A state file is a few lines of text that is replaced as a whole: written beside, synced, renamed, and the directory
//! synced. A crash leaves the old or the new one.

use crate::lane::Progress;
use crate::place::{FilePlace, JournalPlace, Print};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const HEADER: &str = "logvm-exporter state 1";
/// A state file is shorter than this.
const FILE_MAX: u64 = 64 * 1024;

/// The directory of the state files; locked, so that no second exporter sends the same again.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
    _lock: File,
}

impl StateDirectory {
    /// Makes the directory if it is missing, and locks it.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::Error(error) => error,
            fs::TryLockError::WouldBlock => io::Error::other("another exporter is running"),
        })?;
        Ok(StateDirectory { path: path.to_owned(), _lock: lock })
    }

    /// The state file of the journal on its way to `target`.
    pub fn journal(&self, target: &str) -> StateFile {
        self.file(format!("{target}.journal"))
    }

    /// The state file of `file` on its way to `target`.
    pub fn of_file(&self, target: &str, file: &Path) -> StateFile {
        let hash = |seed: u64| {
            file.as_os_str()
                .as_bytes()
                .iter()
                .fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
        };
        self.file(format!("{target}.file-{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15)))
    }

    fn file(&self, name: String) -> StateFile {
        StateFile { directory: self.path.clone(), name }
    }
}

/// The state of one lane.
#[derive(Debug)]
pub struct StateFile {
    directory: PathBuf,
    name: String,
}

impl StateFile {
    /// The saved state of a journal; the start, where there is none or it cannot be read.
    pub fn load_journal(&self) -> JournalPlace {
        self.text().and_then(|text| parse_journal(&text)).unwrap_or_default()
    }

    /// The saved place in a file, if there is one.
    pub fn load_file(&self) -> Option<FilePlace> {
        parse_file(&self.text()?)
    }

    /// Replaces the saved state.
    pub fn save(&self, progress: &Progress) -> io::Result<()> {
        let text = match progress {
            Progress::Journal(place) => format_journal(place),
            Progress::File(Some(place)) => format_file(place),
            Progress::File(None) | Progress::None => return Ok(()),
        };
        let temporary = self.directory.join(format!("{}.new", self.name));
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(&temporary, self.directory.join(&self.name))?;
        File::open(&self.directory)?.sync_all()
    }

    fn text(&self) -> Option<String> {
        let mut text = String::new();
        File::open(self.directory.join(&self.name)).ok()?.take(FILE_MAX).read_to_string(&mut text).ok()?;
        let body = text.strip_prefix(HEADER)?.strip_prefix('\n')?;
        body.strip_suffix("end\n").map(str::to_owned)
    }
}

fn format_journal(place: &JournalPlace) -> String {
    let mut text = format!("{HEADER}\ncursor {}\n", place.cursor.as_deref().unwrap_or_default());
    for (sequence, number) in place.sequences() {
        text += &format!("read {sequence} {number}\n");
    }
    text + "end\n"
}

fn parse_journal(text: &str) -> Option<JournalPlace> {
    let mut place = JournalPlace::default();
    for line in text.lines() {
        match line.split_once(' ')? {
            ("cursor", cursor) => place.cursor = (!cursor.is_empty()).then(|| cursor.into()),
            ("read", rest) => {
                let (sequence, number) = rest.split_once(' ')?;
                place.remember(sequence, number.parse().ok()?);
            }
            _ => return None,
        }
    }
    Some(place)
}

fn format_file(place: &FilePlace) -> String {
    let FilePlace { identity: (device, inode), offset, print } = place;
    format!("{HEADER}\nfile {device} {inode} {offset} {} {}\nend\n", print.len, print.hash)
}

fn parse_file(text: &str) -> Option<FilePlace> {
    let numbers = text.strip_prefix("file ")?.trim_end().split(' ').map(str::parse::<u64>);
    let numbers: Vec<u64> = numbers.collect::<Result<_, _>>().ok()?;
    let [device, inode, offset, len, hash] = numbers[..] else { return None };
    Some(FilePlace { identity: (device, inode), offset, print: Print { len: u8::try_from(len).ok()?, hash } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("logvm-exporter-state-{}-{name}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let state = StateDirectory::open(&directory("save")).unwrap();
        let mut journal = JournalPlace::default();
        journal.advance("s=a;i=1;b=0");
        journal.advance("s=b;i=f;b=0");
        state.journal("sys-log").save(&Progress::Journal(journal.clone())).unwrap();
        let loaded = state.journal("sys-log").load_journal();
        assert_eq!((loaded.cursor.clone(), loaded.sequences()), (journal.cursor.clone(), journal.sequences()));
        assert_eq!(state.journal("other").load_journal(), JournalPlace::default());

        let place = FilePlace { identity: (3, u64::MAX), offset: 77, print: Print::of(b"x") };
        let file = state.of_file("sys-log", Path::new("/var/log/a"));
        file.save(&Progress::File(Some(place))).unwrap();
        assert_eq!(file.load_file(), Some(place));
        assert_eq!(state.of_file("sys-log", Path::new("/var/log/b")).load_file(), None);
        fs::remove_dir_all(&state.path).unwrap();
    }

    #[test]
    fn a_torn_or_foreign_state_is_no_state() {
        let state = StateDirectory::open(&directory("torn")).unwrap();
        let file = state.of_file("sys-log", Path::new("/x"));
        for text in [
            "",
            "end\n",
            "logvm-exporter state 1\nfile 1 2 3 4 5",
            "logvm-exporter state 1\nfile 1 2 3\nend\n",
            "logvm-exporter state 2\nfile 1 2 3 4 5\nend\n",
            "logvm-exporter state 1\nfile 1 2 3 400 5\nend\n",
        ] {
            fs::write(state.path.join(&file.name), text).unwrap();
            assert_eq!(file.load_file(), None, "{text:?}");
            assert_eq!(file.load_journal(), JournalPlace::default(), "{text:?}");
        }
        fs::remove_dir_all(&state.path).unwrap();
    }

    #[test]
    fn a_second_exporter_is_refused() {
        let path = directory("lock");
        let first = StateDirectory::open(&path).unwrap();
        assert!(StateDirectory::open(&path).is_err());
        drop(first);
        assert!(StateDirectory::open(&path).is_ok());
        fs::remove_dir_all(&path).unwrap();
    }
}
