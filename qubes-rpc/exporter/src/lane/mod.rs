//! One source on its way to one target: the state machine that decides what to do next.
//!
//! [`Lane::update`] takes what happened and gives what to do. It reads no clock and does no I/O, so that every course of
//! events can be tried in a test.

mod call;
#[cfg(test)]
mod tests;

use crate::buffer::Buffer;
use crate::intake::{Intake, Now};
use crate::place::{FilePlace, JournalPlace, Mark};
use call::Call;
pub use call::Timing;

/// Progress is saved at most this often, in microseconds.
const SAVE_INTERVAL: u64 = 200_000;
/// While stopping, the source counts as read when nothing came for so long, in microseconds.
const QUIET: u64 = 200_000;

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The source gave bytes.
    Read(&'a [u8]),
    /// Another file is read from here on, of which so many bytes were there before.
    File(FilePlace, u64),
    /// What was read so far is complete, or will never be: another file follows, or the journal after the last entry.
    SourceEnded,
    /// The journal no longer has the saved cursor and is read from its start.
    Replay,
    /// The source has ended and will not be read again.
    Finished,
    /// The call took so many bytes.
    Sent(usize),
    /// The call answered.
    Answered(&'a [u8]),
    /// The call ended, for this reason.
    CallEnded(String),
    /// Time passed.
    Wake,
    /// The exporter is to stop soon.
    Stop,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start a call to the target.
    StartCall,
    /// Let the call know that nothing more comes.
    CloseInput,
    /// End the call now.
    EndCall,
    /// Save [`Lane::progress`].
    Save,
    /// Log a message.
    Say(String),
    /// This lane has nothing more to do.
    Done,
}

/// How far a source was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Standard input: nowhere to go back to.
    None,
    /// A journal.
    Journal(JournalPlace),
    /// A file, if any of it was exported.
    File(Option<FilePlace>),
}

/// One source on its way to one target.
#[derive(Debug)]
pub struct Lane {
    intake: Intake,
    buffer: Buffer,
    call: Call,
    progress: Progress,
    /// Since when `progress` is not saved.
    unsaved: Option<u64>,
    saved_at: u64,
    phase: Phase,
    /// When the buffer became full.
    full_since: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Reading and sending.
    Running,
    /// Reading what is there, until the first of `quiet` and `end`; all has to be acknowledged until `deadline`.
    Draining { quiet: u64, end: u64, deadline: u64 },
    /// Sending what was read, until the deadline, if there is one.
    Flushing { deadline: Option<u64> },
    /// Nothing more to do.
    Done,
}

impl Lane {
    /// A lane that has exported `progress`.
    pub fn new(intake: Intake, buffer: Buffer, progress: Progress, timing: Timing, seed: u64) -> Self {
        let call = Call::new(timing, seed);
        let phase = Phase::Running;
        Lane { intake, buffer, call, progress, unsaved: None, saved_at: 0, phase, full_since: None }
    }

    /// Whether the source should be read now.
    pub fn wants_input(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Draining { .. }) && !self.buffer.is_full()
    }

    /// The bytes that the open call should be given next.
    pub fn unsent(&self) -> &[u8] {
        if self.call.takes_bytes() { self.buffer.unsent() } else { &[] }
    }

    /// How far the source was exported and acknowledged.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The last cursor that was read, where the source is a journal.
    pub fn cursor(&self) -> Option<&str> {
        self.intake.cursor()
    }

    /// Bytes that were read and not acknowledged.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// When to send [`Event::Wake`] at the latest, on the monotonic clock.
    pub fn next_wake(&self) -> Option<u64> {
        let save = self.unsaved.map(|_| self.saved_at + SAVE_INTERVAL);
        let phase = match self.phase {
            Phase::Running | Phase::Done => None,
            Phase::Draining { quiet, end, .. } => Some(quiet.min(end)),
            Phase::Flushing { deadline } => deadline,
        };
        let call = self.call.next_wake(!self.buffer.is_empty(), self.buffer.awaits_acknowledgement());
        [save, phase, call, self.intake.notice_due()].into_iter().flatten().min()
    }

    /// Takes what happened at `now` and gives what to do, in this order.
    pub fn update(&mut self, event: Event<'_>, now: Now) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.phase != Phase::Done {
            self.take(event, now, &mut actions);
            self.settle(now, &mut actions);
        }
        actions
    }

    fn take(&mut self, event: Event<'_>, now: Now, actions: &mut Vec<Action>) {
        match event {
            Event::Read(bytes) => self.read(bytes, now),
            Event::File(place, backlog) => self.intake.file(place, backlog),
            Event::SourceEnded => self.intake.finish(now, &mut self.buffer),
            Event::Replay => self.intake.replay(now, &mut self.buffer),
            Event::Finished => {
                self.intake.finish(now, &mut self.buffer);
                self.phase = Phase::Flushing { deadline: None };
            }
            Event::Sent(count) => self.sent(count, now),
            Event::Answered(bytes) => self.answered(bytes, now, actions),
            Event::CallEnded(reason) => self.call_ended(&reason, now, actions),
            Event::Wake => {}
            Event::Stop => self.stop(now),
        }
    }

    fn read(&mut self, bytes: &[u8], now: Now) {
        if let Some(since) = self.full_since.take() {
            self.intake.held_back(now.monotonic.saturating_sub(since));
        }
        self.intake.read(bytes, now, &mut self.buffer);
        if let Some(mark) = self.intake.take_passed() {
            self.advance([mark], now);
        }
        if let Phase::Draining { quiet, .. } = &mut self.phase {
            *quiet = now.monotonic + QUIET;
        }
    }

    fn sent(&mut self, count: usize, now: Now) {
        if !self.buffer.awaits_acknowledgement() {
            self.call.progressed(now.monotonic);
        }
        self.buffer.sent(count);
    }

    fn answered(&mut self, bytes: &[u8], now: Now, actions: &mut Vec<Action>) {
        let acknowledged = self.call.answered(bytes);
        let result = acknowledged.map(|count| count.map(|count| self.buffer.acknowledged(count)).transpose());
        match result {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(marks))) => {
                self.call.progressed(now.monotonic);
                self.advance(marks, now);
            }
            Ok(Err(_)) | Err(_) => self.call.end("the target answered nonsense", actions),
        }
    }

    fn advance(&mut self, marks: impl IntoIterator<Item = Mark>, now: Now) {
        for mark in marks {
            match (&mut self.progress, mark) {
                (Progress::Journal(place), Mark::Cursor(cursor)) => place.advance(&cursor),
                (Progress::File(place), Mark::File(new)) => *place = Some(new),
                _ => continue,
            }
            self.unsaved.get_or_insert(now.monotonic);
        }
    }

    fn call_ended(&mut self, reason: &str, now: Now, actions: &mut Vec<Action>) {
        let finished = self.buffer.is_empty() && matches!(self.phase, Phase::Flushing { .. });
        self.buffer.rewind();
        self.call.ended(reason, finished, now.monotonic, actions);
        if matches!(self.phase, Phase::Draining { .. } | Phase::Flushing { deadline: Some(_) }) {
            self.phase = Phase::Flushing { deadline: Some(now.monotonic) };
        }
    }

    fn stop(&mut self, now: Now) {
        let flush = self.call.timing().flush;
        let (end, deadline) = (now.monotonic.saturating_add(flush / 2), now.monotonic.saturating_add(flush));
        match self.phase {
            Phase::Running if self.call.is_open() || self.buffer.is_empty() => {
                self.phase = Phase::Draining { quiet: now.monotonic + QUIET, end, deadline };
            }
            Phase::Running => self.flush(now.monotonic, now),
            Phase::Flushing { deadline: None } => self.phase = Phase::Flushing { deadline: Some(deadline) },
            Phase::Draining { .. } | Phase::Flushing { .. } | Phase::Done => {}
        }
    }

    /// Reads no more. A line that is not complete stays in its file for the next time; standard input has no next time.
    fn flush(&mut self, deadline: u64, now: Now) {
        match self.progress {
            Progress::None => self.intake.finish(now, &mut self.buffer),
            Progress::Journal(_) | Progress::File(_) => self.intake.notice(now, &mut self.buffer),
        }
        self.phase = Phase::Flushing { deadline: Some(deadline) };
    }

    /// Whatever follows from the state and the time, without any event.
    fn settle(&mut self, now: Now, actions: &mut Vec<Action>) {
        if self.intake.notice_due().is_some_and(|due| due <= now.monotonic) {
            self.intake.notice(now, &mut self.buffer);
        }
        if self.buffer.is_full() {
            self.full_since.get_or_insert(now.monotonic);
        }
        if let Phase::Draining { quiet, end, deadline } = self.phase
            && quiet.min(end) <= now.monotonic
        {
            self.flush(deadline, now);
        }
        self.settle_call(now, actions);
        self.settle_end(now, actions);
        self.settle_save(now, actions);
    }

    fn settle_call(&mut self, now: Now, actions: &mut Vec<Action>) {
        let overdue = matches!(self.phase, Phase::Flushing { deadline: Some(deadline) } if deadline <= now.monotonic);
        if !self.buffer.is_empty() && !overdue && self.call.may_start(now.monotonic) {
            self.buffer.rewind();
            self.call.started(now.monotonic, actions);
        }
        if matches!(self.phase, Phase::Flushing { .. }) && self.buffer.unsent().is_empty() {
            self.call.close_input(actions);
        }
        self.call.check_stall(self.buffer.awaits_acknowledgement(), now.monotonic, actions);
    }

    fn settle_end(&mut self, now: Now, actions: &mut Vec<Action>) {
        let Phase::Flushing { deadline } = self.phase else { return };
        let overdue = deadline.is_some_and(|deadline| deadline <= now.monotonic);
        if overdue && self.call.is_open() {
            self.call.end("not acknowledged in time", actions);
        }
        if overdue || (self.buffer.is_empty() && !self.call.is_open()) {
            if !self.buffer.is_empty() {
                let records = self.buffer.records();
                actions.push(Action::Say(format!("stopping with {records} records that are not acknowledged")));
            }
            self.phase = Phase::Done;
        }
    }

    fn settle_save(&mut self, now: Now, actions: &mut Vec<Action>) {
        let done = self.phase == Phase::Done;
        if self.unsaved.is_some() && (done || self.saved_at + SAVE_INTERVAL <= now.monotonic) {
            self.unsaved = None;
            self.saved_at = now.monotonic;
            actions.push(Action::Save);
        }
        if done {
            actions.push(Action::Done);
        }
    }
}
