//! Which thread reads what, and in which order.
//!
//! Captures of one origin are read one after another, in the order of their paths, since flows cross files. Everything
//! else may be read at any time by any thread.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Input;
use super::leaf::{Leaves, Shared};
use crate::source::{Limits, Listed, Visitor, Walk, list};

/// More threads than this do not help: the disk is shared.
const MOST_THREADS: usize = 8;

/// What one thread reads without another coming between.
enum Job {
    Files(Vec<Listed>),
    Stdin,
    Memory(&'static str, &'static [u8]),
}

/// Reads all inputs; returns when they have been read or the reading was cancelled.
pub fn read_all(inputs: &[Input], limits: &Limits, shared: &Shared, read: &AtomicU64, total: &AtomicU64) {
    let paths: Vec<PathBuf> = inputs.iter().filter_map(path).collect();
    let listing = list(&paths, limits);
    for problem in listing.problems {
        Leaves::new(shared).problem(&problem.name, problem.message);
    }
    let sizes = listing.files.iter().map(|file| file.size).sum::<u64>() + inputs.iter().map(memory_size).sum::<u64>();
    total.store(sizes, Ordering::Relaxed);
    let mut jobs = VecDeque::from(group(listing.files));
    jobs.extend(inputs.iter().filter_map(stream));
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS).min(jobs.len());
    let jobs = Mutex::new(jobs);
    let walk = Walk { limits, progress: read, cancelled: &shared.cancelled };
    let work = || {
        while let Some(job) = next(&jobs).filter(|_| !shared.cancelled.load(Ordering::Relaxed)) {
            run(&walk, job, &mut Leaves::new(shared));
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    total.fetch_max(read.load(Ordering::Relaxed), Ordering::Relaxed);
}

fn path(input: &Input) -> Option<PathBuf> {
    if let Input::Path(path) = input { Some(path.clone()) } else { None }
}

const fn memory_size(input: &Input) -> u64 {
    if let Input::Memory(_, bytes) = input { bytes.len() as u64 } else { 0 }
}

const fn stream(input: &Input) -> Option<Job> {
    match input {
        Input::Path(_) => None,
        Input::Stdin => Some(Job::Stdin),
        Input::Memory(name, bytes) => Some(Job::Memory(name, bytes)),
    }
}

fn next(jobs: &Mutex<VecDeque<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Files that may hold captures, by origin; every other file by itself. The largest group comes first, so that no
/// thread is left alone with it at the end.
fn group(files: Vec<Listed>) -> Vec<Job> {
    let mut by_origin: BTreeMap<Option<String>, Vec<Listed>> = BTreeMap::new();
    let mut groups: Vec<Vec<Listed>> = Vec::new();
    for file in files {
        if file.may_hold_packets() {
            by_origin.entry(file.origin.clone()).or_default().push(file);
        } else {
            groups.push(vec![file]);
        }
    }
    groups.extend(by_origin.into_values());
    groups.sort_by_key(|files| std::cmp::Reverse(files.iter().map(|file| file.size).sum::<u64>()));
    groups.into_iter().map(Job::Files).collect()
}

fn run(walk: &Walk<'_>, job: Job, leaves: &mut Leaves<'_>) {
    match job {
        Job::Files(files) => {
            for file in files {
                walk.file(&file, leaves);
            }
        }
        Job::Stdin => walk.stream("-", &mut io::stdin().lock(), leaves),
        Job::Memory(name, mut bytes) => walk.stream(name, &mut bytes, leaves),
    }
}
