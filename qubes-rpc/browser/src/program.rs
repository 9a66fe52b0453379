//! The program: its options, the event loop, and what the model asks for.

use std::io::{self, IsTerminal, Stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use anyhow::{Context, bail};
use lexopt::prelude::*;
use logvm_look::config::{Depth, Keymap, Theme, locale, paths};
use logvm_look::term::events::{self, Event};
use logvm_look::term::{self, Guard};
use logvm_look::ui::style::Styles;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::run::Runner;
use crate::settings::Settings;
use crate::{Cmd, Model, Msg, keys, ui, update};

/// What `--help` says.
pub const HELP: &str = "\
Lists what this LogVM has stored; opens it in disposables, copies, holds and deletes it. No log is opened here.

Usage: logvm-browser [OPTIONS]

  --home DIR       where QubesLogs is, if not in $HOME
  --theme THEME    dark, light, mono, or a file (default: dark)
  --keymap KEYMAP  default, vim, or a file (default: default)
  --ascii          plain ASCII only
  -h, --help       this text

~/.config/logvm/browser.toml says which command opens which kind of archive.
";

/// Events and results that may wait.
const WAITING: usize = 256;
/// A turn of the wheel moves at most this many rows at once.
const MOST_ROWS: isize = 50;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    match options(lexopt::Parser::from_env()).map_err(anyhow::Error::from).and_then(|options| run(&options)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("logvm-browser: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[derive(Debug)]
struct Options {
    home: Option<PathBuf>,
    theme: String,
    keymap: String,
    ascii: bool,
    help: bool,
}

fn options(mut parser: lexopt::Parser) -> Result<Options, lexopt::Error> {
    let (theme, keymap) = ("dark".to_owned(), "default".to_owned());
    let mut options = Options { home: None, theme, keymap, ascii: false, help: false };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("home") => options.home = Some(parser.value()?.into()),
            Long("theme") => options.theme = parser.value()?.string()?,
            Long("keymap") => options.keymap = parser.value()?.string()?,
            Long("ascii") => options.ascii = true,
            Long("help") | Short('h') => options.help = true,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if options.help {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    if !io::stdout().is_terminal() {
        bail!("this needs a terminal; `logvm-archive list` does not");
    }
    let folder = paths::config_home();
    let settings = Settings::load(folder.as_deref()).map_err(anyhow::Error::msg)?;
    let keymap = Keymap::load(&options.keymap, folder.as_deref())?;
    let theme = Theme::load(&options.theme, folder.as_deref())?;
    let variable = |name: &str| std::env::var(name).ok();
    let ascii = options.ascii || !locale::is_utf8(variable);
    let styles = Styles::new(&theme, Depth::from_environment(variable), ascii);
    let runner = Runner { home: options.home.clone(), settings };
    let end = Browser::open(keys::compile(&keymap), styles, runner)?.run()?;
    Ok(end.map_or(ExitCode::SUCCESS, |signal| ExitCode::from(128_u8.wrapping_add(signal as u8))))
}

/// What the loop waits for.
enum Incoming {
    Event(Event),
    Msg(Msg),
}

impl From<Msg> for Incoming {
    fn from(msg: Msg) -> Self {
        Self::Msg(msg)
    }
}

/// Why the loop ends: the signal that asked for it, if one did.
type End = Option<i32>;

/// The browser while it has the terminal.
struct Browser {
    guard: Guard,
    terminal: Terminal<CrosstermBackend<Stdout>>,
    incoming: Receiver<Incoming>,
    sender: SyncSender<Incoming>,
    runner: Runner,
    model: Model,
    styles: Styles,
}

impl Browser {
    fn open(keys: keys::Keys, styles: Styles, runner: Runner) -> anyhow::Result<Self> {
        let (sender, incoming) = mpsc::sync_channel(WAITING);
        let guard = Guard::enter().context("the terminal cannot be used")?;
        forward(sender.clone())?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let size = terminal.size()?;
        let model = Model::new(keys, (size.width, size.height));
        Ok(Self { guard, terminal, incoming, sender, runner, model, styles })
    }

    fn run(&mut self) -> anyhow::Result<End> {
        self.execute(Cmd::List)?;
        loop {
            self.terminal.draw(|frame| ui::view(&self.model, &self.styles, frame))?;
            let first = self.incoming.recv().context("the terminal can no longer be read")?;
            let waiting: Vec<Incoming> = std::iter::once(first).chain(self.incoming.try_iter()).collect();
            for incoming in waiting {
                if let Some(end) = self.take(incoming)? {
                    return Ok(end);
                }
            }
            if !term::is_taken() {
                bail!("a part of the program failed; it cannot go on");
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> anyhow::Result<Option<End>> {
        let msg = match incoming {
            Incoming::Msg(msg) => msg,
            Incoming::Event(Event::Terminate(signal)) => return Ok(Some(Some(signal))),
            Incoming::Event(Event::Lost(error)) => bail!("the terminal can no longer be read: {error}"),
            Incoming::Event(Event::Suspend) => return self.suspend().map(|()| None),
            Incoming::Event(Event::Continued) => {
                self.guard.retake()?;
                self.terminal.clear()?;
                return Ok(None);
            }
            Incoming::Event(event) => match message(event) {
                Some(msg) => msg,
                None => return Ok(None),
            },
        };
        for command in update(&mut self.model, msg) {
            if self.execute(command)? {
                return Ok(Some(None));
            }
        }
        Ok(None)
    }

    /// Does what the model asks for; gives whether that is to end.
    fn execute(&mut self, command: Cmd) -> anyhow::Result<bool> {
        match command {
            Cmd::Quit => return Ok(true),
            Cmd::Redraw => self.terminal.clear()?,
            Cmd::Suspend => self.suspend()?,
            Cmd::List => self.runner.list(self.sender.clone())?,
            Cmd::Run(task) => self.runner.start(task, self.sender.clone())?,
        }
        Ok(false)
    }

    fn suspend(&mut self) -> anyhow::Result<()> {
        self.guard.suspend()?;
        Ok(self.terminal.clear()?)
    }
}

/// Has the events of the terminal arrive among the results of tasks, so that the loop waits for one channel.
fn forward(sender: SyncSender<Incoming>) -> io::Result<()> {
    let (to, from) = mpsc::sync_channel(WAITING);
    events::start(to)?;
    let work = move || {
        for event in from {
            if sender.send(Incoming::Event(event)).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("forward".into()).spawn(work).map(drop)
}

/// The message that an event stands for.
fn message(event: Event) -> Option<Msg> {
    Some(match event {
        Event::Key(chord) => Msg::Key(chord),
        Event::Paste(text) => Msg::Paste(text),
        Event::Resize(columns, rows) => Msg::Resize(columns, rows),
        Event::Click { column, row } | Event::Drag { column, row } => Msg::Click { column, row },
        Event::Wheel { column, row, steps, sideways: false } => {
            let rows = isize::try_from(steps).unwrap_or_default().clamp(-MOST_ROWS, MOST_ROWS);
            Msg::Wheel { column, row, rows }
        }
        _ => return None,
    })
}
