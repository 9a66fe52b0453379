//! L5: reads sources into a store, in threads, within a budget of memory, until done or cancelled.

mod budget;
mod host;
mod keep;
mod leaf;
mod pipeline;
mod schedule;
mod sink;
mod vantage;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

pub use budget::default_memory;
use leaf::Shared;

use crate::source::{Limits, QubeArchive};
use crate::store::{Spool, Store};

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, archive or directory.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// An archive in memory, under the name given.
    Memory(&'static str, &'static [u8]),
    /// An archive in another qube.
    Qube(QubeArchive),
}

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Origin of sources whose path and contents name none.
    pub origin: Option<String>,
    /// Bytes of memory that kept text and packets may take before they go to an unlinked file.
    pub memory: u64,
    /// What inputs may cost.
    pub limits: Limits,
}

impl Default for Options {
    /// No origin, a quarter of the memory, the default limits.
    fn default() -> Self {
        Self { origin: None, memory: default_memory(), limits: Limits::default() }
    }
}

/// A reading that goes on in the background, until it has read everything or is dropped.
#[derive(Debug)]
pub struct Reading {
    shared: Arc<Shared>,
    state: Arc<State>,
}

/// How far a reading is, for all its threads.
#[derive(Debug)]
struct State {
    started: Instant,
    read: AtomicU64,
    total: AtomicU64,
    finished: Mutex<Option<f64>>,
    changed: Condvar,
}

/// How far a reading is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Bytes read so far from the inputs, as they are stored.
    pub read: u64,
    /// Bytes of all inputs, as far as they are known by now; streams have no size before they end.
    pub total: u64,
    /// Seconds that it took so far, or in all.
    pub seconds: f64,
    /// Everything has been read.
    pub finished: bool,
}

impl Reading {
    /// Starts to read; returns at once.
    #[must_use]
    pub fn start(inputs: Vec<Input>, options: Options) -> Self {
        let shared = Arc::new(Shared {
            store: Arc::new(Store::new()),
            spool: Spool::new(options.memory),
            vantages: vantage::Vantages::default(),
            origin: options.origin,
            idle: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
        });
        let state = Arc::new(State {
            started: Instant::now(),
            read: AtomicU64::new(0),
            total: AtomicU64::new(0),
            finished: Mutex::new(None),
            changed: Condvar::new(),
        });
        let reading = Self { shared: Arc::clone(&shared), state: Arc::clone(&state) };
        thread::spawn(move || {
            let _finish = Finish(Arc::clone(&state));
            schedule::read_all(&inputs, &options.limits, &shared, &state.read, &state.total);
        });
        reading
    }

    /// Where the records go.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.shared.store
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let finished = *self.state.finished.lock().unwrap_or_else(PoisonError::into_inner);
        Progress {
            read: self.state.read.load(Ordering::Relaxed),
            total: self.state.total.load(Ordering::Relaxed),
            seconds: finished.unwrap_or_else(|| self.state.started.elapsed().as_secs_f64()),
            finished: finished.is_some(),
        }
    }

    /// Blocks until everything has been read or the reading was cancelled.
    pub fn wait(&self) {
        let mut finished = self.state.finished.lock().unwrap_or_else(PoisonError::into_inner);
        while finished.is_none() {
            finished = self.state.changed.wait(finished).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Stops reading soon; what has been read stays.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Marks the reading as finished, also when its thread panics.
struct Finish(Arc<State>);

impl Drop for Finish {
    fn drop(&mut self) {
        let mut finished = self.0.finished.lock().unwrap_or_else(PoisonError::into_inner);
        *finished = Some(self.0.started.elapsed().as_secs_f64());
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
