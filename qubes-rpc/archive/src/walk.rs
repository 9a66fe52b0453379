//! Finds what is stored, in order of names, in memory that does not grow with the store.

use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use logvm_wire::layout::{self, HOLD};
use logvm_wire::sorted::{self, Window};
use logvm_wire::{Compression, QubeName, SegmentName};

use crate::beneath::{Dir, Entry};
use crate::day;
use crate::item::{Id, Item, Kind, State, Stored};

/// The root of the vault, below the home directory of its user: `NetLogs/<qube>/<date>/…`.
pub const VAULT: &str = "NetLogs";

/// How deep folders below an origin are looked into.
const DEPTH: u32 = 4;

/// Longest path below a root, in bytes.
const PATH_MAX: usize = 1024;

/// A root that is there.
#[derive(Debug)]
pub struct Root {
    /// Its name, and the first part of its members' paths in a tar.
    pub name: &'static str,
    /// Its directory.
    pub dir: Dir,
}

/// All that is stored here.
#[derive(Debug)]
pub struct Store {
    /// The LogVM's root, the vault's, or both.
    pub roots: Vec<Root>,
    window: usize,
}

/// What to look at; what is left out costs a reading of its name at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Only these origins; `None` is all of them.
    pub origins: Option<&'a [QubeName]>,
    /// Only segments that start at this time or later.
    pub from: Option<SystemTime>,
}

/// What was seen but is no archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Links, special files, names with control bytes or not UTF-8, paths too deep or too long.
    pub names: u64,
}

/// What is done with an item, beside the root where it is.
type Visit<'a> = dyn FnMut(&Root, Item) -> io::Result<()> + 'a;

impl Store {
    /// Opens the roots below a home directory.
    #[must_use]
    pub fn open(home: &Path) -> Self {
        let root = |name| Dir::root(&home.join(name)).ok().map(|dir| Root { name, dir });
        Self { roots: [layout::ROOT, VAULT].into_iter().filter_map(root).collect(), window: sorted::WINDOW }
    }

    /// The same store, read in windows of so many names.
    #[must_use]
    pub fn with_window(self, window: usize) -> Self {
        Self { window, ..self }
    }

    /// The root of that name.
    #[must_use]
    pub fn root(&self, name: &str) -> Option<&Root> {
        self.roots.iter().find(|root| root.name == name)
    }

    /// Shows every archive in the scope, by root, origin and name. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// What `visit` returns; a directory that cannot be read.
    pub fn walk(&self, scope: Scope<'_>, visit: &mut Visit<'_>) -> io::Result<Skipped> {
        let mut skipped = Skipped::default();
        for root in &self.roots {
            let mut walk = Walk { root, scope, window: self.window, visit, skipped: &mut skipped };
            match scope.origins {
                Some(origins) => origins.iter().try_for_each(|origin| walk.origin(origin))?,
                None => in_order(&root.dir, self.window, |group| group.iter().try_for_each(|name| walk.top(name)))?,
            }
        }
        Ok(skipped)
    }
}

/// Reads a directory window by window, and shows what belongs together.
fn in_order(dir: &Dir, window: usize, mut show: impl FnMut(&[Vec<u8>]) -> io::Result<()>) -> io::Result<()> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let mut next = Window::new(after.as_deref(), window);
        dir.names(|name| next.offer(name))?;
        let (names, more) = next.finish();
        names.chunk_by(|one, other| sorted::group(one) == sorted::group(other)).try_for_each(&mut show)?;
        if !more {
            return Ok(());
        }
        after = names.into_iter().next_back().or(after);
    }
}

struct Walk<'a, 'v> {
    root: &'a Root,
    scope: Scope<'a>,
    window: usize,
    visit: &'a mut Visit<'v>,
    skipped: &'a mut Skipped,
}

/// A folder on the way down.
struct Folder<'a> {
    origin: &'a str,
    path: &'a str,
    dir: &'a Dir,
    held: bool,
    depth: u32,
}

impl Walk<'_, '_> {
    /// A name in the root.
    fn top(&mut self, name: &[u8]) -> io::Result<()> {
        match std::str::from_utf8(name).ok().and_then(QubeName::parse) {
            Some(origin) if self.root.dir.entry(name).is_ok_and(|entry| entry.is_dir) => self.origin(&origin),
            _ => Ok(()),
        }
    }

    fn origin(&mut self, origin: &QubeName) -> io::Result<()> {
        let Ok(dir) = self.root.dir.dir(origin.as_str().as_bytes()) else { return Ok(()) };
        self.folder(&Folder { origin: origin.as_str(), path: origin.as_str(), dir: &dir, held: false, depth: 0 })
    }

    fn folder(&mut self, folder: &Folder<'_>) -> io::Result<()> {
        let held = folder.held || folder.dir.entry(HOLD.as_bytes()).is_ok();
        let folder = Folder { held, ..*folder };
        in_order(folder.dir, self.window, |group| self.group(&folder, group))
    }

    fn group(&mut self, folder: &Folder<'_>, names: &[Vec<u8>]) -> io::Result<()> {
        let segments: Vec<SegmentName> =
            names.iter().filter_map(|name| SegmentName::parse(std::str::from_utf8(name).ok()?)).collect();
        match segments.first() {
            Some(first) if self.scope.from.is_some_and(|from| first.start < from) => Ok(()),
            Some(_) => self.session(folder, segments),
            None => names.iter().try_for_each(|name| self.other(folder, name)),
        }
    }

    /// One part of a session: of each kind the first name counts, which is the file that is not compressed.
    fn session(&mut self, folder: &Folder<'_>, mut names: Vec<SegmentName>) -> io::Result<()> {
        use logvm_wire::Kind as Stem;
        names.sort_by_key(|name| (name.kind, name.compression));
        names.dedup_by_key(|name| name.kind);
        let (mut main, stamps): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.kind != Stem::Stamps);
        if main.is_empty() {
            return self.segment(folder, Kind::Stamps, &stamps);
        }
        for name in main.drain(..) {
            let kind = if name.kind == Stem::Export { Kind::Export } else { Kind::Log };
            let with = stamps.iter().filter(|_| kind == Kind::Export).cloned();
            self.segment(folder, kind, &std::iter::once(name).chain(with).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn segment(&mut self, folder: &Folder<'_>, kind: Kind, names: &[SegmentName]) -> io::Result<()> {
        let found: Vec<_> = names.iter().filter_map(|name| self.stored(folder, name)).collect();
        let Some((first, main)) = found.first() else { return Ok(()) };
        let held = folder.held || folder.dir.entry(first.hold().as_bytes()).is_ok();
        let state = match first.compression {
            Compression::None if is_open(folder.dir, first.to_string().as_bytes()) => State::Open,
            _ if held => State::Held,
            Compression::None => State::Closed,
            _ => State::Compressed,
        };
        let plain = SegmentName { compression: Compression::None, ..first.clone() };
        let item = Item {
            id: self.id(&format!("{}/{plain}", folder.path)),
            root: self.root.name,
            origin: folder.origin.to_owned(),
            kind,
            start: first.start,
            end: (state != State::Open).then_some(main.modified),
            state,
            files: found.into_iter().map(|(_, stored)| stored).collect(),
        };
        (self.visit)(self.root, item)
    }

    /// A file of a segment, under the name it has now: it may have been compressed since the names were read.
    fn stored(&mut self, folder: &Folder<'_>, name: &SegmentName) -> Option<(SegmentName, Stored)> {
        let since = [Compression::Zst, Compression::Gz, Compression::Xz];
        let since = since.map(|compression| SegmentName { compression, ..name.clone() });
        let mut names = std::iter::once(name.clone()).chain(since);
        let (name, entry) =
            names.find_map(|name| folder.dir.entry(name.to_string().as_bytes()).ok().map(|entry| (name, entry)))?;
        if !entry.is_file {
            self.skipped.names += 1;
            return None;
        }
        let path = format!("{}/{name}", folder.path);
        Some((name, Stored { path, size: entry.size, modified: entry.modified }))
    }

    /// A name that is no segment: a folder, or a file that somebody else put there.
    fn other(&mut self, folder: &Folder<'_>, name: &[u8]) -> io::Result<()> {
        if name.starts_with(b".") || name.ends_with(HOLD.as_bytes()) || name.ends_with(b".part") {
            return Ok(());
        }
        let Ok(entry) = folder.dir.entry(name) else { return Ok(()) };
        let path = harmless(name).map(|name| format!("{}/{name}", folder.path)).filter(|path| path.len() <= PATH_MAX);
        match path {
            Some(path) if entry.is_dir && folder.depth < DEPTH => self.below(folder, &path, name),
            Some(path) if entry.is_file => self.file(folder, path, name, entry),
            _ => {
                self.skipped.names += 1;
                Ok(())
            }
        }
    }

    fn below(&mut self, folder: &Folder<'_>, path: &str, name: &[u8]) -> io::Result<()> {
        let Ok(dir) = folder.dir.dir(name) else { return Ok(()) };
        self.folder(&Folder { path, dir: &dir, depth: folder.depth + 1, ..*folder })
    }

    fn file(&mut self, folder: &Folder<'_>, path: String, name: &[u8], entry: Entry) -> io::Result<()> {
        let start = day::of_path(&path).unwrap_or(entry.modified).min(entry.modified);
        if self.scope.from.is_some_and(|from| start < from) {
            return Ok(());
        }
        let held = folder.held || folder.dir.entry(&[name, HOLD.as_bytes()].concat()).is_ok();
        let item = Item {
            id: self.id(&path),
            root: self.root.name,
            origin: folder.origin.to_owned(),
            kind: kind_of(name),
            start,
            end: Some(entry.modified),
            state: if held { State::Held } else { state_of(name) },
            files: vec![Stored { path, size: entry.size, modified: entry.modified }],
        };
        (self.visit)(self.root, item)
    }

    fn id(&self, path: &str) -> Id {
        Id::of(&format!("{}/{path}", self.root.name))
    }
}

/// Whether a collector holds its lock on the segment.
fn is_open(dir: &Dir, name: &[u8]) -> bool {
    dir.file(name).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A name that no terminal and no text format minds.
fn harmless(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| !name.contains(char::is_control))
}

fn kind_of(name: &[u8]) -> Kind {
    let capture =
        name.starts_with(b"pcap") || [".pcap", ".pcapng"].iter().any(|end| plain(name).ends_with(end.as_bytes()));
    let text = plain(name).ends_with(b".log");
    if capture {
        Kind::Capture
    } else if text {
        Kind::Log
    } else {
        Kind::File
    }
}

fn state_of(name: &[u8]) -> State {
    let packed = plain(name).len() < name.len() || name.ends_with(b".tgz");
    if packed { State::Compressed } else { State::Closed }
}

/// The name without the suffix of a compression.
fn plain(name: &[u8]) -> &[u8] {
    let packed = [Compression::Zst, Compression::Gz, Compression::Xz].map(Compression::suffix);
    packed.iter().find_map(|end| name.strip_suffix(end.as_bytes())).unwrap_or(name)
}
