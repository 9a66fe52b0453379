//! Directories that nothing below can lead out of: no link is followed, no `..` obeyed, no special file opened.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, ResolveFlags, Stat};
use rustix::io::Errno;

/// Bytes that one reading of directory entries may fill.
const ENTRIES: usize = 32 << 10;

/// Opening anything here never follows a link, never blocks on a FIFO and is not inherited by children.
const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// An open directory; every path given to it stays below it.
#[derive(Debug)]
pub struct Dir(OwnedFd);

/// What a directory says of one of its names, itself no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// It is a regular file.
    pub is_file: bool,
    /// It is a directory.
    pub is_dir: bool,
    /// Bytes.
    pub size: u64,
    /// When its contents last changed.
    pub modified: SystemTime,
}

impl Dir {
    /// Opens a root. Links on the way to it are followed: it is the user's own choice, not what a qube sent.
    ///
    /// # Errors
    /// When there is no such directory, or it may not be read.
    pub fn root(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// Another handle on the same directory.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }

    /// Opens a directory below this one.
    ///
    /// # Errors
    /// When the path leads out, crosses a link, or ends at anything but a directory.
    pub fn dir(&self, path: &[u8]) -> io::Result<Self> {
        Ok(Self(self.open(path, SAFE | OFlags::DIRECTORY)?))
    }

    /// Opens a regular file below this directory for reading.
    ///
    /// # Errors
    /// When the path leads out, crosses a link, or ends at anything but a regular file.
    pub fn file(&self, path: &[u8]) -> io::Result<File> {
        let file = File::from(self.open(path, SAFE | OFlags::RDONLY)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::from(Errno::NOTSUP)) }
    }

    /// What a name in this directory is.
    ///
    /// # Errors
    /// When there is no such name.
    pub fn entry(&self, name: &[u8]) -> io::Result<Entry> {
        let stat = rustix::fs::statat(&self.0, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Entry::from(&stat))
    }

    /// Shows every name in this directory but `.` and `..`, in no order. While it reads, nothing that keeps to the
    /// store's rules replaces a file by another, so that a segment under compression is seen under one name at least.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn names(&self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
        // Another description of the directory: position and lock are not shared with other readers.
        let fd = rustix::fs::openat(&self.0, ".", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        rustix::fs::flock(&fd, rustix::fs::FlockOperation::LockShared)?;
        let mut buffer = Vec::with_capacity(ENTRIES);
        let mut entries = RawDir::new(&fd, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                show(name);
            }
        }
        Ok(())
    }

    /// Takes the lock under which names are replaced and removed; it is released when the result is dropped.
    ///
    /// # Errors
    /// When the directory cannot be opened again.
    pub fn lock(&self) -> io::Result<OwnedFd> {
        let fd = rustix::fs::openat(&self.0, ".", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        rustix::fs::flock(&fd, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(fd)
    }

    /// Creates an empty file in this directory; one that is there stays as it is.
    ///
    /// # Errors
    /// When it can be neither created nor found as a regular file.
    pub fn touch(&self, name: &[u8]) -> io::Result<()> {
        let flags = SAFE | OFlags::CREATE | OFlags::WRONLY;
        let file = File::from(rustix::fs::openat(&self.0, component(name)?, flags, Mode::RUSR | Mode::WUSR)?);
        file.sync_all()?;
        self.sync()
    }

    /// Removes a name from this directory.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn remove(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, component(name)?, AtFlags::empty())?)
    }

    /// Brings creations and removals in this directory to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    /// A file without a name on this directory's disk, for reading and writing.
    ///
    /// # Errors
    /// When the file system has none, or is read-only or full.
    pub fn nameless(&self) -> io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(&self.0, ".", flags, Mode::RUSR | Mode::WUSR)?))
    }

    fn open(&self, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(&self.0, OsStr::from_bytes(path), flags, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => open_by_component(self.0.as_fd(), path, flags),
            opened => Ok(opened?),
        }
    }
}

/// Opens component by component, for kernels and sandboxes without openat2(2).
fn open_by_component(base: impl AsFd, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let mut at = base.as_fd().try_clone_to_owned()?;
    let mut parts = path.split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        let wanted = if parts.peek().is_some() { SAFE | OFlags::DIRECTORY } else { flags };
        at = rustix::fs::openat(&at, component(part)?, wanted, Mode::empty())?;
    }
    Ok(at)
}

/// A single component that stays where it is.
fn component(part: &[u8]) -> io::Result<&OsStr> {
    let stays = !matches!(part, b"" | b"." | b"..") && !part.contains(&b'/');
    if stays { Ok(OsStr::from_bytes(part)) } else { Err(io::Error::from(Errno::XDEV)) }
}

impl From<&Stat> for Entry {
    fn from(stat: &Stat) -> Self {
        let kind = FileType::from_raw_mode(stat.st_mode);
        let seconds = Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
        let nanoseconds = Duration::from_nanos(stat.st_mtime_nsec);
        Self {
            is_file: kind.is_file(),
            is_dir: kind.is_dir(),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: UNIX_EPOCH.checked_add(seconds + nanoseconds).unwrap_or(UNIX_EPOCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn store() -> (tempfile::TempDir, Dir) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("QubesLogs");
        fs::create_dir_all(root.join("work/deep")).unwrap();
        fs::write(root.join("work/deep/a"), "inside").unwrap();
        fs::write(outer.path().join("secret"), "outside").unwrap();
        symlink("../secret", root.join("link")).unwrap();
        symlink("../..", root.join("work/up")).unwrap();
        symlink("deep", root.join("work/same")).unwrap();
        let dir = Dir::root(&root).unwrap();
        (outer, dir)
    }

    const LEADING_OUT: [&str; 9] =
        ["../secret", "link", "work/up/secret", "work/same/a", "/etc/passwd", "work/../work/deep/a/..", "..", "", "."];

    #[test]
    fn opens_what_is_below_and_nothing_else() {
        let (_outer, dir) = store();
        assert!(dir.file(b"work/deep/a").is_ok());
        assert!(dir.dir(b"work/deep").is_ok());
        for path in LEADING_OUT {
            assert!(dir.file(path.as_bytes()).is_err(), "{path}");
        }
    }

    #[test]
    fn opens_the_same_by_component() {
        let (_outer, dir) = store();
        assert!(open_by_component(&dir.0, b"work/deep/a", SAFE).is_ok());
        for path in LEADING_OUT {
            assert!(open_by_component(&dir.0, path.as_bytes(), SAFE).is_err(), "{path}");
        }
    }

    #[test]
    fn special_files_neither_open_nor_block() {
        let (outer, dir) = store();
        let fifo = outer.path().join("QubesLogs/fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert!(dir.file(b"fifo").is_err());
        assert!(dir.file(b"work").is_err());
        assert!(!dir.entry(b"fifo").unwrap().is_file);
    }
}
