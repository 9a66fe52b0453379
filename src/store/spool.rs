//! Where the compressed blocks of all sources of a store are: in memory up to a budget, then in an unlinked file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::cache::Cache;

/// Keeps blocks for all sources of a store, within one budget of memory.
#[derive(Debug)]
pub struct Spool {
    /// Bytes of memory that blocks may take.
    budget: u64,
    /// Bytes of memory that they take.
    used: AtomicU64,
    directory: PathBuf,
    file: OnceLock<File>,
    /// End of the file, which grows only.
    end: Mutex<u64>,
    /// Blocks that were decompressed lately.
    pub(super) cache: Cache,
    /// Gives every source its own number in the cache.
    sources: AtomicU64,
}

/// Where the bytes of a block are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In memory.
    Memory(Arc<[u8]>),
    /// In the file.
    File {
        /// Where it starts.
        offset: u64,
        /// Its bytes.
        length: usize,
    },
}

impl Spool {
    /// Keeps up to `budget` bytes of blocks in memory. What is beyond goes to a file without a name in `$TMPDIR`, else
    /// in `/var/tmp` (`/tmp` is memory on many systems; file-hierarchy(7)), else in `/tmp`. The file is made when the
    /// first block goes there.
    #[must_use]
    pub fn new(budget: u64) -> Arc<Self> {
        let named = std::env::var_os("TMPDIR").map(PathBuf::from).filter(|path| path.is_dir());
        let usual =
            ["/var/tmp", "/tmp"].map(PathBuf::from).into_iter().find(|path| tempfile::tempfile_in(path).is_ok());
        Self::new_in(budget, &named.or(usual).unwrap_or_else(std::env::temp_dir))
    }

    /// As [`Self::new`], with the file in `directory`.
    #[must_use]
    pub fn new_in(budget: u64, directory: &Path) -> Arc<Self> {
        Arc::new(Self {
            budget,
            used: AtomicU64::new(0),
            directory: directory.to_path_buf(),
            file: OnceLock::new(),
            end: Mutex::new(0),
            cache: Cache::default(),
            sources: AtomicU64::new(0),
        })
    }

    /// Bytes of memory that blocks take now.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Bytes that went to the file.
    #[must_use]
    pub fn spooled(&self) -> u64 {
        *self.lock()
    }

    pub(super) fn next_source(&self) -> u64 {
        self.sources.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps the bytes of a block.
    ///
    /// # Errors
    /// When there is no memory left in the budget and the file cannot be made or written.
    pub(super) fn keep(&self, bytes: &[u8]) -> io::Result<Place> {
        if self.take_memory(bytes.len() as u64) {
            return Ok(Place::Memory(Arc::from(bytes)));
        }
        self.write(bytes).map_err(|error| {
            let directory = self.directory.display();
            io::Error::new(error.kind(), format!("cannot be kept in a temporary file in {directory}: {error}"))
        })
    }

    /// Gives the memory of a block back to the budget.
    pub(super) fn release(&self, place: &Place) {
        if let Place::Memory(bytes) = place {
            self.used.fetch_sub(bytes.len() as u64, Ordering::Relaxed);
        }
    }

    /// Replaces `out` by the bytes of a block in the file.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn load(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let file = self.file.get().ok_or_else(|| io::Error::other("there is no temporary file"))?;
        out.resize(length, 0);
        let read = file.read_exact_at(out, offset);
        read.map_err(|error| io::Error::new(error.kind(), format!("the temporary file cannot be read: {error}")))
    }

    fn take_memory(&self, length: u64) -> bool {
        let take = |used: u64| used.checked_add(length).filter(|used| *used <= self.budget);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn write(&self, bytes: &[u8]) -> io::Result<Place> {
        let mut end = self.lock();
        if self.file.get().is_none() {
            let _ = self.file.set(tempfile::tempfile_in(&self.directory)?);
        }
        let file = self.file.get().ok_or_else(|| io::Error::other("there is no temporary file"))?;
        file.write_all_at(bytes, *end)?;
        let place = Place::File { offset: *end, length: bytes.len() };
        *end += bytes.len() as u64;
        Ok(place)
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
