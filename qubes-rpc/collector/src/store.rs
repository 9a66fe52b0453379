//! Directories and files of one origin. Below the root, no link is followed, and no path is used but the origin's
//! validated name and names that are made here.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

use logvm_wire::{QubeName, layout, limits};
use rustix::fs::{self, AtFlags, Dir, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

const DIRECTORY: Mode = Mode::RWXU;
const FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// The store of one origin.
pub struct Store {
    root: OwnedFd,
    dir: OwnedFd,
    /// Whose store it is.
    pub origin: QubeName,
}

impl Store {
    /// Opens the directory of `origin` below `root`, and makes both where they are missing.
    pub fn open(root: &Path, origin: &QubeName) -> io::Result<Self> {
        // The root itself may be a link: that is for the LogVM's user to decide.
        made(fs::mkdir(root, DIRECTORY))?;
        let root = fs::open(root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        if made(fs::mkdirat(&root, origin.as_str(), DIRECTORY))? {
            fs::fsync(&root)?;
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = fs::openat(&root, origin.as_str(), flags, Mode::empty())?;
        Ok(Self { root, dir, origin: origin.clone() })
    }

    /// Makes a new file, empty and locked for as long as it is open. It is in the directory after a crash as well.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = fs::openat(&self.dir, name, flags, FILE)?;
        fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        fs::fsync(&self.dir)?;
        Ok(file.into())
    }

    /// Removes a file that was made in vain.
    pub fn discard(&self, name: &str) {
        // It is empty; where it cannot be removed, it stays as an empty file.
        let _ = fs::unlinkat(&self.dir, name, AtFlags::empty());
    }

    /// The file that the origin's collectors lock while they write.
    pub fn lock_file(&self) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fs::openat(&self.dir, layout::LOCK, flags, FILE)?.into())
    }

    /// The file of alerts, for one more.
    pub fn alerts(&self) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fs::openat(&self.root, layout::ALERTS, flags, FILE)?.into())
    }

    /// What the origin's files cost of its quota, in bytes.
    pub fn usage(&self) -> io::Result<u64> {
        let mut used = 0_u64;
        for entry in Dir::read_from(&self.dir)? {
            let entry = entry?;
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            used = used.saturating_add(limits::FILE_OVERHEAD + self.size(entry.file_name())?);
        }
        Ok(used)
    }

    /// How many origins share the disk.
    pub fn origins(&self) -> io::Result<u64> {
        let entries = Dir::read_from(&self.root)?;
        let names = entries.filter_map(Result::ok).filter(|entry| !entry.file_name().to_bytes().starts_with(b"."));
        Ok(u64::try_from(names.count()).unwrap_or(u64::MAX))
    }

    /// Size of the disk, and what is left of it for this user, in bytes.
    pub fn disk(&self) -> io::Result<(u64, u64)> {
        let found = fs::fstatvfs(&self.root)?;
        Ok((found.f_blocks.saturating_mul(found.f_frsize), found.f_bavail.saturating_mul(found.f_frsize)))
    }

    fn size(&self, name: &std::ffi::CStr) -> io::Result<u64> {
        match fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(u64::try_from(found.st_size).unwrap_or(0)),
            // The compressor may have removed it in this moment.
            Err(Errno::NOENT) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// A new id for a session, unique for all practical purposes: two callers of one name never share a file.
pub fn session_id() -> io::Result<String> {
    let mut bytes = [0; layout::SESSION_LEN / 2];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether a directory was made; that it exists already is no error.
fn made(outcome: rustix::io::Result<()>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
