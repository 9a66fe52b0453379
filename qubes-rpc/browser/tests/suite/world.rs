//! A browser without a terminal, and a store for it.

use logvm_browser::alerts::Alert;
use logvm_browser::archive::{Archive, State};
use logvm_browser::listing::{Listing, Usage};
use logvm_browser::msg::Stored;
use logvm_browser::{Cmd, Model, Msg, keys, ui, update};
use logvm_look::config::{Depth, Keymap, Theme};
use logvm_look::ui::style::Styles;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// 2026-11-21 00:00:00 UTC, in microseconds since 1970.
pub const MIDNIGHT: u64 = 1_795_219_200_000_000;
/// Microseconds of a minute.
pub const MINUTE: u64 = 60_000_000;

/// A browser, and what it has asked for.
pub struct Browser {
    pub model: Model,
    pub asked: Vec<Cmd>,
    pub ascii: bool,
}

impl Browser {
    pub fn open(stored: Stored, size: (u16, u16)) -> Self {
        let keymap = Keymap::load("default", None).expect("built in");
        let model = Model::new(keys::compile(&keymap), size);
        let mut browser = Self { model, asked: Vec::new(), ascii: false };
        browser.send(Msg::Stored(Box::new(stored)));
        browser
    }

    pub fn send(&mut self, msg: Msg) {
        self.asked.extend(update(&mut self.model, msg));
    }

    /// Presses keys, written as keymaps write them.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.send(Msg::Key(key.parse().expect("a chord")));
        }
    }

    /// Types text into what takes it.
    pub fn types(&mut self, text: &str) {
        text.chars().for_each(|c| self.send(Msg::Key(logvm_look::config::Chord::char(c))));
    }

    /// What was asked for since the last time.
    pub fn taken(&mut self) -> Vec<Cmd> {
        std::mem::take(&mut self.asked)
    }

    /// The id under the cursor.
    pub fn id(&self) -> &str {
        self.model.archive(self.model.archives.cursor).map_or("", |archive| &archive.id)
    }

    /// The ids that are shown, in their order.
    pub fn ids(&self) -> Vec<&str> {
        (0..self.model.shown.len()).filter_map(|row| self.model.archive(row)).map(|item| item.id.as_str()).collect()
    }

    pub fn screen(&self) -> String {
        let (columns, rows) = self.model.screen;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test backend");
        let styles = Styles::new(&Theme::load("dark", None).expect("built in"), Depth::True, self.ascii);
        terminal.draw(|frame| ui::view(&self.model, &styles, frame)).expect("a test backend draws");
        let buffer = terminal.backend().buffer();
        let row = |y: u16| (0..columns).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..rows).map(row).collect::<Vec<_>>().join("\n")
    }
}

pub fn archive(id: &str, origin: &str, kind: &str, minute: u64, size: u64, state: State) -> Archive {
    let start = MIDNIGHT + minute * MINUTE + 123_456;
    let end = (state != State::Open).then_some(start + (minute + 1) * 7 * MINUTE);
    Archive { id: id.into(), origin: origin.into(), kind: kind.into(), start: Some(start), end, size, state }
}

fn usage(origin: &str, bytes: u64, quota: Option<u64>) -> Usage {
    Usage { root: "QubesLogs".into(), origin: origin.into(), bytes, files: 3, charged: bytes, quota }
}

fn alert(minute: u64, origin: &str, text: &str) -> Alert {
    Alert { at: Some(MIDNIGHT + minute * MINUTE), origin: origin.into(), text: text.into() }
}

fn listing<T>(items: Vec<T>) -> Listing<T> {
    Listing { items, rejected: 0, left_out: 0 }
}

/// A few qubes' logs.
pub fn store() -> Stored {
    let archives = vec![
        archive("a0", "work", "log", 1, 4 << 10, State::Compressed),
        archive("a1", "sys-firewall", "export", 5, 900 << 20, State::Closed),
        archive("a2", "sys-net", "capture", 30, 3 << 30, State::Held),
        archive("a3", "work", "export", 61, 12_345, State::Closed),
        archive("a4", "disp1234", "log", 125, 0, State::Open),
        archive("a5", "vault-of-a-very-long-name-indeed", "file", 240, 77, State::Closed),
    ];
    Stored {
        archives: listing(archives),
        usage: listing(vec![
            usage("work", 16 << 10, Some(1 << 30)),
            usage("sys-firewall", 900 << 20, Some(1 << 30)),
            usage("sys-net", 3 << 30, Some(3 << 30)),
            usage("disp1234", 0, None),
        ]),
        alerts: vec![
            alert(300, "sys-net", "quota of 3.0 GiB is used up"),
            alert(240, "sys-firewall", "80 % of 1.0 GiB used"),
        ],
        now: MIDNIGHT + 360 * MINUTE,
        problem: None,
    }
}

/// Many archives of some hundred origins.
pub fn many(count: u64) -> Stored {
    let one = |n: u64| {
        let state = State::ALL[(n % 4) as usize];
        archive(&format!("{n:032x}"), &format!("qube-{}", n * 7919 % 300), "log", n * 31 % 100_000, n * n, state)
    };
    Stored { archives: listing((0..count).map(one).collect()), ..store() }
}

/// Compares a screen with the one that is kept in `snapshots/`.
pub fn check(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}
