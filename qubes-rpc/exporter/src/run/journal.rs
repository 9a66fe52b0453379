//! Reads the journal through `journalctl`.
//!
//! journalctl takes a cursor that the journal does not have without a word, and then prints everything, or, where the
//! cursor's time lies ahead of the journal's, nothing that is there. So the cursor is tried first: the entry at it is
//! either the one that was exported last, or the cursor is unknown and the journal is read from its start.

use super::child::{Got, kill, nonblocking, read};
use crate::backoff::Backoff;
use rustix::event::{PollFd, PollFlags};
use std::io;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const RESTART_MIN: Duration = Duration::from_secs(1);
const RESTART_MAX: Duration = Duration::from_secs(60);
/// The first line of an entry, its cursor, is shorter than this.
const PROBE_MAX: usize = 4096;
/// A cursor that journalctl fails at so many times is given up.
const PROBES: u8 = 3;

/// The journal of this qube.
#[derive(Debug)]
pub struct JournalReader {
    command: Vec<String>,
    boot_only: bool,
    backoff: Backoff,
    failed_probes: u8,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed { until: u64 },
    Probe { process: Process, cursor: Box<str>, head: Vec<u8> },
    Follow { process: Process },
}

/// What reading has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes were read.
    Read(usize),
    /// What follows is the whole journal, because the cursor is unknown.
    Replay,
    /// What was read last may be incomplete: journalctl starts again after the last whole entry.
    Restarted,
    /// Nothing new.
    Idle,
}

impl JournalReader {
    /// Reads with `command`, from the running boot on or from the oldest entry.
    pub fn new(command: &[String], boot_only: bool, seed: u64) -> Self {
        JournalReader {
            command: command.to_owned(),
            boot_only,
            backoff: Backoff::new(RESTART_MIN, RESTART_MAX, seed),
            failed_probes: 0,
            state: State::Closed { until: 0 },
        }
    }

    /// Does the next step; read bytes go into `buffer`. `cursor` is that of the last entry that was read.
    pub fn step(&mut self, cursor: Option<&str>, now: u64, buffer: &mut [u8]) -> io::Result<Step> {
        match &mut self.state {
            State::Closed { until } if *until > now => Ok(Step::Idle),
            State::Closed { .. } => self.start(cursor, now).map(|()| Step::Idle),
            State::Probe { process, cursor, head } => {
                let got = read(&mut process.output, buffer);
                let verdict = match got {
                    Got::Bytes(count) => {
                        head.extend_from_slice(&buffer[..count.min(PROBE_MAX)]);
                        verdict(head, cursor)
                    }
                    Got::Nothing => None,
                    Got::End => Some(Verdict::at_end(process)),
                };
                let cursor = cursor.clone();
                verdict.map_or(Ok(Step::Idle), |verdict| self.probed(verdict, &cursor, now))
            }
            State::Follow { process } => match read(&mut process.output, buffer) {
                Got::Bytes(count) => {
                    self.backoff.reset();
                    Ok(Step::Read(count))
                }
                Got::Nothing => Ok(Step::Idle),
                Got::End => {
                    self.close(now);
                    Ok(Step::Restarted)
                }
            },
        }
    }

    /// When to do the next step although nothing came.
    pub fn next_wake(&self) -> Option<u64> {
        match self.state {
            State::Closed { until } => Some(until),
            State::Probe { .. } | State::Follow { .. } => None,
        }
    }

    /// Adds what to wait for.
    pub fn wait_for<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        match &self.state {
            State::Closed { .. } => {}
            State::Probe { process, .. } | State::Follow { process } => {
                fds.push(PollFd::new(&process.output, PollFlags::IN));
            }
        }
    }

    fn start(&mut self, cursor: Option<&str>, now: u64) -> io::Result<()> {
        // Where starting fails, this is what remains.
        self.close(now);
        self.state = match cursor {
            None => self.follow(self.boot_only.then_some("--boot"))?,
            Some(cursor) => {
                let arguments = ["--output-fields=_BOOT_ID".to_owned(), format!("--cursor={cursor}")];
                let process = Process::start(&self.command, &arguments)?;
                State::Probe { process, cursor: cursor.into(), head: Vec::new() }
            }
        };
        Ok(())
    }

    fn probed(&mut self, verdict: Verdict, cursor: &str, now: u64) -> io::Result<Step> {
        self.close(now);
        if verdict == Verdict::Failed && self.failed_probes < PROBES {
            self.failed_probes += 1;
            return Ok(Step::Idle);
        }
        self.failed_probes = 0;
        let known = (verdict == Verdict::Known).then(|| format!("--after-cursor={cursor}"));
        self.state = self.follow(known.as_deref())?;
        Ok(if known.is_some() { Step::Idle } else { Step::Replay })
    }

    fn follow(&self, from: Option<&str>) -> io::Result<State> {
        let arguments = ["--follow", "--no-tail"].into_iter().chain(from).map(str::to_owned);
        Ok(State::Follow { process: Process::start(&self.command, &arguments.collect::<Vec<_>>())? })
    }

    fn close(&mut self, now: u64) {
        self.state = State::Closed { until: now.saturating_add(self.backoff.wait().as_micros() as u64) };
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Known,
    Unknown,
    Failed,
}

impl Verdict {
    /// Nothing was printed: either the journal has nothing from the cursor on, or journalctl failed.
    fn at_end(process: &mut Process) -> Self {
        match process.child.wait() {
            Ok(status) if status.success() => Verdict::Unknown,
            _ => Verdict::Failed,
        }
    }
}

/// Compares the first line that was printed with the cursor, once it is whole.
fn verdict(head: &[u8], cursor: &str) -> Option<Verdict> {
    let Some(end) = head.iter().position(|byte| *byte == b'\n') else {
        return (head.len() >= PROBE_MAX).then_some(Verdict::Unknown);
    };
    let known = head[..end].strip_prefix(b"__CURSOR=") == Some(cursor.as_bytes());
    Some(if known { Verdict::Known } else { Verdict::Unknown })
}

/// A running journalctl, which ends when this is dropped.
#[derive(Debug)]
struct Process {
    child: Child,
    output: ChildStdout,
}

impl Process {
    fn start(command: &[String], arguments: &[String]) -> io::Result<Self> {
        let (program, first) = command.split_first().ok_or_else(|| io::Error::other("no command is set"))?;
        let mut command = Command::new(program);
        command.args(first).args(["--output=export", "--all", "--quiet", "--no-pager"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        nonblocking(&output)?;
        Ok(Process { child, output })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_cursor_is_known() {
        assert_eq!(verdict(b"__CURSOR=s=1", "s=1"), None);
        assert_eq!(verdict(b"__CURSOR=s=1\n__REAL", "s=1"), Some(Verdict::Known));
        assert_eq!(verdict(b"__CURSOR=s=12\n", "s=1"), Some(Verdict::Unknown));
        assert_eq!(verdict(b"\n", "s=1"), Some(Verdict::Unknown));
        assert_eq!(verdict(&[b'x'; PROBE_MAX], "s=1"), Some(Verdict::Unknown));
    }
}
