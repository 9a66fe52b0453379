//! A viewer without a terminal.

use std::sync::atomic::AtomicBool;

use logvm::app::keys::Keys;
use logvm::app::{Action, Cmd, Found, Model, Msg, update, window};
use logvm::config::{Chord, Depth, Key, Keymap, Theme};
use logvm::ingest::Progress;
use logvm::query::Copies;
use logvm::store::Snapshot;
use logvm::ui::style::Styles;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::world::{START, store};

/// A viewer with everything around it but the terminal: scans run at once.
pub struct Viewer {
    pub model: Model,
    pub copied: Vec<String>,
    pub quit: bool,
    pub ascii: bool,
}

fn keys() -> Keys {
    Keys::compile(&Keymap::load("default", None).expect("built in")).expect("built in")
}

impl Viewer {
    pub fn open(snapshot: Snapshot, size: (u16, u16)) -> Self {
        let mut viewer = Self {
            model: Model::new("archive", keys(), logvm::ui::editor::line, size),
            copied: Vec::new(),
            quit: false,
            ascii: false,
        };
        viewer.send(Msg::Snapshot(snapshot));
        viewer.send(Msg::Progress(Progress { read: 1_234_567, total: 1_234_567, seconds: 0.5, finished: true }));
        viewer
    }

    pub fn send(&mut self, msg: Msg) {
        for command in update(&mut self.model, msg) {
            self.execute(command);
        }
        window::fill(&mut self.model);
    }

    /// Does what the model asks for.
    pub fn execute_all(&mut self, commands: Vec<Cmd>) {
        commands.into_iter().for_each(|command| self.execute(command));
    }

    fn execute(&mut self, command: Cmd) {
        match command {
            Cmd::Scan(request) => {
                let mut all = Vec::new();
                request.run(&AtomicBool::new(false), &mut |found| all.push(found));
                let found = Found { generation: request.generation, found: all, done: true };
                for command in update(&mut self.model, Msg::Found(found)) {
                    self.execute(command);
                }
            }
            Cmd::FindCopies(snapshot) => {
                let copies = Copies::find(&snapshot, &AtomicBool::new(false));
                for command in update(&mut self.model, Msg::Copies(copies)) {
                    self.execute(command);
                }
            }
            Cmd::Copy(text) => self.copied.push(text),
            Cmd::Quit => self.quit = true,
            Cmd::CancelScan(_) | Cmd::Redraw | Cmd::Suspend => {}
        }
    }

    pub fn act(&mut self, action: Action) {
        self.send(Msg::Action(action));
    }

    pub fn key(&mut self, key: Key) {
        self.send(Msg::Key(Chord::plain(key)));
    }

    /// Opens a prompt, types into it, and submits.
    pub fn ask(&mut self, action: Action, text: &str) {
        self.act(action);
        text.chars().for_each(|c| self.key(Key::Char(c)));
        self.key(Key::Enter);
    }

    pub fn screen(&mut self) -> String {
        let buffer = self.buffer();
        let (columns, rows) = self.model.screen;
        let row = |y: u16| (0..columns).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..rows).map(row).collect::<Vec<_>>().join("\n")
    }

    /// The screen with its colours.
    pub fn buffer(&mut self) -> Buffer {
        window::fill(&mut self.model);
        let (columns, rows) = self.model.screen;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test backend");
        let theme = Theme::load("dark", None).expect("built in");
        let styles = Styles::new(&theme, Depth::True, self.ascii);
        terminal.draw(|frame| logvm::ui::view(&self.model, &styles, frame)).expect("a test backend draws");
        terminal.backend().buffer().clone()
    }

    pub fn cursor_time(&self, pane: usize) -> i64 {
        self.model.panes[pane].cursor.expect("a cursor").time.0 / 1_000_000_000 - START
    }
}

pub fn viewer(size: (u16, u16)) -> Viewer {
    Viewer::open(store().snapshot(), size)
}

/// Compares a screen with the one that is kept in `snapshots/`.
pub fn check(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}
