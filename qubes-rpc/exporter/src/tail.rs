//! Follows a file by its name, as `tail -F` does: through renaming, truncation and replacement.
//!
//! Unlike `tail -F` it recognises a file that was copied and truncated and has since grown past the old place (by the
//! bytes before that place), reads a renamed file to its end before it opens the new one, and after a restart finds
//! the renamed file beside the new one.

use crate::place::{FilePlace, PRINT_MAX, Print};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A renamed file is read on for so long while its successor is still empty, in microseconds: its writer may not have
/// opened the successor yet.
const LINGER: u64 = 5_000_000;
/// How many names beside the file are looked at for the file that it was.
const SIBLINGS_MAX: usize = 1000;

/// A followed file.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    /// The place to go on from, before the first file is open.
    resume: Option<FilePlace>,
    /// Whether what the next file holds was written before it was followed.
    is_backlog: bool,
    /// A file that is never followed: where the exporter's own messages go.
    refused: Option<(u64, u64)>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: (u64, u64),
    offset: u64,
    /// The last bytes before `offset`.
    print: Print,
    /// Since when the name belongs to another file.
    replaced: Option<u64>,
}

/// What following has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A file is read from this place on; so many bytes were there before.
    Begin(FilePlace, u64),
    /// So many bytes were read.
    Read(usize),
    /// What was read is complete: the file was replaced or truncated.
    Ended,
    /// Nothing new.
    Idle,
}

impl Tail {
    /// Follows `path` from `resume` on, or from its start.
    pub fn new(path: &Path, resume: Option<FilePlace>, refused: Option<(u64, u64)>) -> Self {
        Tail { path: path.to_owned(), resume, is_backlog: true, refused, open: None }
    }

    /// Does the next step; read bytes go into `buffer`. `now` is a monotonic time in microseconds.
    pub fn step(&mut self, now: u64, buffer: &mut [u8]) -> io::Result<Step> {
        let Some(open) = &mut self.open else { return self.begin() };
        let size = open.file.metadata()?.len();
        if size < open.offset || (size > open.offset && !open.is_as_read()?) {
            self.open = None;
            return Ok(Step::Ended);
        }
        let count = open.read(buffer)?;
        if count > 0 {
            return Ok(Step::Read(count));
        }
        if open.is_replaced(&self.path, now) {
            self.open = None;
            return Ok(Step::Ended);
        }
        Ok(Step::Idle)
    }

    fn begin(&mut self) -> io::Result<Step> {
        let resumed = self.resume.take().and_then(|place| Some((self.find(&place)?, place)));
        if let Some((file, place)) = resumed {
            return self.begin_at(file, place.offset, place.print);
        }
        match open_regular(&self.path) {
            Ok(file) => self.begin_at(file, 0, Print::of(b"")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Step::Idle),
            Err(error) => Err(error),
        }
    }

    fn begin_at(&mut self, file: File, offset: u64, print: Print) -> io::Result<Step> {
        let metadata = file.metadata()?;
        let identity = identity(&metadata);
        if self.refused == Some(identity) {
            return Err(io::Error::other("this is where the exporter's own messages go"));
        }
        let backlog = if self.is_backlog { metadata.len() } else { 0 };
        self.is_backlog &= open_regular(&self.path).and_then(|named| is_file(&named, identity)).is_ok_and(|same| !same);
        self.open = Some(Open { file, identity, offset, print, replaced: None });
        Ok(Step::Begin(FilePlace { identity, offset, print }, backlog))
    }

    /// The file of `place`, under its name or another that begins with it.
    fn find(&self, place: &FilePlace) -> Option<File> {
        let matches = |path: &Path| {
            let file = open_regular(path).ok()?;
            let same = is_file(&file, place.identity).ok()? && has_print(&file, place.offset, place.print).ok()?;
            same.then_some(file)
        };
        matches(&self.path).or_else(|| {
            let name = self.path.file_name()?.as_encoded_bytes();
            let siblings = self.path.parent()?.read_dir().ok()?.take(SIBLINGS_MAX).flatten();
            let mut similar = siblings.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(name));
            similar.find_map(|entry| matches(&entry.path()))
        })
    }
}

impl Open {
    fn is_as_read(&self) -> io::Result<bool> {
        has_print(&self.file, self.offset, self.print)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        if count > 0 {
            self.print = Print::of(&buffer[..count]);
            self.offset += count as u64;
        }
        Ok(count)
    }

    fn is_replaced(&mut self, path: &Path, now: u64) -> bool {
        let Ok(named) = path.metadata() else { return false };
        if identity(&named) == self.identity {
            self.replaced = None;
            return false;
        }
        let since = *self.replaced.get_or_insert(now);
        named.len() > 0 || now.saturating_sub(since) >= LINGER
    }
}

/// Opens a file without waiting (a FIFO would) and refuses what is no regular file.
fn open_regular(path: &Path) -> io::Result<File> {
    const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("this is no regular file")),
    }
}

/// Device and inode number.
pub fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn is_file(file: &File, expected: (u64, u64)) -> io::Result<bool> {
    Ok(identity(&file.metadata()?) == expected)
}

fn has_print(file: &File, offset: u64, print: Print) -> io::Result<bool> {
    let mut bytes = [0; PRINT_MAX];
    let Some(bytes) = bytes.get_mut(..usize::from(print.len)) else { return Ok(false) };
    let Some(start) = offset.checked_sub(bytes.len() as u64) else { return Ok(false) };
    match file.read_exact_at(bytes, start) {
        Ok(()) => Ok(Print::of(bytes) == print),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
