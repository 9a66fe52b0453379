//! Drives the lanes: a loop over poll(2) that does what they say.

mod call;
mod child;
mod clock;
mod journal;
mod runner;
mod source;

use crate::buffer::Buffer;
use crate::intake::Intake;
use crate::lane::{Event, Lane, Progress, Timing};
use crate::rate::Rate;
use crate::settings::Settings;
use crate::state::{StateDirectory, StateFile};
use crate::tail::Tail;
use journal::JournalReader;
use logvm_wire::argument;
use runner::{Runner, Stream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use source::Source;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;
/// The loop looks at everything at least this often, in microseconds.
const WAKE_MAX: u64 = 60_000_000;
const JOURNAL_SERVICE: &str = "qubes.logs.JournaldExport";
const LINES_SERVICE: &str = "qubes.logs.PlainTextLines";

/// Exports until a signal or the end of standard input. Gives whether everything that cannot be read again was
/// acknowledged.
pub fn run(settings: &Settings) -> io::Result<bool> {
    let signals = Signals::register()?;
    let state = state_directory(settings)?;
    let mut runners = runners(settings, state.as_ref());
    let mut chunk = vec![0; CHUNK];
    loop {
        if signals.stop.load(Ordering::Relaxed) {
            runners.iter_mut().for_each(|runner| runner.handle(Event::Stop));
        }
        let busy = runners.iter_mut().fold(false, |busy, runner| runner.turn(&mut chunk) | busy);
        runners.retain(|runner| !runner.is_done() || runner.has_lost());
        if runners.iter().all(Runner::is_done) {
            return Ok(runners.is_empty());
        }
        wait(&runners, &signals, busy)?;
    }
}

/// Logs a message. Under systemd it goes to the journal, from where it is not exported.
fn say(text: &str) {
    _ = writeln!(io::stderr(), "logvm-exporter: {text}");
}

fn wait(runners: &[Runner], signals: &Signals, busy: bool) -> io::Result<()> {
    let stdin = io::stdin();
    let now = clock::now().monotonic;
    let wake = runners.iter().filter_map(Runner::next_wake).min().unwrap_or(u64::MAX);
    let micros = if busy { 0 } else { wake.saturating_sub(now).min(WAKE_MAX) };
    let mut fds = vec![PollFd::new(&signals.pipe, PollFlags::IN)];
    runners.iter().for_each(|runner| runner.wait_for(&stdin, &mut fds));
    let timeout = Timespec { tv_sec: (micros / 1_000_000) as i64, tv_nsec: (micros % 1_000_000 * 1000) as i64 };
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    signals.clear();
    Ok(())
}

/// Signals that end the wait: those that stop the exporter, and the end of a child.
struct Signals {
    pipe: UnixStream,
    stop: Arc<AtomicBool>,
}

impl Signals {
    fn register() -> io::Result<Self> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        for signal in [SIGTERM, SIGINT, SIGCHLD] {
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Signals { pipe, stop })
    }

    fn clear(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.pipe).read(&mut bytes), Ok(count) if count == bytes.len()) {}
    }
}

/// Standard input alone needs no state.
fn state_directory(settings: &Settings) -> io::Result<Option<StateDirectory>> {
    if !settings.journal && settings.files.is_empty() {
        return Ok(None);
    }
    let error = |error| io::Error::other(format!("{}: {error}", settings.state.display()));
    StateDirectory::open(&settings.state).map(Some).map_err(error)
}

fn runners(settings: &Settings, state: Option<&StateDirectory>) -> Vec<Runner> {
    let mut runners = Vec::new();
    for target in &settings.targets {
        let target = target.as_str();
        if let Some(state) = state.filter(|_| settings.journal) {
            runners.push(journal_runner(settings, target, state.journal(target)));
        }
        for path in settings.files.iter().take(if state.is_some() { usize::MAX } else { 0 }) {
            runners.extend(state.map(|state| file_runner(settings, target, path, state.of_file(target, path))));
        }
        if settings.stdin {
            let lane = lane(settings, Intake::lines(rate(settings)), Progress::None);
            runners.push(Runner::new(
                stream(settings, target, "standard input", LINES_SERVICE),
                lane,
                Source::Stdin,
                None,
            ));
        }
    }
    runners
}

fn journal_runner(settings: &Settings, target: &str, state: StateFile) -> Runner {
    let place = state.load_journal();
    let intake = Intake::journal(settings.entry_limit, rate(settings), clock::own(), place.clone());
    let lane = lane(settings, intake, Progress::Journal(place));
    let reader = JournalReader::new(&settings.journal_command, settings.boot_only, clock::seed());
    let stream = stream(settings, target, "journal", JOURNAL_SERVICE);
    Runner::new(stream, lane, Source::Journal(reader), Some(state))
}

fn file_runner(settings: &Settings, target: &str, path: &Path, state: StateFile) -> Runner {
    let place = state.load_file();
    let own_messages = rustix::fs::fstat(io::stderr()).ok().map(|stat| (stat.st_dev, stat.st_ino));
    let tail = Tail::new(path, place, own_messages);
    let lane = lane(settings, Intake::lines(rate(settings)), Progress::File(place));
    let stream = stream(settings, target, &path.display().to_string(), LINES_SERVICE);
    Runner::new(stream, lane, Source::File(tail, 0), Some(state))
}

fn stream(settings: &Settings, target: &str, source: &str, service: &str) -> Stream {
    Stream {
        name: format!("{source} to {target}"),
        command: settings.command.clone(),
        target: target.to_owned(),
        service: format!("{service}+{}", argument::encode(&[b"ack"])),
    }
}

fn rate(settings: &Settings) -> Rate {
    Rate::new(settings.rate, settings.burst)
}

fn lane(settings: &Settings, intake: Intake, progress: Progress) -> Lane {
    let timing = Timing {
        retry_min: settings.retry_min,
        retry_max: settings.retry_max,
        stall: settings.stall.as_micros() as u64,
        flush: settings.flush.as_micros() as u64,
    };
    Lane::new(intake, Buffer::new(settings.buffer), progress, timing, clock::seed())
}
