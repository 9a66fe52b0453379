//! Puts what was received into segments, within the quota.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::{Compression, Kind, SegmentName, limits, marker};

use crate::budget::{Budget, Purpose};
use crate::cli::Settings;
use crate::dropped::{Amount, Dropped};
use crate::segment::{Segment, stamp_line};
use crate::stop::Stop;
use crate::store::{Store, session_id};

/// The store of one session: its open segment, and what it may still write.
pub struct Recorder {
    store: Store,
    budget: Budget,
    kind: Kind,
    session: String,
    next_part: u32,
    segment_bytes: u64,
    segment_age: Duration,
    may_drop: bool,
    open: Option<Segment>,
    dropped: Dropped,
    unsynced: bool,
}

impl Recorder {
    /// A recorder for a new session. No segment is made before there is something to store.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let store = Store::open(&settings.root, &settings.origin)?;
        Ok(Self {
            budget: Budget::open(&store, settings.quota)?,
            store,
            kind: settings.kind,
            session: session_id()?,
            next_part: 0,
            segment_bytes: settings.segment_bytes,
            segment_age: settings.segment_age,
            may_drop: !settings.acknowledge,
            open: None,
            dropped: Dropped::default(),
            unsynced: false,
        })
    }

    /// Stores `bytes`, which stand for `amount` of the input. `false` says that there was no room, and that they are
    /// counted as dropped; a session that may not drop anything ends instead.
    pub fn append(&mut self, received: SystemTime, bytes: &[u8], amount: Amount) -> Result<bool, Stop> {
        if self.dropped.waits() || !self.write(received, bytes)? {
            return self.refuse(received, amount).map(|()| false);
        }
        Ok(true)
    }

    /// Says something between what was stored, where there is a segment or room for one.
    pub fn note(&mut self, received: SystemTime, text: &str) -> io::Result<()> {
        let cost = note_cost(received, text) + self.overhead();
        let purpose = if self.is_open() { Purpose::Marker } else { Purpose::MarkerFile };
        let Some(_claim) = self.budget.claim(&self.store, cost, purpose)? else { return Ok(()) };
        self.unsynced = true;
        self.segment(received)?.note(received, text)
    }

    /// Says what was dropped, where something was.
    pub fn report(&mut self, received: SystemTime) -> io::Result<()> {
        let text = self.dropped.text();
        self.dropped = Dropped::default();
        text.map_or(Ok(()), |text| self.note(received, &text))
    }

    /// What is left for data, in bytes.
    pub fn room(&self) -> io::Result<u64> {
        Ok(if self.dropped.is_active() { 0 } else { self.budget.room()? })
    }

    /// Whether what came last was dropped.
    pub fn is_dropping(&self) -> bool {
        self.dropped.is_active()
    }

    /// Whether it is not yet worth while to try again to store something.
    pub fn waits(&self) -> bool {
        self.dropped.waits()
    }

    /// Drops `amount` of the input without trying to store it: it follows something that was dropped.
    pub fn skip(&mut self, amount: Amount) {
        self.dropped.add(amount);
    }

    /// Whether a segment is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether something was written that may not be on disk yet.
    pub fn is_unsynced(&self) -> bool {
        self.unsynced
    }

    /// Waits until everything that was written is on disk.
    pub fn sync(&mut self) -> io::Result<()> {
        if let Some(segment) = self.open.as_ref().filter(|_| self.unsynced) {
            segment.sync()?;
        }
        self.unsynced = false;
        Ok(())
    }

    /// Whether the open segment has reached the size or the age at which the next part should begin.
    pub fn is_full(&self) -> bool {
        let large = self.open.as_ref().is_some_and(|segment| segment.len() >= self.segment_bytes);
        large || self.expires().is_some_and(|due| due <= Instant::now())
    }

    /// By how many bytes the open segment is larger than that.
    pub fn overhang(&self) -> u64 {
        self.open.as_ref().map_or(0, |segment| segment.len().saturating_sub(self.segment_bytes))
    }

    /// When the open segment is old enough to be closed.
    pub fn expires(&self) -> Option<Instant> {
        self.open.as_ref().and_then(|segment| segment.opened.checked_add(self.segment_age))
    }

    /// Closes the open segment: what comes next goes into the next part of the session.
    pub fn close(&mut self) -> io::Result<()> {
        self.sync()?;
        self.open = None;
        Ok(())
    }

    fn write(&mut self, received: SystemTime, bytes: &[u8]) -> io::Result<bool> {
        let stamps = if self.kind == Kind::Export { stamp_line(u64::MAX, received).len() as u64 } else { 0 };
        let report = self.dropped.text();
        let markers = report.as_ref().map_or(0, |text| note_cost(received, text));
        let cost = bytes.len() as u64 + stamps + markers + self.overhead();
        let Some(_claim) = self.budget.claim(&self.store, cost, Purpose::Data)? else { return Ok(false) };
        self.dropped = Dropped::default();
        self.unsynced = true;
        let segment = self.segment(received)?;
        report.map_or(Ok(()), |text| segment.note(received, &text))?;
        segment.append(received, bytes)?;
        Ok(true)
    }

    fn refuse(&mut self, received: SystemTime, amount: Amount) -> Result<(), Stop> {
        if !self.may_drop {
            return Err(Stop::Quota);
        }
        if !self.dropped.is_active() && self.open.is_some() {
            self.note(received, "quota reached: what follows is dropped")?;
        }
        if !self.dropped.waits() {
            self.dropped.begin();
        }
        self.dropped.add(amount);
        Ok(())
    }

    fn overhead(&self) -> u64 {
        if self.open.is_some() { 0 } else { limits::FILE_OVERHEAD * Segment::files(self.kind) }
    }

    fn segment(&mut self, received: SystemTime) -> io::Result<&mut Segment> {
        if self.open.is_none() {
            let name = self.name(received);
            self.open = Some(Segment::create(&self.store, &name)?);
            self.next_part += 1;
        }
        self.open.as_mut().ok_or_else(|| io::Error::other("no segment"))
    }

    fn name(&self, start: SystemTime) -> SegmentName {
        let session = self.session.clone();
        SegmentName { start, session, part: self.next_part, kind: self.kind, compression: Compression::None }
    }
}

/// What a marker costs at most: in a file of times, there is an offset and a tab before it.
fn note_cost(received: SystemTime, text: &str) -> u64 {
    const OFFSET_MAX: u64 = 21;
    marker::line(received, text).len() as u64 + OFFSET_MAX
}
