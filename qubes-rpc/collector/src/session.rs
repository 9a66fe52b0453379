//! One session: reads what comes, stores it, makes it durable, acknowledges it.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use logvm_wire::{Kind, exit};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio;

use crate::acks::Acks;
use crate::cli::Settings;
use crate::clock::Clock;
use crate::export::ExportIntake;
use crate::lines::LineIntake;
use crate::recorder::Recorder;
use crate::stop::Stop;

/// Most bytes that are read at once; what arrives together gets one time.
const READ_MAX: usize = 64 * 1024;

/// Stores standard input until its end; gives the exit code.
pub fn run(settings: &Settings) -> u8 {
    let ended = Session::open(settings).and_then(|mut session| session.run());
    ended.map_or_else(|stop| stop.exit_code(), |()| exit::OK)
}

enum Intake {
    Lines(LineIntake),
    Export(ExportIntake),
}

impl Intake {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Export => Self::Export(ExportIntake::default()),
            _ => Self::Lines(LineIntake::default()),
        }
    }

    fn take(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        match self {
            Self::Lines(lines) => lines.take(bytes, received, recorder),
            Self::Export(export) => export.take(bytes, received, recorder),
        }
    }

    fn finish(&mut self, received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        match self {
            Self::Lines(lines) => lines.finish(received, recorder),
            Self::Export(_) => Ok(()),
        }
    }

    /// Whether a segment may be closed here.
    fn is_whole(&self) -> bool {
        match self {
            Self::Lines(_) => true,
            Self::Export(export) => export.is_whole(),
        }
    }

    fn accepted(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.accepted(),
            Self::Export(export) => export.accepted(),
        }
    }
}

struct Session {
    recorder: Recorder,
    intake: Intake,
    clock: Clock,
    acks: Acks,
    sync_interval: Duration,
    /// When what was written has to be synced.
    sync_due: Option<Instant>,
}

impl Session {
    fn open(settings: &Settings) -> Result<Self, Stop> {
        Ok(Self {
            recorder: Recorder::open(settings)?,
            intake: Intake::new(settings.kind),
            clock: Clock::new(SystemTime::now),
            acks: Acks::new(settings.acknowledge),
            sync_interval: settings.sync,
            sync_due: None,
        })
    }

    /// Whatever ends the session, what was stored before is synced and acknowledged.
    fn run(&mut self) -> Result<(), Stop> {
        let ended = self.store_all();
        let synced = self.sync();
        self.acks.send_last();
        ended.and(synced)
    }

    fn store_all(&mut self) -> Result<(), Stop> {
        let mut buffer = vec![0; READ_MAX];
        loop {
            self.wait()?;
            match rustix::io::read(stdio::stdin(), &mut buffer) {
                Ok(0) | Err(Errno::CONNRESET) => return self.finish(),
                Ok(count) => self.take(buffer.get(..count).unwrap_or_default())?,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for input; meanwhile does what is due.
    fn wait(&mut self) -> Result<(), Stop> {
        loop {
            self.tend()?;
            let mut fds = vec![PollFd::from_borrowed_fd(stdio::stdin(), PollFlags::IN)];
            if self.acks.is_pending() {
                fds.push(PollFd::from_borrowed_fd(stdio::stdout(), PollFlags::OUT));
            }
            let timeout = self.timeout().and_then(|timeout| Timespec::try_from(timeout).ok());
            match poll(&mut fds, timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if fds.first().is_some_and(|input| !input.revents().is_empty()) {
                return Ok(());
            }
        }
    }

    fn timeout(&self) -> Option<Duration> {
        let next = self.sync_due.into_iter().chain(self.expires()).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn tend(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        if self.sync_due.is_some_and(|due| due <= now) {
            self.sync()?;
        }
        if self.expires().is_some_and(|due| due <= now) {
            self.recorder.close()?;
        }
        self.acks.send();
        Ok(())
    }

    /// When the open segment is to be closed although nothing arrives.
    fn expires(&self) -> Option<Instant> {
        self.recorder.expires().filter(|_| self.intake.is_whole())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let (received, step) = self.clock.now();
        if let Some(step) = step {
            self.note_step(received, step)?;
        }
        self.intake.take(bytes, received, &mut self.recorder)?;
        self.schedule();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Stop> {
        let (received, _) = self.clock.now();
        self.intake.finish(received, &mut self.recorder)?;
        self.recorder.report(received)?;
        Ok(())
    }

    /// Says that the clock went back, so that nobody takes the order of the times for a fault.
    fn note_step(&mut self, received: SystemTime, step: Duration) -> io::Result<()> {
        let text = format!("the clock went back by {}.{:06} s", step.as_secs(), step.subsec_micros());
        if self.recorder.is_open() { self.recorder.note(received, &text) } else { Ok(()) }
    }

    fn schedule(&mut self) {
        let waits = self.recorder.is_unsynced() || !self.acks.covers(self.intake.accepted());
        if waits && self.sync_due.is_none() {
            self.sync_due = Instant::now().checked_add(self.sync_interval);
        }
    }

    fn sync(&mut self) -> Result<(), Stop> {
        self.sync_due = None;
        self.recorder.sync()?;
        self.acks.advance(self.intake.accepted());
        Ok(())
    }
}
