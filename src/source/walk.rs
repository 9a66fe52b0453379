//! Opens inputs and hands the sources in them to a visitor.

use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::gz::Gz;
use super::header::{Header, Type};
use super::limits::{Limits, Meter, Metered};
use super::list::Listed;
use super::origin::{date_of, origin_of};
use super::stream::{Format, Peeked, Raw, detect};
use super::tar::{Item, Tar};
use super::zst::Zst;
use super::{Identity, Visitor};
use crate::record::Timestamp;

/// Opens inputs, one call for each; calls on several threads may share one walk.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// What an input may cost.
    pub limits: &'a Limits,
    /// Counts up by the bytes read from the inputs as they are stored.
    pub progress: &'a AtomicU64,
    /// Set to stop soon: readers fail with an error of which [`super::is_cancelled`] is true.
    pub cancelled: &'a AtomicBool,
}

impl Walk<'_> {
    /// Visits the sources of a listed file. Afterwards its listed size has been added to the progress, even where it
    /// was not read to the end.
    pub fn file(&self, file: &Listed, visitor: &mut dyn Visitor) {
        let identity = Identity {
            name: file.name.clone(),
            origin: file.origin.clone(),
            date: file.date,
            modified: file.modified,
            rereadable: file.regular.then(|| file.path.clone()),
            size: file.regular.then_some(file.size),
        };
        let read = match File::open(&file.path) {
            Ok(mut opened) => self.visit(identity, &mut opened, visitor),
            Err(error) => {
                visitor.problem(&file.name, format!("cannot be opened: {error}"));
                0
            }
        };
        self.progress.fetch_add(file.size.saturating_sub(read), Ordering::Relaxed);
    }

    /// Visits the sources of a stream (standard input, bytes in memory) that is called `name`, in exactly the way of a
    /// file.
    pub fn stream(&self, name: &str, reader: &mut dyn Read, visitor: &mut dyn Visitor) {
        self.visit(Identity { name: name.to_owned(), ..Identity::default() }, reader, visitor);
    }

    /// Visits the sources of `reader`; gives the bytes that were read from it.
    fn visit(&self, identity: Identity, reader: &mut dyn Read, visitor: &mut dyn Visitor) -> u64 {
        let meter = Meter::default();
        let mut raw = Raw { inner: reader, meter: &meter, progress: self.progress, cancelled: self.cancelled };
        let mut visit = Visit { walk: self, meter: &meter, visitor, members: 0, names: 0, problems: 0 };
        let name = identity.name.clone();
        visit.open(identity, 0, &mut raw);
        visit.untold_problems(&name);
        meter.stored.get()
    }
}

/// The visit of one input.
struct Visit<'a> {
    walk: &'a Walk<'a>,
    meter: &'a Meter,
    visitor: &'a mut dyn Visitor,
    members: u64,
    names: u64,
    problems: u64,
}

impl Visit<'_> {
    /// Visits what is in `reader`, which has `depth` layers around it.
    fn open(&mut self, mut identity: Identity, depth: u32, reader: &mut dyn Read) {
        let mut peeked = Peeked::new(reader);
        let format = detect(peeked.start());
        if format == Format::Leaf {
            return self.visitor.source(&identity, &mut peeked);
        }
        let limits = self.walk.limits;
        if depth >= limits.depth {
            return self.problem(&identity.name, format!("not opened: {} layers are around it", limits.depth));
        }
        let name = identity.name.clone();
        identity.rereadable = None;
        let meter = self.meter;
        match format {
            Format::Gz => {
                identity.size = None;
                identity.modified = gz_modified(peeked.start()).or(identity.modified);
                self.open(identity, depth + 1, &mut Metered { inner: Gz::new(peeked), meter, limits });
            }
            Format::Zst => match Zst::new(peeked, limits.zstd_window) {
                Ok(inner) => {
                    identity.size = None;
                    self.open(identity, depth + 1, &mut Metered { inner, meter, limits });
                }
                Err(error) => self.problem(&name, format!("cannot be decompressed: {error}")),
            },
            _ => self.archive(&identity, depth, &mut peeked),
        }
    }

    fn archive(&mut self, archive: &Identity, depth: u32, reader: &mut dyn Read) {
        let mut tar = Tar::new(reader, self.walk.limits);
        loop {
            match tar.next() {
                Ok(Item::Member(header)) => {
                    if let Err(limit) = self.count(&header) {
                        return self.problem(&archive.name, limit);
                    }
                    self.member(archive, depth, &header, &mut tar);
                }
                Ok(Item::Notice(message)) => self.problem(&archive.name, message),
                Ok(Item::Broken(message)) => return self.problem(&archive.name, message),
                Ok(Item::End) => return,
                Err(error) => return self.problem(&archive.name, format!("the archive cannot be read on: {error}")),
            }
        }
    }

    fn count(&mut self, header: &Header) -> Result<(), String> {
        let limits = self.walk.limits;
        self.members += 1;
        self.names = self.names.saturating_add(header.path.len() as u64);
        if self.members > limits.members {
            return Err(format!("more than {} members: the others are not read", limits.members));
        }
        if self.names > limits.names {
            return Err(format!("names of more than {} bytes in all: the other members are not read", limits.names));
        }
        Ok(())
    }

    fn member(&mut self, archive: &Identity, depth: u32, header: &Header, contents: &mut dyn Read) {
        let path = String::from_utf8_lossy(&header.path);
        let name = self.member_name(archive, &path);
        let target = String::from_utf8_lossy(&header.target);
        match header.kind {
            Type::File => {}
            Type::HardLink => return self.problem(&name, format!("a hard link to {target}: not followed")),
            Type::SymbolicLink => return self.problem(&name, format!("a symbolic link to {target}: not followed")),
            Type::Special(what) => return self.problem(&name, format!("{what}: not read")),
            Type::Sparse => return self.problem(&name, "a file with holes (sparse): not read".to_owned()),
            _ => return,
        }
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            self.problem(&name, "its name leads out of the archive: it is shown, and written nowhere".to_owned());
        }
        let identity = Identity {
            origin: archive.origin.clone().or_else(|| origin_of(&path).map(str::to_owned)),
            date: date_of(&path).or(archive.date),
            modified: header.modified.map(|seconds| Timestamp::from_parts(seconds, 0)).or(archive.modified),
            rereadable: None,
            size: Some(header.size),
            name,
        };
        self.open(identity, depth + 1, contents);
    }

    /// The name of a member for the user, cut where it is too long.
    fn member_name(&mut self, archive: &Identity, path: &str) -> String {
        let mut name = format!("{}!{path}", archive.name);
        let limit = self.walk.limits.name_length;
        if name.len() > limit {
            let length = name.len();
            name.truncate(name.floor_char_boundary(limit));
            name.push('…');
            self.problem(&name, format!("its name has {length} bytes, of which {limit} are kept"));
        }
        name
    }

    fn problem(&mut self, name: &str, message: String) {
        self.problems += 1;
        if self.problems <= self.walk.limits.problems && !self.walk.cancelled.load(Ordering::Relaxed) {
            self.visitor.problem(name, message);
        }
    }

    fn untold_problems(&mut self, name: &str) {
        let untold = self.problems.saturating_sub(self.walk.limits.problems);
        if untold > 0 {
            self.visitor.problem(name, format!("{untold} more problems are not told one by one"));
        }
    }
}

/// The time in the header of the first member of gzip data (RFC 1952, 2.3.1); 0 means none.
fn gz_modified(start: &[u8]) -> Option<Timestamp> {
    let seconds = u32::from_le_bytes(*start.get(4..)?.first_chunk()?);
    (seconds > 0).then(|| Timestamp::from_parts(i64::from(seconds), 0))
}
