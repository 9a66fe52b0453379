//! Finds the files that the user's inputs stand for, without opening them.

use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::header::BLOCK;
use super::limits::Limits;
use super::origin::{date_of, origin_of};
use super::stream::{Format, detect};
use crate::civil::Date;
use crate::record::Timestamp;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub path: PathBuf,
    /// Its name for the user: the path as given, or below what was given.
    pub name: String,
    /// Bytes it has now; 0 for a pipe.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// The qube that its path names.
    pub origin: Option<String>,
    /// The day that its path names.
    pub date: Option<Date>,
    /// It is a regular file, whose bytes can be read again.
    pub regular: bool,
}

impl Listed {
    /// Whether its first bytes are those of a capture, or of an archive or compressed stream that may have one in it.
    /// A pipe is not looked into: it may.
    #[must_use]
    pub fn may_hold_packets(&self) -> bool {
        if !self.regular {
            return true;
        }
        let mut start = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(BLOCK as u64).read_to_end(&mut start));
        read.is_ok() && (detect(&start) != Format::Leaf || CAPTURE_MAGICS.iter().any(|magic| start.starts_with(magic)))
    }
}

/// First bytes of pcap (microseconds, nanoseconds and modified, both byte orders) and pcapng files.
const CAPTURE_MAGICS: [&[u8]; 7] = [
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x34\xcd\xb2\xa1",
    b"\xa1\xb2\xcd\x34",
    b"\x0a\x0d\x0d\x0a",
];

/// Something that is not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name for the user.
    pub name: String,
    /// Why.
    pub message: String,
}

/// What inputs stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files, in the order of the inputs, and within a directory in the order of their paths' bytes.
    pub files: Vec<Listed>,
    /// What cannot or must not be read.
    pub problems: Vec<Problem>,
}

/// Lists the files of `inputs`: files stand for themselves, directories for all files in them at any depth. An input may
/// be a symbolic link or a pipe, since the user named it; in directories links are not followed, and devices, pipes and
/// sockets are not opened: each is a problem of the listing.
#[must_use]
pub fn list(inputs: &[PathBuf], limits: &Limits) -> Listing {
    let mut lister = Lister { limits, listing: Listing::default(), root: PathBuf::new(), full: PathBuf::new() };
    for input in inputs {
        lister.input(input);
    }
    lister.listing
}

struct Lister<'a> {
    limits: &'a Limits,
    listing: Listing,
    /// The input as it was given.
    root: PathBuf,
    /// The input without links and relative parts.
    full: PathBuf,
}

impl Lister<'_> {
    fn input(&mut self, input: &Path) {
        self.root = input.to_path_buf();
        self.full = fs::canonicalize(input).unwrap_or_else(|_| input.to_path_buf());
        match fs::metadata(input) {
            Ok(metadata) if metadata.is_dir() => self.directory(),
            Ok(metadata) if metadata.is_file() || metadata.file_type().is_fifo() => self.file(input, &metadata),
            Ok(metadata) => self.problem(input, format!("{}: not read", kind(metadata.file_type()))),
            Err(error) => self.problem(input, format!("cannot be read: {error}")),
        }
    }

    fn directory(&mut self) {
        let (first_file, first_problem) = (self.listing.files.len(), self.listing.problems.len());
        let mut open = vec![self.root.clone()];
        while let Some(directory) = open.pop() {
            self.entries(&directory, &mut open);
            if self.is_full() {
                self.problem(&directory, format!("not listed further: there are {} files", self.limits.members));
                break;
            }
        }
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        self.listing.files[first_file..].sort_by_cached_key(|file| bytes(&file.path));
        self.listing.problems[first_problem..].sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn entries(&mut self, directory: &Path, open: &mut Vec<PathBuf>) {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => return self.problem(directory, format!("cannot be listed: {error}")),
        };
        for entry in entries {
            if self.is_full() {
                return;
            }
            match entry {
                Ok(entry) => self.entry(&entry, open),
                Err(error) => self.problem(directory, format!("cannot be listed to the end: {error}")),
            }
        }
    }

    fn is_full(&self) -> bool {
        self.listing.files.len() as u64 >= self.limits.members
    }

    fn entry(&mut self, entry: &fs::DirEntry, open: &mut Vec<PathBuf>) {
        let path = entry.path();
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => open.push(path),
            Ok(metadata) if metadata.is_file() => self.file(&path, &metadata),
            Ok(metadata) => self.problem(&path, format!("{}: not read", kind(metadata.file_type()))),
            Err(error) => self.problem(&path, format!("cannot be read: {error}")),
        }
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) {
        let below = path.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let full = if below.as_os_str().is_empty() { self.full.clone() } else { self.full.join(below) };
        let full = full.to_string_lossy();
        self.listing.files.push(Listed {
            path: path.to_path_buf(),
            name: path.to_string_lossy().into_owned(),
            size: metadata.len(),
            modified: modified(metadata),
            origin: origin_of(&full).map(str::to_owned),
            date: date_of(&full),
            regular: metadata.is_file(),
        });
    }

    fn problem(&mut self, path: &Path, message: String) {
        self.listing.problems.push(Problem { name: path.to_string_lossy().into_owned(), message });
    }
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_parts(i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}

fn kind(file: FileType) -> &'static str {
    match () {
        () if file.is_symlink() => "a symbolic link",
        () if file.is_fifo() => "a pipe",
        () if file.is_socket() => "a socket",
        () => "a device",
    }
}
