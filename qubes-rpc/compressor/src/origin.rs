//! Keeps one origin within its bounds, from its oldest segment to its newest.

use std::fmt;
use std::fs::File;
use std::io;
use std::time::SystemTime;

use logvm_wire::QubeName;
use logvm_wire::layout::HOLD;

use crate::compress::{self, is_part};
use crate::folder::Folder;
use crate::segment::{Segment, charge};
use crate::settings::Rules;

/// Errors that are told of one origin; the others are counted.
const ERRORS: usize = 10;

/// What is to be kept, and how.
#[derive(Debug)]
pub struct Origin<'a> {
    /// Its name.
    pub name: &'a QubeName,
    /// Its directory.
    pub folder: &'a Folder,
    /// What applies to it.
    pub rules: Rules,
    /// Its quota, in bytes.
    pub quota: u64,
    /// When this is.
    pub now: SystemTime,
    /// The clock can be trusted with removing what is old.
    pub by_age: bool,
    /// All that may be removed is to be.
    pub forget: bool,
    /// Nothing is done, only said.
    pub dry: bool,
    /// Names read at once.
    pub window: usize,
}

/// Why something is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The origin takes more than its share.
    Quota,
    /// It is older than the origin's logs may get.
    Age,
    /// The user said so.
    Forgotten,
    /// It is what a crash left: stamps of nothing, or a copy.
    Leftover,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// All files of a segment are removed, of so many bytes.
    Remove(String, u64, Why),
    /// A file is compressed.
    Compress(String),
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove(name, bytes, why) => {
                let why = match why {
                    Why::Quota => "beyond its quota",
                    Why::Age => "too old",
                    Why::Forgotten => "to be forgotten",
                    Why::Leftover => "left by a crash",
                };
                write!(out, "remove {name} ({bytes} bytes, {why})")
            }
            Self::Compress(name) => write!(out, "compress {name}"),
        }
    }
}

/// What became of one origin.
#[derive(Debug, Default)]
pub struct Report {
    /// What it took of its quota before, in bytes.
    pub before: u64,
    /// What it takes now.
    pub after: u64,
    /// Segments that were removed because of the quota.
    pub removed: u64,
    /// What went wrong, segment by segment.
    pub errors: Vec<String>,
    /// How much went wrong that is not told.
    pub more_errors: u64,
}

impl Origin<'_> {
    /// Does what is needed, and says what.
    ///
    /// # Errors
    /// When the directory cannot be read; what goes wrong with one segment is in the report.
    pub fn keep(&self, say: &mut dyn FnMut(&Action)) -> io::Result<Report> {
        self.remove_parts()?;
        let mut report = Report { before: self.total()?, ..Report::default() };
        report.after = report.before;
        let held = self.folder.facts(HOLD).is_some();
        self.folder.in_order(self.window, |names| {
            if let Some(segment) = Segment::of(self.folder, names)
                && let Err(error) = self.segment(&segment, held, &mut report, say)
            {
                report.fail(&segment, &error);
            }
            Ok(())
        })?;
        self.folder.sync()?;
        Ok(report)
    }

    /// Removes what a run wrote that did not end.
    fn remove_parts(&self) -> io::Result<()> {
        let mut parts = Vec::new();
        self.folder.names(|name| {
            if is_part(name) && parts.len() < self.window {
                parts.push(name.to_owned());
            }
        })?;
        if self.dry { Ok(()) } else { parts.iter().try_for_each(|part| self.folder.remove(part)) }
    }

    /// What is used of the quota, as the collectors count it: every file, whoever put it there.
    fn total(&self) -> io::Result<u64> {
        let mut total = 0_u64;
        self.folder.names(|name| {
            let facts = self.folder.facts(name).filter(|_| !matches!(name, "." | ".."));
            total = total.saturating_add(facts.as_ref().map_or(0, charge));
        })?;
        Ok(total)
    }

    /// What the origin is brought down to: the collectors refuse beyond the quota, so that a tenth must be free.
    fn limit(&self) -> u64 {
        self.quota - self.quota / 10
    }

    fn segment(&self, segment: &Segment, held: bool, report: &mut Report, say: Say<'_>) -> io::Result<()> {
        let Some(guard) = self.guard(segment)? else { return Ok(()) };
        let segment = self.without_doubles(segment, report, say)?;
        if held || segment.is_held(self.folder) {
            return Ok(());
        }
        match self.why(&segment, report.after) {
            Some(why) => self.remove(&segment, why, report, say),
            None => self.compress(&segment, guard.as_ref(), report, say),
        }
    }

    /// The lock on the segment; `None` while it is open. What is compressed needs none.
    #[expect(clippy::option_option, reason = "open, and without a lock, are different answers")]
    fn guard(&self, segment: &Segment) -> io::Result<Option<Option<File>>> {
        match segment.lockable() {
            Some(name) => Ok(self.folder.closed(&name.to_string())?.map(Some)),
            None => Ok(Some(None)),
        }
    }

    fn without_doubles(&self, segment: &Segment, report: &mut Report, say: Say<'_>) -> io::Result<Segment> {
        let doubles = segment.doubles();
        for (name, facts) in &doubles {
            say(&Action::Remove(name.to_string(), facts.size, Why::Leftover));
            if !self.dry {
                self.folder.remove(&name.to_string())?;
            }
            report.after = report.after.saturating_sub(charge(facts));
        }
        let single = segment.files.iter().filter(|file| !doubles.contains(file)).cloned();
        Ok(Segment { files: single.collect() })
    }

    fn why(&self, segment: &Segment, total: u64) -> Option<Why> {
        if self.forget {
            return Some(Why::Forgotten);
        }
        if segment.is_recent(self.now, &self.rules) {
            return None;
        }
        if segment.is_orphan() {
            return Some(Why::Leftover);
        }
        if self.by_age && segment.age(self.now) > self.rules.max_age {
            return Some(Why::Age);
        }
        (total > self.limit()).then_some(Why::Quota)
    }

    /// Removes a segment, the file that its stamps belong to first.
    fn remove(&self, segment: &Segment, why: Why, report: &mut Report, say: Say<'_>) -> io::Result<()> {
        let Some((first, _)) = segment.files.first() else { return Ok(()) };
        let names = self.folder.lock()?;
        // A hold that was set meanwhile counts: whoever sets it waits for this lock, and then looks.
        if segment.is_held(self.folder) || self.folder.facts(HOLD).is_some() {
            return Ok(());
        }
        say(&Action::Remove(first.to_string(), segment.charge(), why));
        if !self.dry {
            segment.files.iter().try_for_each(|(name, _)| self.folder.remove(&name.to_string()))?;
        }
        drop(names);
        report.after = report.after.saturating_sub(segment.charge());
        report.removed += u64::from(why == Why::Quota);
        Ok(())
    }

    fn compress(&self, segment: &Segment, guard: Option<&File>, report: &mut Report, say: Say<'_>) -> io::Result<()> {
        for (from, to) in segment.compressible(self.now, &self.rules) {
            let own = if segment.lockable() == Some(&from) { None } else { self.folder.closed(&from.to_string())? };
            let Some(file) = own.as_ref().or(guard) else { continue };
            say(&Action::Compress(from.to_string()));
            if self.dry {
                continue;
            }
            let size = file.metadata()?.len();
            let new = compress::replace(self.folder, &from, &to, file, self.rules.level)?;
            report.after = report.after.saturating_add(new).saturating_sub(size);
        }
        Ok(())
    }
}

/// Takes note of what is done.
type Say<'a> = &'a mut dyn FnMut(&Action);

impl Report {
    fn fail(&mut self, segment: &Segment, error: &io::Error) {
        if self.errors.len() >= ERRORS {
            self.more_errors += 1;
            return;
        }
        let name = segment.files.first().map(|(name, _)| name.to_string()).unwrap_or_default();
        self.errors.push(format!("{name}: {error}"));
    }
}
