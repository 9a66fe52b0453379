//! Goes on with what is being written after the first part of a tar.
//!
//! What a growing file has gained comes as a member `<file>.from-<offset>`, the offset in twenty digits: the file and
//! these in order of their names, one after the other, are the whole. New segments begin the same way, at offset 0.
//! Only whole lines come, until the collector closes the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::Kind;
use serde_json::json;

use crate::caller::Caller;
use crate::fetch::{Fetch, whole_lines};
use crate::item::{Id, Item};
use crate::select::Selection;
use crate::walk::{Scope, Store};

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How often new files are looked for, if looking takes no more than a tenth of it.
const SEARCH: Duration = Duration::from_secs(1);
/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Files that are followed at once.
const FILES: usize = 400;
/// Bytes of one member.
const CHUNK: u64 = 4 << 20;
/// How far back segments count as new: collectors that started while the manifest was made.
const MARGIN: Duration = Duration::from_secs(60);

/// New segments of one call.
const SEGMENTS: usize = 1 << 16;

/// A file that grows.
#[derive(Debug)]
struct Growing {
    file: File,
    /// The file whose lock tells whether it is open: itself, or the export that it is the stamps of.
    main: File,
    sent: u64,
}

/// Follows until the caller goes.
pub struct Follow<'a, 'f, W> {
    store: &'a Store,
    scope: Scope<'a>,
    selection: &'a Selection,
    fetch: &'f mut Fetch<'a, W>,
    files: BTreeMap<String, Growing>,
    seen: BTreeSet<Id>,
}

/// From when on segments count as new, if a walk begins now.
#[must_use]
pub fn new_from(now: SystemTime) -> SystemTime {
    now.checked_sub(MARGIN).unwrap_or(SystemTime::UNIX_EPOCH)
}

impl<'a, 'f, W: Write> Follow<'a, 'f, W> {
    /// Goes on after what was sent by `fetch`, made with the time `from`; see [`new_from`].
    ///
    /// # Errors
    /// When the disk fails.
    pub fn new(
        store: &'a Store,
        scope: Scope<'a>,
        selection: &'a Selection,
        fetch: &'f mut Fetch<'a, W>,
        from: SystemTime,
    ) -> io::Result<Self> {
        let (growing, seen) = fetch.take_growing();
        let scope = Scope { from: Some(from), ..scope };
        let mut follow = Self { store, scope, selection, fetch, files: BTreeMap::new(), seen };
        growing.into_iter().try_for_each(|(name, sent)| follow.add(&name, sent))?;
        Ok(follow)
    }

    /// Sends what comes, until the caller goes.
    ///
    /// # Errors
    /// When the caller broke its end, or the disk fails.
    pub fn run(mut self, caller: &mut Caller<'_, impl AsFd + Read>) -> io::Result<()> {
        let (mut beat, mut search) = (Instant::now(), Instant::now());
        self.fetch.tar().flush()?;
        while self.seen.len() < SEGMENTS && caller.wait(LOOK)? {
            if Instant::now() >= search {
                let began = Instant::now();
                self.search()?;
                search = Instant::now() + SEARCH.max(10 * began.elapsed());
            }
            if self.look()? {
                self.fetch.tar().flush()?;
                beat = Instant::now();
            } else if beat.elapsed() >= HEARTBEAT {
                self.fetch.tar().heartbeat()?;
                beat = Instant::now();
            }
        }
        Ok(())
    }

    /// Looks for new segments.
    fn search(&mut self) -> io::Result<()> {
        let mut new = Vec::new();
        let (selection, seen) = (self.selection, &mut self.seen);
        self.store.walk(self.scope, &mut |_, item| {
            if new.len() < FILES && seen.insert(item.id) && selection.wants(&item) {
                new.push(item);
            }
            Ok(())
        })?;
        new.iter().try_for_each(|item| self.begin(item))
    }

    /// Begins with a new segment. One that is complete by now is looked at once, like the others.
    fn begin(&mut self, item: &Item) -> io::Result<()> {
        item.files.iter().try_for_each(|file| self.add(&format!("{}/{}", item.root, file.path), 0))
    }

    fn add(&mut self, name: &str, sent: u64) -> io::Result<()> {
        if self.files.len() >= FILES {
            return self.fetch.change(&json!({ "path": name, "why": "too many files to follow" }));
        }
        let main = name.strip_suffix(Kind::Stamps.suffix()).map(|stem| stem.to_owned() + Kind::Export.suffix());
        let Some((name, file)) = self.fetch.open(name) else {
            return self.fetch.change(&json!({ "path": name, "why": "removed since" }));
        };
        let main =
            main.and_then(|main| self.fetch.open(&main)).map_or_else(|| file.try_clone(), |(_, main)| Ok(main))?;
        self.files.insert(name, Growing { file, main, sent });
        Ok(())
    }

    /// Sends what the files have gained; whether there was anything.
    fn look(&mut self) -> io::Result<bool> {
        let mut files = std::mem::take(&mut self.files);
        let mut any = false;
        for (name, growing) in &mut files {
            any |= self.gained(name, growing)?;
        }
        files.retain(|_, growing| !growing.is_done());
        self.files = files;
        Ok(any)
    }

    fn gained(&mut self, name: &str, growing: &mut Growing) -> io::Result<bool> {
        let before = growing.sent;
        let (complete, size) = (growing.is_closed(), growing.size());
        let end = if complete { size } else { whole_lines(&growing.file, growing.sent, size) };
        while growing.sent < end {
            let most = growing.sent.saturating_add(CHUNK);
            let stop = if most < end { whole_lines(&growing.file, growing.sent, most) } else { end };
            let count = stop.max(growing.sent + 1) - growing.sent;
            self.fetch.member(&format!("{name}.from-{:020}", growing.sent), &growing.file, growing.sent, count)?;
            growing.sent += count;
        }
        Ok(growing.sent > before)
    }
}

impl Growing {
    fn size(&self) -> u64 {
        self.file.metadata().map_or(self.sent, |facts| facts.len())
    }

    /// Whether its collector is gone.
    fn is_closed(&self) -> bool {
        match self.main.try_lock_shared() {
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => true,
            Ok(()) => self.main.unlock().is_ok(),
        }
    }

    fn is_done(&self) -> bool {
        self.is_closed() && self.sent >= self.size()
    }
}
