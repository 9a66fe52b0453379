//! One lane with its source and its call.

use super::call::CallProcess;
use super::source::Source;
use super::{clock, say};
use crate::lane::{Action, Event, Lane};
use crate::state::StateFile;
use rustix::event::PollFd;
use std::io;

/// What to call for a lane.
#[derive(Debug)]
pub struct Stream {
    /// Name in messages.
    pub name: String,
    /// The command with `{target}` and `{service}`.
    pub command: Vec<String>,
    /// The qube to call.
    pub target: String,
    /// The service with its argument.
    pub service: String,
}

/// A lane and the I/O it asks for.
#[derive(Debug)]
pub struct Runner {
    stream: Stream,
    lane: Lane,
    source: Source,
    state: Option<StateFile>,
    call: Option<CallProcess>,
    /// The last error of the source, said once.
    source_error: Option<String>,
    state_error: Option<String>,
    done: bool,
}

impl Runner {
    /// Nothing is started yet.
    pub fn new(stream: Stream, lane: Lane, source: Source, state: Option<StateFile>) -> Self {
        Runner { stream, lane, source, state, call: None, source_error: None, state_error: None, done: false }
    }

    /// Whether there is nothing more to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Whether it ended with records that cannot be read again.
    pub fn has_lost(&self) -> bool {
        self.done && matches!(self.source, Source::Stdin) && self.lane.pending() > 0
    }

    /// Reads, writes and answers as far as that goes without waiting. Gives whether more can be done at once.
    pub fn turn(&mut self, chunk: &mut [u8]) -> bool {
        if self.done {
            return false;
        }
        self.handle(Event::Wake);
        let busy = self.read_source(chunk) | self.write_call() | self.read_call(chunk);
        self.collect_call();
        busy
    }

    /// When to take the next turn although nothing came.
    pub fn next_wake(&self) -> Option<u64> {
        if self.done {
            return None;
        }
        let source = self.source.next_wake().filter(|_| self.lane.wants_input());
        let call = self.call.as_ref().and_then(CallProcess::next_wake);
        [source, call, self.lane.next_wake()].into_iter().flatten().min()
    }

    /// Adds what to wait for.
    pub fn wait_for<'a>(&'a self, stdin: &'a io::Stdin, fds: &mut Vec<PollFd<'a>>) {
        if self.done {
            return;
        }
        if self.lane.wants_input() {
            self.source.wait_for(stdin, fds);
        }
        if let Some(call) = &self.call {
            call.wait_for(!self.lane.unsent().is_empty(), fds);
        }
    }

    /// Tells the lane what happened and does what it says.
    pub fn handle(&mut self, event: Event<'_>) {
        for action in self.lane.update(event, clock::now()) {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::StartCall => self.start_call(),
            Action::CloseInput => self.call.iter_mut().for_each(CallProcess::close_input),
            Action::EndCall => self.call.iter_mut().for_each(CallProcess::end),
            Action::Save => self.save(),
            Action::Say(text) => say(&format!("{}: {text}", self.stream.name)),
            Action::Done => {
                self.call = None;
                self.done = true;
            }
        }
    }

    fn start_call(&mut self) {
        let Stream { command, target, service, .. } = &self.stream;
        match CallProcess::start(command, target, service) {
            Ok(call) => self.call = Some(call),
            Err(error) => self.handle(Event::CallEnded(format!("cannot start the call: {error}"))),
        }
    }

    fn save(&mut self) {
        let Some(state) = &self.state else { return };
        let error = state.save(self.lane.progress()).err().map(|error| format!("cannot save the state: {error}"));
        say_once(&self.stream.name, &mut self.state_error, error);
    }

    fn read_source(&mut self, chunk: &mut [u8]) -> bool {
        if !self.lane.wants_input() {
            return false;
        }
        match self.source.step(&self.lane, chunk) {
            Ok(event) => {
                self.source_error = None;
                let busy = event.is_some();
                event.into_iter().for_each(|event| self.handle(event));
                busy
            }
            Err(error) => {
                say_once(&self.stream.name, &mut self.source_error, Some(error.to_string()));
                false
            }
        }
    }

    fn write_call(&mut self) -> bool {
        let Some(call) = &mut self.call else { return false };
        let unsent = self.lane.unsent();
        if unsent.is_empty() {
            return false;
        }
        let count = call.write(unsent, clock::now().monotonic);
        if count > 0 {
            self.handle(Event::Sent(count));
        }
        count > 0
    }

    fn read_call(&mut self, chunk: &mut [u8]) -> bool {
        let Some(call) = &mut self.call else { return false };
        let count = call.read(chunk, clock::now().monotonic);
        if count > 0 {
            self.handle(Event::Answered(&chunk[..count]));
        }
        count > 0
    }

    /// A call that has ended may still have an answer in its pipe: it is read first.
    fn collect_call(&mut self) {
        let Some(call) = &mut self.call else { return };
        if let Some(reason) = call.ended(clock::now().monotonic) {
            let mut rest = [0; 4096];
            while self.read_call(&mut rest) {}
            self.call = None;
            self.handle(Event::CallEnded(reason));
        }
    }
}

/// Says an error, unless it is the same as before.
fn say_once(name: &str, last: &mut Option<String>, error: Option<String>) {
    if error != *last {
        error.iter().for_each(|error| say(&format!("{name}: {error}")));
        *last = error;
    }
}
