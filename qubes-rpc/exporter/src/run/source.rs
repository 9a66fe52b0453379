//! The three kinds of sources, behind one face.

use super::clock;
use super::journal::{self, JournalReader};
use crate::lane::{Event, Lane};
use crate::tail::{self, Tail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::os::fd::AsFd;

/// How often a file is looked at, in microseconds.
const FILE_INTERVAL: u64 = 200_000;

/// Where a lane's bytes come from.
#[derive(Debug)]
pub enum Source {
    /// The journal.
    Journal(JournalReader),
    /// A file, and when to look at it next.
    File(Tail, u64),
    /// Standard input.
    Stdin,
}

impl Source {
    /// Reads once, if there is something to read. Gives what happened.
    pub fn step<'a>(&mut self, lane: &Lane, buffer: &'a mut [u8]) -> io::Result<Option<Event<'a>>> {
        let now = clock::now().monotonic;
        match self {
            Source::Journal(reader) => Ok(match reader.step(lane.cursor(), now, buffer)? {
                journal::Step::Read(count) => Some(Event::Read(&buffer[..count])),
                journal::Step::Replay => Some(Event::Replay),
                journal::Step::Restarted => Some(Event::SourceEnded),
                journal::Step::Idle => None,
            }),
            Source::File(_, next) if *next > now => Ok(None),
            Source::File(tail, next) => {
                let step = tail.step(now, buffer);
                if !matches!(step, Ok(tail::Step::Read(_) | tail::Step::Begin(..) | tail::Step::Ended)) {
                    *next = now + FILE_INTERVAL;
                }
                Ok(match step? {
                    tail::Step::Begin(place, backlog) => Some(Event::File(place, backlog)),
                    tail::Step::Read(count) => Some(Event::Read(&buffer[..count])),
                    tail::Step::Ended => Some(Event::SourceEnded),
                    tail::Step::Idle => None,
                })
            }
            Source::Stdin => read_stdin(buffer),
        }
    }

    /// When to do the next step although nothing came.
    pub fn next_wake(&self) -> Option<u64> {
        match self {
            Source::Journal(reader) => reader.next_wake(),
            Source::File(_, next) => Some(*next),
            Source::Stdin => None,
        }
    }

    /// Adds what to wait for; `stdin` is standard input.
    pub fn wait_for<'a>(&'a self, stdin: &'a io::Stdin, fds: &mut Vec<PollFd<'a>>) {
        match self {
            Source::Journal(reader) => reader.wait_for(fds),
            Source::File(..) => {}
            Source::Stdin => fds.push(PollFd::new(stdin, PollFlags::IN)),
        }
    }
}

/// Standard input may be shared with other processes, so it stays blocking and is asked first.
fn read_stdin(buffer: &mut [u8]) -> io::Result<Option<Event<'_>>> {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut fds, Some(&now)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Some(match rustix::io::read(stdin.as_fd(), &mut *buffer) {
        Ok(count) if count > 0 => Event::Read(&buffer[..count]),
        _ => Event::Finished,
    }))
}
