//! One look at the whole store.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use logvm_wire::quota::Quotas;
use logvm_wire::{QubeName, layout, sorted};

use crate::alerts::{Alerts, Level};
use crate::clock::Clock;
use crate::compress::PART;
use crate::folder::Folder;
use crate::origin::{Action, Origin, Report};
use crate::settings::Settings;

/// Locked by the compressor that runs.
const LOCK: &str = ".compressor.lock";
/// What is remembered of the clock.
const CLOCK: &str = ".compressor.clock";
/// How full an origin was when the user was last told; with its name behind it. Outside of its directory, where it
/// would count against the quota.
const LEVEL: &str = ".compressor.level.";
/// Bytes of these files.
const STATE: u64 = 256;

/// The store, while no other compressor runs.
#[derive(Debug)]
pub struct Pass {
    root: Folder,
    _lock: File,
}

/// How a look at the store is done.
#[derive(Debug)]
pub struct How<'a> {
    /// What the user decided.
    pub settings: &'a Settings,
    /// The quotas that apply.
    pub quotas: &'a Quotas,
    /// When this is.
    pub now: SystemTime,
    /// Nothing is done, only said.
    pub dry: bool,
    /// This origin is to be removed, and no other looked at.
    pub forget: Option<&'a QubeName>,
    /// Names read at once.
    pub window: usize,
}

impl<'a> How<'a> {
    /// The usual way.
    #[must_use]
    pub fn new(settings: &'a Settings, quotas: &'a Quotas, now: SystemTime) -> Self {
        Self { settings, quotas, now, dry: false, forget: None, window: sorted::WINDOW }
    }
}

impl Pass {
    /// Opens the store below a home directory.
    ///
    /// # Errors
    /// When there is none, or another compressor runs.
    pub fn open(home: &Path) -> io::Result<Self> {
        let root = Folder::root(&home.join(layout::ROOT))?;
        let lock = root.append(LOCK)?;
        lock.try_lock().map_err(|_| io::Error::new(io::ErrorKind::WouldBlock, "another compressor runs"))?;
        Ok(Self { root, _lock: lock })
    }

    /// Looks at every origin, and says what it does. Whether nothing went wrong.
    ///
    /// # Errors
    /// When the root cannot be read.
    pub fn run(&self, how: &How<'_>, say: &mut dyn FnMut(&QubeName, &str)) -> io::Result<bool> {
        let by_age = self.clock(how);
        let mut whole = true;
        let mut origin = |name: &QubeName| match self.origin(name, how, by_age, say) {
            Ok(fine) => whole &= fine,
            Err(error) => {
                whole = false;
                say(name, &format!("error: {error}"));
            }
        };
        match how.forget {
            Some(name) => origin(name),
            None => self.root.in_order(how.window, |names| {
                names.iter().filter_map(|name| self.is_origin(name)).for_each(|name| origin(&name));
                Ok(())
            })?,
        }
        Ok(whole)
    }

    fn is_origin(&self, name: &str) -> Option<QubeName> {
        let name = QubeName::parse(name)?;
        self.root.facts(name.as_str()).is_some_and(|facts| facts.is_dir).then_some(name)
    }

    fn origin(
        &self,
        name: &QubeName,
        how: &How<'_>,
        by_age: bool,
        say: &mut dyn FnMut(&QubeName, &str),
    ) -> io::Result<bool> {
        let folder = self.root.folder(name.as_str())?;
        let (rules, quota) = (how.settings.rules(name), how.quotas.of(name));
        let (forget, dry, window, now) = (how.forget.is_some(), how.dry, how.window, how.now);
        let origin = Origin { name, folder: &folder, rules, quota, now, by_age, forget, dry, window };
        let report = origin.keep(&mut |action: &Action| say(name, &action.to_string()))?;
        report.errors.iter().for_each(|error| say(name, &format!("error: {error}")));
        if report.more_errors > 0 {
            say(name, &format!("error: {} more", report.more_errors));
        }
        if !dry {
            self.tell(&origin, &report, how)?;
        }
        Ok(report.errors.is_empty())
    }

    /// Tells the user of quotas and of what went wrong; removes what is empty of a forgotten origin.
    fn tell(&self, origin: &Origin<'_>, report: &Report, how: &How<'_>) -> io::Result<()> {
        if origin.forget {
            return self.forgotten(origin);
        }
        let notify = how.settings.notify();
        let alerts = Alerts { root: &self.root, notify: &notify };
        let percent = report.before.saturating_mul(100) / origin.quota.max(1);
        let remembered = format!("{LEVEL}{}", origin.name);
        let before = Level::parse(&text(&self.root, &remembered).unwrap_or_default());
        let level = before.at(percent);
        if level > before {
            let text = format!("{percent} % of its quota of {} bytes is used", origin.quota);
            alerts.write(how.now, origin.name, &text)?;
            alerts.notify(origin.name, &text);
        }
        if level != before {
            remember(&self.root, &remembered, level.text())?;
        }
        if report.removed > 0 {
            let text = format!("removed {} of its oldest segments to stay within its quota", report.removed);
            alerts.write(how.now, origin.name, &text)?;
        }
        report.errors.first().map_or(Ok(()), |error| alerts.write(how.now, origin.name, error))
    }

    /// Removes the directory of a forgotten origin, unless something in it is open, held or not ours.
    fn forgotten(&self, origin: &Origin<'_>) -> io::Result<()> {
        self.root.remove(&format!("{LEVEL}{}", origin.name))?;
        let mut left = false;
        origin.folder.names(|name| left |= !matches!(name, "." | ".." | layout::LOCK))?;
        if left {
            return Ok(());
        }
        origin.folder.remove(layout::LOCK)?;
        self.root.remove_folder(origin.name.as_str())
    }

    /// Whether the clock may be trusted with removing by age.
    fn clock(&self, how: &How<'_>) -> bool {
        let before = text(&self.root, CLOCK).and_then(|text| Clock::parse(&text));
        let clock = Clock::next(before, how.now);
        let kept = how.dry || remember(&self.root, CLOCK, &clock.text()).is_ok();
        kept && clock.is_trusted()
    }
}

/// A short file.
fn text(folder: &Folder, name: &str) -> Option<String> {
    let mut text = String::new();
    folder.file(name).ok()?.take(STATE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Replaces a short file in one step. It is not brought to the disk: losing it costs an alert told twice.
fn remember(folder: &Folder, name: &str, text: &str) -> io::Result<()> {
    let part = format!("{name}{PART}");
    folder.remove(&part)?;
    folder.create(&part)?.write_all(text.as_bytes())?;
    folder.rename(&part, name)
}
