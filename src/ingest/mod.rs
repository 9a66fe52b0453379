//! L5: reads sources into a store, in threads, within a budget of memory, until done or cancelled.

use std::path::PathBuf;
use std::sync::Arc;

use crate::store::Store;

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, archive or directory.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// An archive in memory, under the name given.
    Memory(&'static str, &'static [u8]),
}

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Origin of sources whose path and contents name none.
    pub origin: Option<String>,
    /// Bytes of memory that kept text and packets may take before they go to an unlinked file.
    pub memory: u64,
}

/// A reading that goes on in the background.
#[derive(Debug)]
pub struct Reading {
    store: Arc<Store>,
}

/// How far a reading is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Bytes read so far from the inputs, as they are stored.
    pub read: u64,
    /// Bytes of all inputs, as far as they are known by now.
    pub total: u64,
    /// Seconds since the start.
    pub seconds: f64,
    /// Everything has been read.
    pub finished: bool,
}

impl Reading {
    /// Starts to read; returns at once.
    #[must_use]
    pub fn start(_inputs: Vec<Input>, _options: Options) -> Self {
        Self { store: Arc::new(Store::new()) }
    }

    /// Where the records go.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress::default()
    }

    /// Blocks until everything has been read or the reading was cancelled.
    pub fn wait(&self) {}

    /// Stops reading soon; what has been read stays.
    pub fn cancel(&self) {}
}
