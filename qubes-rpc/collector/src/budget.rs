//! The quota of an origin, which all its sessions share.
//!
//! The origin's `.lock` holds how much is used, and when the user was last told. Whoever writes locks it, adds what the
//! write costs, and unlocks it after the write: the sum is exact however many sessions there are. What other programs
//! delete is noticed by measuring the directory, at the start of each session and before anything is refused.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::{alert, limits, stamp};
use rustix::fs::{FlockOperation, flock};

use crate::free::Free;
use crate::store::Store;

/// What bytes are claimed for, which says how much of the quota they may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What a qube sends: all but the last 64th, as far as the disk has room for others.
    Data,
    /// What logvm says in a file of its own: all of it, as far as the disk has room for others.
    MarkerFile,
    /// What logvm says in a file that is there already: all of it. It is little, and must not be lost.
    Marker,
}

/// Shortest time between two alerts of one level about one origin: a hostile qube cannot fill the file of alerts.
const ALERT_INTERVAL: Duration = Duration::from_secs(3600);
/// Shortest time between two measurements of the directory by one session.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);

/// A session's view of its origin's quota.
pub struct Budget {
    lock: Rc<File>,
    quota: u64,
    measured: Instant,
    free: Free,
}

/// The right to write what was claimed; the origin's other sessions wait until it is dropped.
pub struct Claim(Rc<File>);

impl Drop for Claim {
    fn drop(&mut self) {
        // Where this fails, the lock goes with the process.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl Budget {
    /// The budget of the store's origin, measured now; `quota` in bytes.
    pub fn open(store: &Store, quota: u64) -> io::Result<Self> {
        let lock = Rc::new(store.lock_file()?);
        let budget = Self { lock, quota, measured: Instant::now(), free: Free::measure(store)? };
        let _claim = budget.lock()?;
        let used = store.usage()?;
        budget.save(&State { used, ..budget.load()? })?;
        Ok(budget)
    }

    /// What is left for data, in bytes; another session may take it before this one does.
    pub fn room(&self) -> io::Result<u64> {
        Ok(self.limit(Purpose::Data).saturating_sub(self.load()?.used))
    }

    /// Claims `cost` bytes, or `None` where the origin has used up what it may.
    pub fn claim(&mut self, store: &Store, cost: u64, purpose: Purpose) -> io::Result<Option<Claim>> {
        self.free.refresh(store)?;
        let claim = self.lock()?;
        let mut state = self.load()?;
        let limit = self.limit(purpose);
        if state.used.saturating_add(cost) > limit {
            self.measure(store, &mut state)?;
        }
        let fits = state.used.saturating_add(cost) <= limit;
        if fits {
            state.used += cost;
        }
        self.alert(store, &mut state, fits || purpose != Purpose::Data)?;
        self.save(&state)?;
        Ok(fits.then_some(claim))
    }

    fn limit(&self, purpose: Purpose) -> u64 {
        let allowed = self.allowed();
        match purpose {
            Purpose::Data => allowed - allowed / 64,
            Purpose::MarkerFile => allowed,
            Purpose::Marker => self.quota,
        }
    }

    /// The quota, or this origin's share of a disk that is nearly full.
    fn allowed(&self) -> u64 {
        self.quota.min(self.free.share())
    }

    fn measure(&mut self, store: &Store, state: &mut State) -> io::Result<()> {
        if self.measured.elapsed() >= MEASURE_INTERVAL || state.used == u64::MAX {
            self.measured = Instant::now();
            state.used = store.usage()?;
        }
        Ok(())
    }

    /// Tells the user what has to be told, and not too often.
    fn alert(&mut self, store: &Store, state: &mut State, fits: bool) -> io::Result<()> {
        let now = SystemTime::now();
        if !fits && due(&mut state.full, now) {
            tell(store, now, &format!("{} reached: nothing more is stored", self.name()));
        } else if fits && self.is_near(state) && is_due(state.near, now) {
            // Something may have been deleted since.
            self.measure(store, state)?;
            if self.is_near(state) && due(&mut state.near, now) {
                tell(store, now, &format!("{} % of the {} used", limits::ALERT_PERCENT, self.name()));
            }
        }
        Ok(())
    }

    fn is_near(&self, state: &State) -> bool {
        let limit = u128::from(self.allowed());
        u128::from(state.used) * 100 >= limit * u128::from(limits::ALERT_PERCENT)
    }

    /// What limits the origin, in words.
    fn name(&self) -> String {
        match self.free.share() {
            share if share < self.quota => format!("share of {share} bytes of a disk that is nearly full"),
            _ => format!("quota of {} bytes", self.quota),
        }
    }

    fn lock(&self) -> io::Result<Claim> {
        flock(&self.lock, FlockOperation::LockExclusive)?;
        Ok(Claim(Rc::clone(&self.lock)))
    }

    fn load(&self) -> io::Result<State> {
        let mut text = [0; State::LEN];
        let read = self.lock.read_at(&mut text, 0)?;
        Ok(text.get(..read).and_then(State::parse).unwrap_or_default())
    }

    fn save(&self, state: &State) -> io::Result<()> {
        self.lock.write_all_at(state.text().as_bytes(), 0)
    }
}

/// Appends an alert. It must not stop a session: where it fails, the disk is full, and the session will notice.
fn tell(store: &Store, now: SystemTime, text: &str) {
    let line = alert::line(now, &store.origin, text);
    let _ = store.alerts().and_then(|mut file| file.write_all(&line));
}

/// Whether the last alert is long ago, or in a future that the clock has left.
fn is_due(last: u64, now: SystemTime) -> bool {
    let now = stamp::micros(now) / 1_000_000;
    now.checked_sub(last).is_none_or(|passed| passed >= ALERT_INTERVAL.as_secs())
}

fn due(last: &mut u64, now: SystemTime) -> bool {
    let due = is_due(*last, now);
    if due {
        *last = stamp::micros(now) / 1_000_000;
    }
    due
}

/// What the sessions of an origin know of each other; `near` and `full` are when the user was told, in seconds since
/// 1970.
#[derive(Debug, PartialEq, Eq)]
struct State {
    used: u64,
    near: u64,
    full: u64,
}

/// What is known where nothing can be read: nothing, so that the directory is measured before anything is written.
impl Default for State {
    fn default() -> Self {
        Self { used: u64::MAX, near: 0, full: 0 }
    }
}

impl State {
    const LEN: usize = 63;

    fn text(&self) -> String {
        format!("{:020} {:020} {:020}\n", self.used, self.near, self.full)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
        let mut numbers = text.split(' ').map(str::parse);
        let state = Self { used: numbers.next()?.ok()?, near: numbers.next()?.ok()?, full: numbers.next()?.ok()? };
        numbers.next().is_none().then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_has_one_length() {
        let state = State { used: u64::MAX, near: 0, full: 1_795_233_276 };
        assert_eq!(state.text().len(), State::LEN);
        assert_eq!(State::parse(state.text().as_bytes()), Some(state));
        assert_eq!(State::parse(b""), None);
        assert_eq!(State::parse(&[0; State::LEN]), None);
    }

    #[test]
    fn alerts_come_once_an_hour_and_after_a_step_back() {
        let at = |seconds: u64| stamp::from_micros(seconds * 1_000_000);
        let mut last = 0;
        let told: Vec<bool> = [10_000, 10_001, 13_599, 13_600, 500].map(|now| due(&mut last, at(now))).to_vec();
        assert_eq!(told, [true, false, false, true, true]);
    }
}
