//! Streams archives as a tar: a manifest of what is meant to come, the files as they are stored, what became of those
//! that changed meanwhile, and the SHA-256 sums of all that was sent.
//!
//! Nothing is held in memory but the manifest's first MiB; the rest of it waits in a file without a name.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use logvm_wire::{Compression, SegmentName};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::item::{Id, Item, State, Stored};
use crate::select::Selection;
use crate::spool::Spool;
use crate::tar::Writer;
use crate::walk::{Root, Scope, Skipped, Store};

/// The first member.
pub const MANIFEST: &str = "manifest.jsonl";
/// What did not come as the manifest says, before the sums; absent when all did.
pub const CHANGES: &str = "changes.jsonl";
/// The last member, as sha256sum(1) writes and checks it.
pub const SUMS: &str = "SHA256SUMS";

/// Bytes read at once.
const BUFFER: usize = 128 << 10;
/// How far before its end a growing file is searched for the end of a line; a stored line is shorter.
const TAIL: u64 = 64 << 10;

/// A spool in one of the roots.
type Text = Spool<Box<dyn Fn() -> io::Result<File>>>;

/// The tar of one call.
pub struct Fetch<'a, W> {
    store: &'a Store,
    tar: Writer<W>,
    sums: Text,
    changes: Text,
    buffer: Vec<u8>,
    follow: Option<SystemTime>,
    growing: Vec<(String, u64)>,
    recent: BTreeSet<Id>,
}

impl<'a, W: Write> Fetch<'a, W> {
    /// A tar onto `out`. To be followed it is remembered which files were growing, and which archives were seen that
    /// start at the time `follow` or later.
    pub fn new(store: &'a Store, out: W, follow: Option<SystemTime>) -> Self {
        let (sums, changes, buffer) = (spool(store), spool(store), vec![0; BUFFER]);
        let (growing, recent) = (Vec::new(), BTreeSet::new());
        Self { store, tar: Writer::new(out), sums, changes, buffer, follow, growing, recent }
    }

    /// Sends what is selected.
    ///
    /// # Errors
    /// When the caller is gone, or the disk fails.
    pub fn send(&mut self, scope: Scope<'_>, selection: &Selection) -> io::Result<()> {
        let mut plan = spool(self.store);
        let mut missing = selection.ids.clone();
        let (follow, recent) = (self.follow, &mut self.recent);
        let skipped = self.store.walk(scope, &mut |root, item| {
            if follow.is_some_and(|from| item.start >= from) {
                recent.insert(item.id);
            }
            if !selection.wants(&item) {
                return Ok(());
            }
            missing.remove(&item.id);
            item.files.iter().try_for_each(|file| plan.push(&line(&item.manifest(file, sendable(root, &item, file)))))
        })?;
        self.text(MANIFEST, &mut plan)?;
        let mut plan = plan.read()?;
        let mut planned = String::new();
        while plan.read_line(&mut planned)? > 0 {
            self.planned(&planned)?;
            planned.clear();
        }
        self.note(&missing, skipped)
    }

    /// Sends the changes and the sums, and ends the tar. Whether everything came as the manifest says.
    ///
    /// # Errors
    /// When the caller is gone, or the disk fails.
    pub fn finish(mut self) -> io::Result<bool> {
        let complete = self.changes.is_empty();
        if !complete {
            let mut changes = std::mem::replace(&mut self.changes, spool(self.store));
            self.text(CHANGES, &mut changes)?;
        }
        let mut sums = std::mem::replace(&mut self.sums, spool(self.store));
        self.text(SUMS, &mut sums)?;
        self.tar.finish()?;
        Ok(complete)
    }

    /// The files to go on with and how much of each was sent, and the archives that were seen.
    pub fn take_growing(&mut self) -> (Vec<(String, u64)>, BTreeSet<Id>) {
        (std::mem::take(&mut self.growing), std::mem::take(&mut self.recent))
    }

    /// The tar itself, to tell whether its reader is still there.
    pub fn tar(&mut self) -> &mut Writer<W> {
        &mut self.tar
    }

    /// Adds a line to the changes.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn change(&mut self, what: &Value) -> io::Result<()> {
        self.changes.push(&line(what))
    }

    /// Sends `size` bytes of an open file from `offset` on as a member. Bytes that are not there any more are zeros,
    /// and told in the changes.
    ///
    /// # Errors
    /// When the caller is gone.
    pub fn member(&mut self, name: &str, file: &File, offset: u64, size: u64) -> io::Result<()> {
        let modified = file.metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        self.tar.start(name, size, modified)?;
        let (mut sum, mut at) = (Sha256::new(), offset);
        let mut zeros = 0;
        while self.tar.left() > 0 {
            let wanted = usize::try_from(self.tar.left()).unwrap_or(BUFFER).min(BUFFER);
            let count = match file.read_at(&mut self.buffer[..wanted], at) {
                Ok(0) | Err(_) => {
                    self.buffer[..wanted].fill(0);
                    zeros += wanted;
                    wanted
                }
                Ok(count) => count,
            };
            sum.update(&self.buffer[..count]);
            self.tar.data(&self.buffer[..count])?;
            at += count as u64;
        }
        self.tar.end()?;
        if zeros > 0 {
            self.change(&json!({ "path": name, "why": "not readable to its end", "zeros": zeros }))?;
        }
        self.sums.push(&sum_line(sum, name))
    }

    /// Sends a file of the manifest.
    fn planned(&mut self, planned: &str) -> io::Result<()> {
        let facts: Value = serde_json::from_str(planned)?;
        let (Some(path), Some(size)) = (facts["path"].as_str(), facts["size"].as_u64()) else { return Ok(()) };
        let growing = facts["growing"].as_bool() == Some(true);
        let Some((name, file)) = self.open(path) else {
            return self.change(&json!({ "path": path, "why": "removed since" }));
        };
        let now = file.metadata()?.len();
        let sent = if growing && name == path { size.min(now) } else { now };
        if name != path {
            self.change(&json!({ "path": path, "sent": name, "size": sent, "why": "compressed since" }))?;
        } else if sent != size {
            self.change(&json!({ "path": path, "sent": name, "size": sent, "why": "changed since" }))?;
        }
        self.member(&name, &file, 0, sent)?;
        if growing && self.follow.is_some() && name == path {
            self.growing.push((name, sent));
        }
        Ok(())
    }

    /// Opens a file of the manifest, under the name it has now.
    pub fn open(&self, path: &str) -> Option<(String, File)> {
        let (root, below) = path.split_once('/')?;
        let root = self.store.root(root)?;
        let names = std::iter::once(below.to_owned()).chain(packed(below));
        names.into_iter().find_map(|name| Some((format!("{}/{name}", root.name), root.dir.file(name.as_bytes()).ok()?)))
    }

    /// Says what was asked for and is not there, and what was seen and cannot be sent.
    fn note(&mut self, missing: &BTreeSet<Id>, skipped: Skipped) -> io::Result<()> {
        for id in missing {
            self.change(&json!({ "id": id.to_string(), "why": "not there" }))?;
        }
        if skipped.names > 0 {
            self.change(&json!({ "names": skipped.names, "why": "links, special files or names not fit to be sent" }))?;
        }
        Ok(())
    }

    /// Sends a text of our own.
    fn text(&mut self, name: &str, text: &mut Text) -> io::Result<()> {
        self.tar.start(name, text.len(), SystemTime::now())?;
        let (mut sum, mut text) = (Sha256::new(), text.read()?);
        loop {
            let count = text.read(&mut self.buffer)?;
            if count == 0 {
                break;
            }
            sum.update(&self.buffer[..count]);
            self.tar.data(&self.buffer[..count])?;
        }
        self.tar.end()?;
        self.sums.push(&sum_line(sum, name))
    }
}

/// A text that overflows into a nameless file of the first root that can have one.
fn spool(store: &Store) -> Text {
    let dirs: Vec<_> = store.roots.iter().filter_map(|root| root.dir.try_clone().ok()).collect();
    Spool::new(Box::new(move || {
        let made = dirs.iter().find_map(|dir| dir.nameless().ok());
        made.ok_or_else(|| io::Error::other("no room for a long listing"))
    }))
}

/// How much of a file is sent: all of it, but only the whole lines of one that grows.
fn sendable(root: &Root, item: &Item, file: &Stored) -> u64 {
    if item.state != State::Open {
        return file.size;
    }
    root.dir.file(file.path.as_bytes()).map_or(file.size, |open| whole_lines(&open, 0, file.size))
}

/// Where the last whole line of a file before `size` ends, not before `from`. Of bytes without any line's end, all.
pub fn whole_lines(file: &File, from: u64, size: u64) -> u64 {
    let start = size.saturating_sub(TAIL).max(from);
    let mut tail = Vec::new();
    let mut reader = Below { file, at: start, end: size };
    if reader.read_to_end(&mut tail).is_err() {
        return size;
    }
    match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => start + at as u64 + 1,
        None if start == from => from,
        None => size,
    }
}

/// Reads a part of a file without moving its position.
struct Below<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Below<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..left], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// The names that a segment may have got since.
fn packed(below: &str) -> Vec<String> {
    let Some((folder, name)) = below.rsplit_once('/') else { return Vec::new() };
    let Some(segment) = SegmentName::parse(name).filter(|name| name.compression == Compression::None) else {
        return Vec::new();
    };
    let packed = [Compression::Zst, Compression::Gz, Compression::Xz].into_iter();
    packed.map(|compression| format!("{folder}/{}", SegmentName { compression, ..segment.clone() })).collect()
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

/// A line of sha256sum(1); a name with a backslash is written escaped, and so marked.
fn sum_line(sum: Sha256, name: &str) -> Vec<u8> {
    let hex: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mark = if name.contains('\\') { "\\" } else { "" };
    format!("{mark}{hex}  {}\n", name.replace('\\', "\\\\")).into_bytes()
}
