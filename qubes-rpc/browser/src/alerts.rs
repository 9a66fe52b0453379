//! The last lines of `alerts.log`, which collector and compressor write.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use logvm_wire::{alert, stamp};

/// Bytes that are read of the end of the file.
const TAIL: u64 = 64 << 10;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// When it was written, in microseconds since 1970; none where the line is not as it should be.
    pub at: Option<u64>,
    /// The qube it is about; empty where the line is not as it should be.
    pub origin: String,
    /// What it says.
    pub text: String,
}

/// The alerts at the end of a file, the latest first; none when there is no such file.
///
/// # Errors
/// When the file is there and cannot be read, or is no plain file.
pub fn read(path: &Path) -> io::Result<Vec<Alert>> {
    let about = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        about => about?,
    };
    if !about.is_file() {
        return Err(io::Error::other("no plain file"));
    }
    let mut file = File::open(path)?;
    let start = about.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(parse(&bytes, start > 0))
}

/// The alerts in `bytes`, the latest first; `cut` says that the first line has lost its beginning.
fn parse(bytes: &[u8], cut: bool) -> Vec<Alert> {
    let lines = bytes.split(|byte| *byte == b'\n').skip(usize::from(cut)).filter(|line| !line.is_empty());
    let mut alerts: Vec<Alert> = lines.map(line).collect();
    alerts.reverse();
    alerts
}

fn line(line: &[u8]) -> Alert {
    match alert::parse(line) {
        Some((at, origin, text)) => {
            Alert { at: Some(stamp::micros(at)), origin: origin.to_string(), text: text.to_owned() }
        }
        None => Alert { at: None, origin: String::new(), text: String::from_utf8_lossy(line).into_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_comes_first_and_odd_lines_are_kept() {
        let text = b"ut off\n1970-01-01T00:00:00.000001Z\twork\t80 %\n\nodd\xff\n";
        let alerts = parse(text, true);
        assert_eq!(alerts[0], Alert { at: None, origin: String::new(), text: "odd\u{fffd}".into() });
        assert_eq!(alerts[1], Alert { at: Some(1), origin: "work".into(), text: "80 %".into() });
        assert_eq!(alerts.len(), 2);
    }

    #[test]
    fn only_the_end_of_a_plain_file_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("alerts.log");
        assert_eq!(read(&path).expect("no file is no error"), []);
        fs::write(&path, "1970-01-01T00:00:00.000001Z\twork\tx\n".repeat(10_000)).expect("written");
        assert!((1000..2000).contains(&read(&path).expect("readable").len()));
        assert!(read(folder.path()).is_err());
    }
}
