//! The bytes of a source that are in a file of the user's.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::content::CHUNK;

/// Files that are kept open, of the whole process; others are opened for each read. A process may have 1024 open.
const KEPT_OPEN: usize = 128;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// A regular file that is read at any place.
#[derive(Debug)]
pub struct FileContent {
    path: PathBuf,
    /// Device and inode, to notice that another file has taken the name.
    identity: (u64, u64),
    /// The longest that it has been seen.
    length: AtomicU64,
    kept: Option<File>,
}

impl FileContent {
    /// Opens `path`.
    ///
    /// # Errors
    /// When it cannot be opened or is not a regular file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let keep =
            OPEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| (open < KEPT_OPEN).then_some(open + 1));
        Ok(Self {
            path: path.to_path_buf(),
            identity: (metadata.dev(), metadata.ino()),
            length: AtomicU64::new(metadata.len()),
            kept: keep.is_ok().then_some(file),
        })
    }

    /// Appends `length` bytes from `offset` to `out`, or as many as there are.
    pub(super) fn read(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        self.with_file(|file| {
            let available = self.available(file, offset, offset.saturating_add(length as u64))?;
            let start = out.len();
            out.resize(start.saturating_add(usize::try_from(available).unwrap_or(length)), 0);
            file.read_exact_at(&mut out[start..], offset)
        })
    }

    /// Hands out the bytes from `from` to `to`, or as many as there are.
    pub(super) fn for_each_chunk(
        &self,
        from: u64,
        to: u64,
        visit: &mut dyn FnMut(&[u8], u64) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.with_file(|file| {
            let end = from.saturating_add(self.available(file, from, to)?);
            let mut chunk = vec![0; CHUNK.min(usize::try_from(end - from).unwrap_or(CHUNK))];
            let mut at = from;
            while at < end {
                let length = chunk.len().min(usize::try_from(end - at).unwrap_or(CHUNK));
                file.read_exact_at(&mut chunk[..length], at)?;
                if visit(&chunk[..length], at).is_break() {
                    break;
                }
                at += length as u64;
            }
            Ok(())
        })
    }

    /// How many of the bytes from `from` to `to` the file has; it may have grown, but must not have shrunk.
    fn available(&self, file: &File, from: u64, to: u64) -> io::Result<u64> {
        let now = file.metadata()?.len();
        let longest = self.length.fetch_max(now, Ordering::Relaxed).max(now);
        if now < to.min(longest) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(now.min(to).saturating_sub(from))
    }

    fn with_file(&self, job: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
        let result = match &self.kept {
            Some(file) => job(file),
            None => self.reopen().and_then(|file| job(&file)),
        };
        result.map_err(|error| {
            let what = if error.kind() == io::ErrorKind::UnexpectedEof {
                "it has become shorter".to_owned()
            } else {
                error.to_string()
            };
            io::Error::new(error.kind(), format!("{}: cannot be read again: {what}", self.path.display()))
        })
    }

    fn reopen(&self) -> io::Result<File> {
        let file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        if (metadata.dev(), metadata.ino()) != self.identity {
            return Err(io::Error::other("another file has its name now"));
        }
        Ok(file)
    }
}

impl Drop for FileContent {
    fn drop(&mut self) {
        if self.kept.is_some() {
            OPEN.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Content;

    #[test]
    fn a_file_that_has_shrunk_is_an_error_and_one_that_grew_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, b"0123456789").unwrap();
        let content = Content::file(&path).unwrap();
        let read = |offset, length| {
            let mut out = Vec::new();
            content.read(offset, length, &mut out).map(|()| out)
        };
        assert_eq!(read(8, 100).unwrap(), b"89");
        assert_eq!(read(100, 100).unwrap(), b"");
        std::fs::write(&path, b"0123456789abc").unwrap();
        assert_eq!(read(8, 100).unwrap(), b"89abc");
        std::fs::write(&path, b"01234").unwrap();
        assert_eq!(read(1, 4).unwrap(), b"1234");
        let error = read(4, 2).unwrap_err().to_string();
        assert!(error.contains("become shorter"), "{error}");
        assert!(content.for_each_chunk(0, u64::MAX, |_, _| ControlFlow::Continue(())).is_err());
    }

    #[test]
    fn more_files_than_are_kept_open_can_be_read_unless_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, b"first").unwrap();
        let all: Vec<Content> = (0..2 * KEPT_OPEN).map(|_| Content::file(&path).unwrap()).collect();
        let mut out = Vec::new();
        all.iter().for_each(|content| content.read(0, 1, &mut out).unwrap());
        assert_eq!(out, [b'f'; 2 * KEPT_OPEN]);
        let other = directory.path().join("other");
        std::fs::write(&other, b"other").unwrap();
        std::fs::rename(&other, &path).unwrap();
        let error = all.last().unwrap().read(0, 1, &mut out).unwrap_err().to_string();
        assert!(error.contains("another file"), "{error}");
        drop(all);
        assert!(OPEN.load(Ordering::Relaxed) <= KEPT_OPEN);
    }
}
