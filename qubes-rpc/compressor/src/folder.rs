//! A directory of the store, by one name at a time: no link is followed, no special file opened.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use logvm_wire::sorted::{self, Window};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, RawDir};

/// Bytes that one reading of directory entries may fill.
const ENTRIES: usize = 32 << 10;

/// Files of the store belong to its user alone.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// An open directory.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// What a name in it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// It is a regular file.
    pub is_file: bool,
    /// It is a directory.
    pub is_dir: bool,
    /// Bytes.
    pub size: u64,
    /// When it last changed.
    pub modified: SystemTime,
}

impl Folder {
    /// Opens the root of the store; links on the way to it are the user's own.
    ///
    /// # Errors
    /// When there is no such directory.
    pub fn root(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// Opens a directory in this one.
    ///
    /// # Errors
    /// When the name is anything else.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(&self.0, component(name)?, SAFE | OFlags::DIRECTORY, Mode::empty())?))
    }

    /// Opens a regular file.
    ///
    /// # Errors
    /// When the name is anything else.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let file = File::from(rustix::fs::openat(&self.0, component(name)?, SAFE | OFlags::RDONLY, Mode::empty())?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    /// Opens a regular file and takes the lock that its collector would hold; `None` while that one does.
    ///
    /// # Errors
    /// When the name is anything else.
    pub fn closed(&self, name: &str) -> io::Result<Option<File>> {
        let file = self.file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Creates a file that must not be there.
    ///
    /// # Errors
    /// When it is there, or the disk is full or read-only.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let flags = SAFE | OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY;
        Ok(File::from(rustix::fs::openat(&self.0, component(name)?, flags, PRIVATE)?))
    }

    /// Opens a file to append to, and creates it if need be.
    ///
    /// # Errors
    /// When the disk is full or read-only.
    pub fn append(&self, name: &str) -> io::Result<File> {
        let flags = SAFE | OFlags::CREATE | OFlags::APPEND | OFlags::WRONLY;
        Ok(File::from(rustix::fs::openat(&self.0, component(name)?, flags, PRIVATE)?))
    }

    /// Gives a file another name, in place of what had it.
    ///
    /// # Errors
    /// When the disk is full or read-only.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, component(from)?, &self.0, component(to)?)?)
    }

    /// Removes a file; one that is not there is as good as removed.
    ///
    /// # Errors
    /// When the disk is read-only.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.0, component(name)?, AtFlags::empty()) {
            Err(rustix::io::Errno::NOENT) => Ok(()),
            removed => Ok(removed?),
        }
    }

    /// Removes a directory in this one, if it is empty.
    ///
    /// # Errors
    /// When it is not empty.
    pub fn remove_folder(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, component(name)?, AtFlags::REMOVEDIR)?)
    }

    /// Brings names to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    /// Waits until nobody reads the names, and keeps them from it until the result is dropped.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn lock(&self) -> io::Result<OwnedFd> {
        self.locked(FlockOperation::LockExclusive)
    }

    /// What a name is; `None` when there is none.
    #[must_use]
    pub fn facts(&self, name: &str) -> Option<Facts> {
        let stat = rustix::fs::statat(&self.0, component(name).ok()?, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        let since = Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
        let modified = UNIX_EPOCH.checked_add(since + Duration::from_nanos(stat.st_mtime_nsec));
        Some(Facts {
            is_file: kind.is_file(),
            is_dir: kind.is_dir(),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: modified.unwrap_or(UNIX_EPOCH),
        })
    }

    /// Shows every name that is UTF-8, in no order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn names(&self, mut show: impl FnMut(&str)) -> io::Result<()> {
        let fd = self.locked(FlockOperation::LockShared)?;
        let mut buffer = Vec::with_capacity(ENTRIES);
        let mut entries = RawDir::new(&fd, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            if let Ok(name) = entry?.file_name().to_str() {
                show(name);
            }
        }
        Ok(())
    }

    /// Shows every name that is UTF-8, in order, those of one session's part together.
    ///
    /// # Errors
    /// What `show` returns; when the directory cannot be read.
    pub fn in_order(&self, room: usize, mut show: impl FnMut(&[String]) -> io::Result<()>) -> io::Result<()> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let mut window = Window::new(after.as_deref(), room);
            self.names(|name| window.offer(name.as_bytes()))?;
            let (names, more) = window.finish();
            after = names.last().cloned().or(after);
            let names: Vec<String> = names.into_iter().filter_map(|name| String::from_utf8(name).ok()).collect();
            let same = |one: &String, other: &String| sorted::group(one.as_bytes()) == sorted::group(other.as_bytes());
            names.chunk_by(same).try_for_each(&mut show)?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Another description of the directory: position and lock are not shared.
    fn locked(&self, how: FlockOperation) -> io::Result<OwnedFd> {
        let fd = rustix::fs::openat(&self.0, ".", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        rustix::fs::flock(&fd, how)?;
        Ok(fd)
    }
}

fn component(name: &str) -> io::Result<&OsStr> {
    let stays = !matches!(name, "" | "." | "..") && !name.contains('/');
    if stays { Ok(OsStr::from_bytes(name.as_bytes())) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_ways_out_are_refused() {
        let outer = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(outer.path().join("root/work")).unwrap();
        std::fs::write(outer.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink("../secret", outer.path().join("root/link")).unwrap();
        std::os::unix::fs::symlink("work", outer.path().join("root/other")).unwrap();
        let root = Folder::root(&outer.path().join("root")).unwrap();
        assert!(root.folder("work").is_ok() && root.folder("other").is_err());
        for name in ["link", "../secret", "work", "..", ".", "", "work/../../secret"] {
            assert!(root.file(name).is_err(), "{name}");
            assert!(root.append(name).is_err(), "{name}");
            assert!(root.create(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_locked_file_is_not_closed() {
        let directory = tempfile::tempdir().unwrap();
        let file = File::create(directory.path().join("a")).unwrap();
        file.lock().unwrap();
        let folder = Folder::root(directory.path()).unwrap();
        assert!(folder.closed("a").unwrap().is_none());
        drop(file);
        assert!(folder.closed("a").unwrap().is_some());
    }
}
