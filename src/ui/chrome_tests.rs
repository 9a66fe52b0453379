//! Overlays as they are seen, at the smallest size that is supported in full, and at sizes that are not.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::style::Styles;
use super::{finder, help};
use crate::app::action::Context;
use crate::app::finder::{Finder, Item};
use crate::app::help::Help;
use crate::app::keys::Keys;
use crate::config::{Depth, Keymap, Theme};

fn keys() -> Keys {
    Keys::compile(&Keymap::load("default", None).expect("built in")).expect("built in")
}

fn styles(ascii: bool) -> Styles {
    Styles::new(&Theme::load("dark", None).expect("built in"), Depth::True, ascii)
}

fn screen(width: u16, height: u16, draw: impl Fn(&mut ratatui::Frame<'_>)) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen in memory");
    terminal.draw(draw).expect("a screen in memory");
    terminal.backend().clone()
}

fn snapshot(name: &str, screen: &TestBackend) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

fn open_finder(query: &str) -> Finder {
    let mut items = Item::actions(Context::Pane);
    items.push(Item::new("sys-vpn pcaps\x1b[31m", "capture\u{202e}", 0));
    let mut finder = Finder::new(items);
    finder.paste(query);
    finder
}

#[test]
fn the_help_is_legible_at_80x24() {
    let (help, styles) = (Help::new(&keys(), Context::Pane), styles(false));
    snapshot("help-80x24", &screen(80, 24, |frame| help::draw(frame, frame.area(), &help, &styles)));
    let mut end = help.clone();
    end.scroll(isize::MAX, help::height(ratatui::layout::Rect::new(0, 0, 80, 24)));
    snapshot("help-end-80x24", &screen(80, 24, |frame| help::draw(frame, frame.area(), &end, &styles)));
}

#[test]
fn the_finder_shows_matches_with_their_keys_at_80x24() {
    let (finder, keys, styles) = (open_finder("pa"), keys(), styles(false));
    snapshot("finder-80x24", &screen(80, 24, |frame| finder::draw(frame, frame.area(), &finder, &keys, &styles)));
}

#[test]
fn plain_consoles_get_ascii_only() {
    let (finder, help, keys, styles) = (open_finder("pcaps"), Help::new(&keys(), Context::Pane), keys(), styles(true));
    let screens = [
        screen(80, 24, |frame| finder::draw(frame, frame.area(), &finder, &keys, &styles)),
        screen(80, 24, |frame| help::draw(frame, frame.area(), &help, &styles)),
    ];
    for screen in screens {
        assert!(screen.buffer().content.iter().all(|cell| cell.symbol().is_ascii()), "{screen}");
    }
}

#[test]
fn any_size_can_be_drawn() {
    let (finder, help, keys, styles) = (open_finder("pa"), Help::new(&keys(), Context::Pane), keys(), styles(false));
    for (width, height) in [(0, 0), (1, 1), (2, 2), (3, 3), (5, 2), (20, 5), (31, 4), (300, 100)] {
        screen(width, height, |frame| finder::draw(frame, frame.area(), &finder, &keys, &styles));
        screen(width, height, |frame| help::draw(frame, frame.area(), &help, &styles));
    }
}
