//! The call of a lane: when it may start, how it goes, and why it ends.

use super::Action;
use crate::backoff::Backoff;
use crate::protocol::{Answers, NotAnAcknowledgement};
use std::time::Duration;

/// A call that lasted so long was a good one, in microseconds: after it the waits begin small again. A shorter one does
/// not count, however it ended, so that a target which takes calls and drops them is not called in a loop.
const GOOD_CALL: u64 = 60_000_000;

/// The times that govern calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The smallest wait between calls.
    pub retry_min: Duration,
    /// The largest wait between calls.
    pub retry_max: Duration,
    /// A call that acknowledges nothing for so many microseconds is ended.
    pub stall: u64,
    /// How many microseconds are left to send the rest when the exporter stops.
    pub flush: u64,
}

#[derive(Debug)]
pub(super) struct Call {
    timing: Timing,
    backoff: Backoff,
    answers: Answers,
    state: State,
    /// Why the last call ended, if that was said.
    said: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Closed; the next may start at this time.
    Closed { until: u64 },
    /// Open since `since`; the last progress was at `progress`.
    Open { since: u64, progress: u64, input: bool },
    /// Told to end.
    Ending { since: u64 },
}

impl Call {
    pub(super) fn new(timing: Timing, seed: u64) -> Self {
        let backoff = Backoff::new(timing.retry_min, timing.retry_max, seed);
        Call { timing, backoff, answers: Answers::default(), state: State::Closed { until: 0 }, said: None }
    }

    pub(super) fn timing(&self) -> &Timing {
        &self.timing
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }

    pub(super) fn takes_bytes(&self) -> bool {
        matches!(self.state, State::Open { input: true, .. })
    }

    pub(super) fn may_start(&self, now: u64) -> bool {
        matches!(self.state, State::Closed { until } if until <= now)
    }

    /// When something is due: the next call, if there is anything to send, or the end of one that stalls.
    pub(super) fn next_wake(&self, has_records: bool, awaits: bool) -> Option<u64> {
        match self.state {
            State::Closed { until } => has_records.then_some(until),
            State::Open { progress, .. } => awaits.then(|| progress.saturating_add(self.timing.stall)),
            State::Ending { .. } => None,
        }
    }

    pub(super) fn started(&mut self, now: u64, actions: &mut Vec<Action>) {
        self.state = State::Open { since: now, progress: now, input: true };
        self.answers = Answers::default();
        actions.push(Action::StartCall);
    }

    pub(super) fn close_input(&mut self, actions: &mut Vec<Action>) {
        if let State::Open { input: input @ true, .. } = &mut self.state {
            *input = false;
            actions.push(Action::CloseInput);
        }
    }

    pub(super) fn progressed(&mut self, now: u64) {
        if let State::Open { progress, .. } = &mut self.state {
            *progress = now;
        }
    }

    pub(super) fn answered(&mut self, bytes: &[u8]) -> Result<Option<u64>, NotAnAcknowledgement> {
        match self.state {
            State::Open { .. } => self.answers.read(bytes),
            State::Closed { .. } | State::Ending { .. } => Ok(None),
        }
    }

    pub(super) fn check_stall(&mut self, awaits: bool, now: u64, actions: &mut Vec<Action>) {
        if let State::Open { progress, .. } = self.state
            && awaits
            && now.saturating_sub(progress) >= self.timing.stall
        {
            self.end("the target acknowledges nothing", actions);
        }
    }

    pub(super) fn end(&mut self, reason: &str, actions: &mut Vec<Action>) {
        if let State::Open { since, .. } = self.state {
            self.state = State::Ending { since };
            self.say(reason, actions);
            actions.push(Action::EndCall);
        }
    }

    pub(super) fn ended(&mut self, reason: &str, finished: bool, now: u64, actions: &mut Vec<Action>) {
        let since = match self.state {
            State::Closed { .. } => return,
            State::Open { since, .. } => {
                if !finished {
                    self.say(reason, actions);
                }
                since
            }
            State::Ending { since } => since,
        };
        if now.saturating_sub(since) >= GOOD_CALL {
            self.backoff.reset();
            self.said = None;
        }
        self.state = State::Closed { until: now.saturating_add(self.backoff.wait().as_micros() as u64) };
    }

    /// Says why a call ended, unless the one before ended likewise: a LogVM that is off for a day is one message.
    fn say(&mut self, reason: &str, actions: &mut Vec<Action>) {
        if self.said.as_deref() != Some(reason) {
            self.said = Some(reason.to_owned());
            actions.push(Action::Say(format!("call ended: {reason}")));
        }
    }
}
