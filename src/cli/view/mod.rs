//! `logvm view` and `logvm demo`: the event loop of the viewer.

mod messages;
mod scanner;

use std::io::{self, IsTerminal, Stdout};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};

use super::args::{self, Look};
use super::{Status, archive};
use crate::app::keys::Keys;
use crate::app::{Cmd, Model, Msg, update, window};
use crate::config::{Depth, Keymap, Theme, locale, paths};
use crate::ingest::{Input, Options, Progress, Reading};
use crate::term::events::{self, Event};
use crate::term::{self, Guard};
use crate::ui::{self, style::Styles};
use scanner::Scanner;

/// How long to wait for an event while something goes on in the background: a frame shows it.
const BUSY: Duration = Duration::from_millis(25);

/// How long to wait for an event when nothing goes on: messages to the user disappear in time.
const IDLE: Duration = Duration::from_millis(500);

/// Events that may wait.
const EVENTS: usize = 1024;

/// Opens the viewer on what the command line names.
pub fn run(args: &args::View) -> anyhow::Result<ExitCode> {
    let filter = args.filter.as_deref();
    let options = archive::options(&args.archive.reading);
    let names: Vec<_> = args.archive.paths.iter().map(|path| path.to_string_lossy()).collect();
    view(archive::inputs(&args.archive.paths)?, options, &names.join(" "), &args.look, filter)
}

/// Opens the viewer on the bundled archive.
pub fn demo(look: &Look) -> anyhow::Result<ExitCode> {
    view(archive::demo(), Options::default(), "demo", look, None)
}

fn view(
    inputs: Vec<Input>,
    options: Options,
    title: &str,
    look: &Look,
    filter: Option<&str>,
) -> anyhow::Result<ExitCode> {
    if !io::stdout().is_terminal() {
        bail!("the viewer needs a terminal; `logvm summary`, `show` and `grep` do not");
    }
    let styles = styles(look)?;
    let keys = Keys::compile(&Keymap::load(&look.keymap, paths::config_home().as_deref())?)?;
    let reading = Reading::start(inputs, options);
    let end = {
        let mut viewer = Viewer::open(title, keys, styles, &reading)?;
        viewer.set_filter(filter)?;
        viewer.run()?
    };
    reading.cancel();
    if let End::Signal(number) = end {
        return Ok(ExitCode::from(128 + u8::try_from(number).unwrap_or(0)));
    }
    let partial = archive::report_problems(&reading.store().snapshot());
    Ok(Status::of(true, partial).into())
}

fn styles(look: &Look) -> anyhow::Result<Styles> {
    let variable = |name: &str| std::env::var(name).ok();
    let theme = Theme::load(&look.theme, paths::config_home().as_deref())?;
    let ascii = look.ascii || !locale::is_utf8(variable);
    Ok(Styles::new(&theme, Depth::from_environment(variable), ascii))
}

/// Why the viewer was left.
enum End {
    Quit,
    Signal(i32),
}

/// The viewer while it has the terminal.
struct Viewer<'a> {
    guard: Guard,
    terminal: Terminal<CrosstermBackend<Stdout>>,
    events: Receiver<Event>,
    scanner: Scanner,
    reading: &'a Reading,
    started: Instant,
    model: Model,
    styles: Styles,
    seen: u64,
    progress: Progress,
    second: u64,
}

impl<'a> Viewer<'a> {
    fn open(title: &str, keys: Keys, styles: Styles, reading: &'a Reading) -> anyhow::Result<Self> {
        let (sender, events) = mpsc::sync_channel(EVENTS);
        let guard = Guard::enter().context("the terminal cannot be used")?;
        events::start(sender)?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let size = terminal.size()?;
        let model = Model::new(title, keys, ui::editor::line, (size.width, size.height));
        let started = Instant::now();
        let scanner = Scanner::new();
        let progress = Progress::default();
        Ok(Self { guard, terminal, events, scanner, reading, started, model, styles, seen: 0, progress, second: 0 })
    }

    fn set_filter(&mut self, expression: Option<&str>) -> anyhow::Result<()> {
        if let Some(expression) = expression {
            let commands = self
                .model
                .set_filter(expression.to_owned())
                .map_err(|error| super::show::explain(expression, &error))?;
            self.execute(commands)?;
        }
        Ok(())
    }

    fn run(&mut self) -> anyhow::Result<End> {
        loop {
            window::fill(&mut self.model);
            self.terminal.draw(|frame| ui::view(&self.model, &self.styles, frame))?;
            if let Some(end) = self.wait_and_update()? {
                return Ok(end);
            }
            if !term::is_taken() {
                bail!("a part of the program failed; the viewer cannot go on");
            }
        }
    }

    /// Waits until there is something new to draw; applies all of it.
    fn wait_and_update(&mut self) -> anyhow::Result<Option<End>> {
        loop {
            let busy = self.scanner.is_busy() || !self.progress.finished;
            let first = match self.events.recv_timeout(if busy { BUSY } else { IDLE }) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => bail!("the terminal can no longer be read"),
            };
            let waiting: Vec<Event> = first.into_iter().chain(self.events.try_iter()).collect();
            let mut changed = !waiting.is_empty();
            for event in waiting {
                if let Some(end) = self.take_event(event)? {
                    return Ok(Some(end));
                }
            }
            changed |= self.take_background()?;
            if changed {
                return Ok(None);
            }
        }
    }

    fn take_event(&mut self, event: Event) -> anyhow::Result<Option<End>> {
        match event {
            Event::Terminate(signal) => return Ok(Some(End::Signal(signal))),
            Event::Lost(error) => bail!("the terminal can no longer be read: {error}"),
            Event::Suspend => self.suspend()?,
            Event::Continued => {
                self.guard.retake()?;
                self.redraw()?;
            }
            event => {
                for msg in messages::of(event) {
                    if let Some(end) = self.apply(msg)? {
                        return Ok(Some(end));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Takes in what the background threads have done; gives whether there was anything.
    fn take_background(&mut self) -> anyhow::Result<bool> {
        let mut msgs: Vec<Msg> = self.scanner.found().map(Msg::Found).collect();
        msgs.extend(self.scanner.copies().map(Msg::Copies));
        let progress = self.reading.progress();
        if progress != self.progress && (progress.finished || self.reading.store().version() != self.seen) {
            self.progress = progress.clone();
            msgs.push(Msg::Progress(progress));
        }
        let version = self.reading.store().version();
        if version != self.seen {
            self.seen = version;
            msgs.push(Msg::Snapshot(self.reading.store().snapshot()));
        }
        let seconds = self.started.elapsed();
        if seconds.as_secs() != self.second {
            self.second = seconds.as_secs();
            msgs.push(Msg::Tick(seconds.as_secs_f64()));
        }
        let any = !msgs.is_empty();
        for msg in msgs {
            self.apply(msg)?;
        }
        Ok(any)
    }

    fn apply(&mut self, msg: Msg) -> anyhow::Result<Option<End>> {
        let commands = update(&mut self.model, msg);
        self.execute(commands)
    }

    fn execute(&mut self, commands: Vec<Cmd>) -> anyhow::Result<Option<End>> {
        for command in commands {
            match command {
                Cmd::Quit => return Ok(Some(End::Quit)),
                Cmd::Redraw => self.redraw()?,
                Cmd::Suspend => self.suspend()?,
                Cmd::Copy(text) => drop(term::copy(self.terminal.backend_mut(), text.as_bytes())?),
                Cmd::Scan(request) => self.scanner.start(request),
                Cmd::FindCopies(snapshot) => self.scanner.find_copies(snapshot),
                Cmd::CancelScan(generation) => self.scanner.cancel(generation),
            }
        }
        Ok(None)
    }

    fn suspend(&mut self) -> anyhow::Result<()> {
        self.guard.suspend()?;
        self.redraw()
    }

    /// Lets the next frame be drawn as a whole. `Terminal::clear` would ask the terminal where its cursor is, and wait
    /// for an answer that the thread of events reads.
    fn redraw(&mut self) -> anyhow::Result<()> {
        let size = self.terminal.size()?;
        Ok(self.terminal.resize(Rect::from((Position::ORIGIN, size)))?)
    }
}
