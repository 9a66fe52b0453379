//! Runs filters and searches in threads of their own.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::app::Found;
use crate::app::scan::ScanRequest;
use crate::query::Copies;
use crate::store::Snapshot;

/// Results are passed on at least this often.
const EVERY: Duration = Duration::from_millis(20);

/// The scans that are running.
pub struct Scanner {
    sender: Sender<Part>,
    parts: Receiver<Part>,
    /// By generation.
    running: HashMap<u64, Running>,
    started: u64,
    copies: Option<Search>,
}

/// A search for copies that goes on.
struct Search {
    cancelled: Arc<AtomicBool>,
    found: Receiver<Copies>,
}

/// A scan that goes on.
struct Running {
    number: u64,
    cancelled: Arc<AtomicBool>,
}

/// Some results, and the number of the scan they are from.
type Part = (u64, Found);

impl Scanner {
    /// Without any scan.
    pub fn new() -> Self {
        let (sender, parts) = mpsc::channel();
        Self { sender, parts, running: HashMap::new(), started: 0, copies: None }
    }

    /// Starts a scan, in place of an earlier one of the same generation.
    pub fn start(&mut self, request: ScanRequest) {
        self.cancel(request.generation);
        self.started += 1;
        let number = self.started;
        let cancelled = Arc::new(AtomicBool::new(false));
        self.running.insert(request.generation, Running { number, cancelled: Arc::clone(&cancelled) });
        let sender = self.sender.clone();
        thread::spawn(move || run(&request, &cancelled, &|found| drop(sender.send((number, found)))));
    }

    /// Stops the scan of a generation.
    pub fn cancel(&mut self, generation: u64) {
        if let Some(scan) = self.running.remove(&generation) {
            scan.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Starts to look for copies of lines, in place of an earlier search.
    pub fn find_copies(&mut self, snapshot: Snapshot) {
        self.cancel_copies();
        let (sender, found) = mpsc::channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        self.copies = Some(Search { cancelled: Arc::clone(&cancelled), found });
        thread::spawn(move || drop(sender.send(Copies::find(&snapshot, &cancelled))));
    }

    fn cancel_copies(&mut self) {
        if let Some(search) = self.copies.take() {
            search.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// The copies, when they have been found.
    pub fn copies(&mut self) -> Option<Copies> {
        let copies = self.copies.as_ref()?.found.try_recv().ok()?;
        self.copies = None;
        Some(copies)
    }

    /// Whether a scan goes on.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty() || self.copies.is_some()
    }

    /// What scans have found since the last call.
    pub fn found(&mut self) -> impl Iterator<Item = Found> {
        let parts: Vec<Part> = self.parts.try_iter().collect();
        for (number, _) in parts.iter().filter(|(_, found)| found.done) {
            self.running.retain(|_, scan| scan.number != *number);
        }
        parts.into_iter().map(|(_, found)| found)
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        self.running.values().for_each(|scan| scan.cancelled.store(true, Ordering::Relaxed));
        self.cancel_copies();
    }
}

fn run(request: &ScanRequest, cancelled: &AtomicBool, send: &dyn Fn(Found)) {
    let generation = request.generation;
    let mut batch = Vec::new();
    let mut sent = Instant::now();
    request.run(cancelled, &mut |found| {
        batch.push(found);
        if sent.elapsed() >= EVERY {
            sent = Instant::now();
            send(Found { generation, found: std::mem::take(&mut batch), done: false });
        }
    });
    if !cancelled.load(Ordering::Relaxed) {
        send(Found { generation, found: batch, done: true });
    }
}
