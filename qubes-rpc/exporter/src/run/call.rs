//! The process that makes a call: `qrexec-client-vm`, or whatever the settings name.

use super::child::{Got, kill, nonblocking, read};
use crate::protocol::printable;
use rustix::event::{PollFd, PollFlags};
use std::io::{self, ErrorKind, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// How long a process may live on after it closed its output or its input, in microseconds.
const GRACE: u64 = 1_000_000;
/// How much of a process's last message is repeated.
const MESSAGE_MAX: usize = 200;

/// A running call.
#[derive(Debug)]
pub struct CallProcess {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    /// The last that it wrote to its standard error. The LogVM can write there, too.
    message: Vec<u8>,
    /// Since when it has no more to say or to hear.
    closed: Option<u64>,
}

impl CallProcess {
    /// Starts `command` with `{target}` and `{service}` replaced.
    pub fn start(command: &[String], target: &str, service: &str) -> io::Result<Self> {
        let mut words = command.iter().map(|word| word.replace("{target}", target).replace("{service}", service));
        let program = words.next().ok_or_else(|| io::Error::other("no command is set"))?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        input.as_ref().map(nonblocking).transpose()?;
        output.as_ref().map(nonblocking).transpose()?;
        errors.as_ref().map(nonblocking).transpose()?;
        Ok(CallProcess { child, input, output, errors, message: Vec::new(), closed: None })
    }

    /// Writes as much as the pipe takes. Where nobody reads it any more, the input is closed.
    pub fn write(&mut self, bytes: &[u8], now: u64) -> usize {
        let Some(input) = &mut self.input else { return 0 };
        match input.write(bytes) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => 0,
            Err(_) => {
                self.input = None;
                self.closed.get_or_insert(now);
                0
            }
        }
    }

    /// Tells the other side that nothing more comes.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Ends the process.
    pub fn end(&mut self) {
        self.input = None;
        _ = self.child.kill();
    }

    /// Reads the answer into `buffer`; 0 is nothing yet, or never again.
    pub fn read(&mut self, buffer: &mut [u8], now: u64) -> usize {
        self.read_errors(buffer);
        let Some(output) = &mut self.output else { return 0 };
        match read(output, buffer) {
            Got::Bytes(count) => count,
            Got::Nothing => 0,
            Got::End => {
                self.output = None;
                self.closed.get_or_insert(now);
                0
            }
        }
    }

    /// Why the call ended, once it has.
    pub fn ended(&mut self, now: u64) -> Option<String> {
        if self.closed.is_some_and(|since| now.saturating_sub(since) >= GRACE) {
            _ = self.child.kill();
        }
        let status = self.child.try_wait().ok()??;
        Some(self.reason(status))
    }

    /// When to look again whether a process that has closed its pipes has ended.
    pub fn next_wake(&self) -> Option<u64> {
        self.closed.map(|since| since + GRACE)
    }

    /// Adds what to wait for.
    pub fn wait_for<'a>(&'a self, has_bytes: bool, fds: &mut Vec<PollFd<'a>>) {
        fds.extend(self.output.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        fds.extend(self.errors.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        let input = self.input.as_ref().filter(|_| has_bytes);
        fds.extend(input.map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
    }

    fn read_errors(&mut self, buffer: &mut [u8]) {
        let Some(errors) = &mut self.errors else { return };
        match read(errors, buffer) {
            Got::Bytes(count) => {
                let keep = &buffer[count.saturating_sub(MESSAGE_MAX)..count];
                self.message.clear();
                self.message.extend_from_slice(keep);
            }
            Got::Nothing => {}
            Got::End => self.errors = None,
        }
    }

    fn reason(&self, status: ExitStatus) -> String {
        let meaning = match status.code() {
            Some(126) => "refused by the policy, or the target is not running".to_owned(),
            Some(127) => "the target has no such service".to_owned(),
            Some(75) => "the target's quota for this qube is used up".to_owned(),
            _ => status.to_string(),
        };
        match printable(&self.message, MESSAGE_MAX) {
            message if message.is_empty() => meaning,
            message => format!("{meaning} ({message})"),
        }
    }
}

impl Drop for CallProcess {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}
