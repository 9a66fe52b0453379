//! One part of a session: its files, and what may be done with them.

use std::time::{Duration, SystemTime};

use logvm_wire::limits::FILE_OVERHEAD;
use logvm_wire::{Compression, Kind, SegmentName};

use crate::folder::{Facts, Folder};
use crate::settings::{Method, Rules};

/// All files that share a start, a session and a number.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// The files, by kind, of one kind the one that is not compressed first.
    pub files: Vec<(SegmentName, Facts)>,
}

impl Segment {
    /// The segment of these names; nothing but regular files belongs to it.
    #[must_use]
    pub fn of(folder: &Folder, names: &[String]) -> Option<Self> {
        let facts = |name: &String| {
            let segment = SegmentName::parse(name)?;
            let facts = folder.facts(name).filter(|facts| facts.is_file)?;
            Some((segment, facts))
        };
        let mut files: Vec<_> = names.iter().filter_map(facts).collect();
        files.sort_by_key(|(name, _)| (name.kind, name.compression));
        (!files.is_empty()).then_some(Self { files })
    }

    /// What it takes of its origin's quota.
    #[must_use]
    pub fn charge(&self) -> u64 {
        let charges = self.files.iter().map(|(_, facts)| charge(facts));
        charges.fold(0, u64::saturating_add)
    }

    /// When it last changed.
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        self.files.iter().map(|(_, facts)| facts.modified).max()
    }

    /// How long ago it last changed; nothing if that is still to come.
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Duration {
        self.changed().and_then(|changed| now.duration_since(changed).ok()).unwrap_or_default()
    }

    /// Whether it changed so close to now, on either side of it, that its collector may be about to lock it.
    #[must_use]
    pub fn is_recent(&self, now: SystemTime, rules: &Rules) -> bool {
        let apart = |changed| now.duration_since(changed).unwrap_or_else(|error| error.duration());
        self.changed().is_none_or(|changed| apart(changed) < rules.recent)
    }

    /// Whether it is protected by itself.
    #[must_use]
    pub fn is_held(&self, folder: &Folder) -> bool {
        self.files.first().is_none_or(|(name, _)| folder.facts(&name.hold()).is_some())
    }

    /// The file whose lock tells whether it is open: what its collector writes to, or the stamps that it made before;
    /// `None` when nothing is there that is not compressed.
    #[must_use]
    pub fn lockable(&self) -> Option<&SegmentName> {
        self.files.iter().map(|(name, _)| name).find(|name| name.compression == Compression::None)
    }

    /// Its stamps are all that is left of it.
    #[must_use]
    pub fn is_orphan(&self) -> bool {
        self.files.iter().all(|(name, _)| name.kind == Kind::Stamps)
    }

    /// Compressed files whose plain one is there as well: a crash came before that was removed.
    #[must_use]
    pub fn doubles(&self) -> Vec<(SegmentName, Facts)> {
        let plain =
            |kind| self.files.iter().any(|(name, _)| name.kind == kind && name.compression == Compression::None);
        let double = |(name, _): &&(SegmentName, Facts)| name.compression != Compression::None && plain(name.kind);
        self.files.iter().filter(double).cloned().collect()
    }

    /// The files to compress, and the names they get.
    #[must_use]
    pub fn compressible(&self, now: SystemTime, rules: &Rules) -> Vec<(SegmentName, SegmentName)> {
        let compression = match rules.method {
            Method::Zstd => Compression::Zst,
            Method::Gzip => Compression::Gz,
            Method::None => return Vec::new(),
        };
        if self.age(now) < rules.compress_after {
            return Vec::new();
        }
        let plain = |(name, facts): &&(SegmentName, Facts)| name.compression == Compression::None && facts.size > 0;
        let packed = |(name, _): &(SegmentName, Facts)| (name.clone(), SegmentName { compression, ..name.clone() });
        self.files.iter().filter(plain).map(packed).collect()
    }
}

/// What a file takes of a quota.
#[must_use]
pub fn charge(facts: &Facts) -> u64 {
    facts.size.saturating_add(FILE_OVERHEAD)
}
