//! Which thread reads what, and in which order.
//!
//! Captures of one origin are read one after another, in the order of their paths, since flows cross files. Everything
//! else may be read at any time by any thread. Cores for which there is no file help to decode lines.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Input;
use super::leaf::{Leaves, Shared};
use crate::source::{Limits, Listed, QubeArchive, Visitor, Walk, list};
use crate::store::TableIds;

/// More threads than this do not help: the disk is shared.
const MOST_THREADS: usize = 8;

/// What one thread reads without another coming between.
enum Job {
    /// A file that is one source.
    File(Listed),
    /// Files of one origin that are captures, or may have some in them.
    Captures(Vec<Listed>),
    Stdin,
    Memory(&'static str, &'static [u8]),
    Qube(QubeArchive),
}

/// Tables that a file which may be an archive, or a stream, gets ids for in advance.
const TABLES_OF_ARCHIVE: usize = 4_096;

/// Tables that a file without members gets ids for: its own, and one for what is wrong with it.
const TABLES_OF_FILE: usize = 2;

/// Reads all inputs, the largest first so that no thread is left alone with it at the end; returns when they have been
/// read or the reading was cancelled.
pub fn read_all(inputs: &[Input], limits: &Limits, shared: &Shared, read: &AtomicU64, total: &AtomicU64) {
    let paths: Vec<PathBuf> = inputs.iter().filter_map(path).collect();
    let listing = list(&paths, limits);
    let mut ids = Allocation::default();
    let mut unread = Leaves::new(shared, ids.take(listing.problems.len()));
    for problem in listing.problems {
        unread.problem(&problem.name, problem.message);
    }
    let mut jobs = group(listing.files);
    jobs.extend(inputs.iter().filter_map(stream));
    total.store(jobs.iter().map(Job::size).sum(), Ordering::Relaxed);
    let with_ids = |job: Job| {
        let ids = ids.for_job(&job);
        (job, ids)
    };
    let mut jobs: Vec<(Job, TableIds)> = jobs.into_iter().map(with_ids).collect();
    jobs.sort_by_key(|(job, _)| job.size());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(MOST_THREADS).min(jobs.len());
    shared.idle.store(cores - threads, Ordering::Relaxed);
    let jobs = Mutex::new(jobs);
    let walk = Walk { limits, progress: read, cancelled: &shared.cancelled };
    let work = || {
        while let Some((job, ids)) = next(&jobs).filter(|_| !shared.cancelled.load(Ordering::Relaxed)) {
            run(&walk, job, &mut Leaves::new(shared, ids));
        }
        shared.idle.fetch_add(1, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if !shared.cancelled.load(Ordering::Relaxed) {
        shared.vantages.complete(&shared.store);
    }
    total.fetch_max(read.load(Ordering::Relaxed), Ordering::Relaxed);
}

fn path(input: &Input) -> Option<PathBuf> {
    if let Input::Path(path) = input { Some(path.clone()) } else { None }
}

fn stream(input: &Input) -> Option<Job> {
    match input {
        Input::Path(_) => None,
        Input::Stdin => Some(Job::Stdin),
        Input::Memory(name, bytes) => Some(Job::Memory(name, bytes)),
        Input::Qube(archive) => Some(Job::Qube(archive.clone())),
    }
}

/// The largest job that is left.
fn next(jobs: &Mutex<Vec<(Job, TableIds)>>) -> Option<(Job, TableIds)> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// Files that may hold captures, by origin; every other file by itself.
fn group(files: Vec<Listed>) -> Vec<Job> {
    let mut captures: BTreeMap<Option<String>, Vec<Listed>> = BTreeMap::new();
    let mut jobs = Vec::new();
    for file in files {
        if file.may_hold_packets() {
            captures.entry(file.origin.clone()).or_default().push(file);
        } else {
            jobs.push(Job::File(file));
        }
    }
    jobs.extend(captures.into_values().map(Job::Captures));
    jobs
}

fn run(walk: &Walk<'_>, job: Job, leaves: &mut Leaves<'_>) {
    match job {
        Job::File(file) => walk.file(&file, leaves),
        Job::Captures(files) => files.iter().for_each(|file| walk.file(file, leaves)),
        Job::Stdin => walk.stream("-", &mut io::stdin().lock(), leaves),
        Job::Memory(name, mut bytes) => walk.stream(name, &mut bytes, leaves),
        Job::Qube(archive) => archive.visit(walk, leaves),
    }
}

impl Job {
    /// Bytes to read; a stream's are not known.
    fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.size,
            Self::Captures(files) => files.iter().map(|file| file.size).sum(),
            Self::Stdin | Self::Qube(_) => 0,
            Self::Memory(_, bytes) => bytes.len() as u64,
        }
    }
}

/// Sets table ids aside, in the order of the inputs.
#[derive(Default)]
struct Allocation {
    used: u32,
}

impl Allocation {
    fn take(&mut self, count: usize) -> TableIds {
        let start = self.used;
        self.used = start.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        TableIds::new(start..self.used)
    }

    fn for_job(&mut self, job: &Job) -> TableIds {
        self.take(match job {
            Job::File(_) => TABLES_OF_FILE,
            Job::Captures(files) => TABLES_OF_ARCHIVE.saturating_mul(files.len()),
            Job::Stdin | Job::Memory(..) | Job::Qube(_) => TABLES_OF_ARCHIVE,
        })
    }
}
