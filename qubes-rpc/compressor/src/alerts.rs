//! Tells the user: a line in `alerts.log`, and a notification on the desktop.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::layout::ALERTS;
use logvm_wire::{QubeName, alert, limits};

use crate::folder::Folder;

/// Bytes of `alerts.log` beyond which it becomes `alerts.log.1`.
const ROTATE: u64 = 1 << 20;
/// How long a notifier may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How full an origin is, as far as the user wants to know. It must fall well below a level before that one is told of
/// again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// There is room.
    #[default]
    Room,
    /// It was beyond [`limits::ALERT_PERCENT`].
    Warned,
    /// It was at its quota: the collectors keep a last 64th for what they have to say.
    Full,
}

impl Level {
    /// The level at so many percent, when it was `self` before.
    #[must_use]
    pub fn at(self, percent: u64) -> Self {
        let reached = match percent {
            98.. => Self::Full,
            limits::ALERT_PERCENT.. => Self::Warned,
            _ => Self::Room,
        };
        if percent + 10 >= limits::ALERT_PERCENT { self.max(reached) } else { reached }
    }

    /// What a file says that remembers it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Room => "room\n",
            Self::Warned => "warned\n",
            Self::Full => "full\n",
        }
    }

    /// Reads what [`Level::text`] wrote; anything else is as if nobody had been told.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        [Self::Warned, Self::Full].into_iter().find(|level| level.text() == text).unwrap_or_default()
    }
}

/// Where alerts go.
#[derive(Debug)]
pub struct Alerts<'a> {
    /// The root of the store.
    pub root: &'a Folder,
    /// The program that notifies, with its arguments; empty for none.
    pub notify: &'a [String],
}

impl Alerts<'_> {
    /// Writes an alert.
    ///
    /// # Errors
    /// When the disk is full or read-only.
    pub fn write(&self, now: SystemTime, origin: &QubeName, text: &str) -> io::Result<()> {
        if self.root.facts(ALERTS).is_some_and(|facts| facts.size > ROTATE) {
            self.root.rename(ALERTS, &format!("{ALERTS}.1"))?;
        }
        self.root.append(ALERTS)?.write_all(&alert::line(now, origin, text))
    }

    /// Shows an alert on the desktop. Nothing depends on whether that works.
    pub fn notify(&self, origin: &QubeName, text: &str) {
        let Some((program, arguments)) = self.notify.split_first() else { return };
        let mut command = Command::new(program);
        command.args(arguments).arg(format!("{origin}: {text}"));
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Ok(child) = quiet.spawn() {
            wait(child);
        }
    }
}

/// Waits for a notifier, but not for one that hangs.
fn wait(mut child: Child) {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if child.kill().is_ok() {
        let _gone = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_told_once() {
        let levels: Vec<_> = [10, 79, 80, 79, 71, 100, 90, 69, 85]
            .into_iter()
            .scan(Level::Room, |level, percent| {
                *level = level.at(percent);
                Some(*level)
            })
            .collect();
        use Level::{Full, Room, Warned};
        assert_eq!(levels, [Room, Room, Warned, Warned, Warned, Full, Full, Room, Warned]);
    }

    #[test]
    fn a_level_is_remembered() {
        assert!([Level::Room, Level::Warned, Level::Full].into_iter().all(|level| Level::parse(level.text()) == level));
        assert_eq!(Level::parse("?"), Level::Room);
    }
}
