//! What is seen.

use logvm_browser::alerts::Alert;
use logvm_browser::archive::State;
use logvm_browser::column::places;
use logvm_browser::msg::Stored;
use logvm_browser::ui::{Look, archives};
use logvm_look::config::{Depth, Theme};
use logvm_look::ui::glyphs;
use logvm_look::ui::style::Styles;

use crate::world::{Browser, archive, check, many, store};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// What a terminal could obey, hide or reorder.
const HOSTILE: &str = "\x1b]0;owned\x07\u{202e}evil\u{200b}\r\n\u{9b}2J\t{}";

fn named(name: &str, size: (u16, u16)) -> String {
    format!("browser-{name}-{}x{}", size.0, size.1)
}

#[test]
fn archives_origins_and_alerts() {
    for size in SIZES {
        let mut browser = Browser::open(store(), size);
        browser.keys("j m");
        check(&named("archives", size), &browser.screen());
    }
}

#[test]
fn a_question_before_deleting() {
    for size in SIZES {
        let mut browser = Browser::open(store(), size);
        browser.keys("m m m d");
        check(&named("delete", size), &browser.screen());
    }
}

#[test]
fn the_finder_and_the_filter() {
    for size in SIZES {
        let mut browser = Browser::open(store(), size);
        browser.keys("f");
        browser.types("wo");
        check(&named("finder", size), &browser.screen());
        browser.keys("Esc /");
        browser.types("sys");
        check(&named("filter", size), &browser.screen());
    }
}

#[test]
fn the_help() {
    for size in SIZES {
        let mut browser = Browser::open(store(), size);
        browser.keys("?");
        check(&named("help", size), &browser.screen());
    }
}

#[test]
fn no_line_of_the_help_is_cut() {
    let mut browser = Browser::open(Stored::default(), (80, 24));
    browser.keys("?");
    for _ in 0..3 {
        assert!(!browser.screen().contains('…'), "{}", browser.screen());
        browser.keys("Space");
    }
}

fn hostile() -> Stored {
    let mut stored = store();
    let mut bad = archive("b0", HOSTILE, HOSTILE, 400, 1, State::Closed);
    bad.origin.push_str(&"w".repeat(200));
    stored.archives.items.push(bad);
    stored.usage.items[0].origin = HOSTILE.into();
    stored.alerts.insert(0, Alert { at: None, origin: String::new(), text: HOSTILE.into() });
    stored.alerts.insert(0, Alert { at: Some(stored.now), origin: HOSTILE.into(), text: HOSTILE.into() });
    stored.problem = Some(HOSTILE.into());
    stored
}

#[test]
fn names_and_alerts_are_inert() {
    for size in SIZES {
        let mut browser = Browser::open(hostile(), size);
        check(&named("hostile", size), &browser.screen());
        for keys in ["d", "n f", "Esc / e v i l", "Enter c", "x Esc Tab Enter", "?"] {
            browser.keys(keys);
            let screen = browser.screen();
            let bad = screen.chars().find(|c| (c.is_control() && *c != '\n') || "\u{202e}\u{200b}\u{9b}".contains(*c));
            assert_eq!(bad, None, "after {keys}:\n{screen}");
            assert_eq!(screen.lines().count(), usize::from(size.1));
        }
    }
}

#[test]
fn plain_consoles_get_ascii_only() {
    let mut browser = Browser::open(hostile(), (120, 40));
    browser.ascii = true;
    for keys in ["m", "s", "d", "n f", "Esc ?"] {
        browser.keys(keys);
        assert!(browser.screen().is_ascii(), "{}", browser.screen());
    }
}

#[test]
fn any_size_can_be_drawn() {
    for size in [(0, 0), (1, 1), (29, 8), (30, 8), (31, 9), (40, 17), (60, 18), (99, 20), (100, 8), (300, 100)] {
        let mut browser = Browser::open(store(), size);
        for keys in ["j", "f", "Esc d", "n ?", "q Tab", "/"] {
            browser.keys(keys);
            browser.screen();
        }
        assert_eq!(browser.screen().contains("too small"), size.0 >= 20 && size.0 < 30, "{size:?}");
    }
}

#[test]
fn a_frame_looks_at_the_rows_on_the_screen_only() {
    let styles = Styles::new(&Theme::load("dark", None).expect("built in"), Depth::True, false);
    let look = Look { styles: &styles, glyphs: glyphs::of(false) };
    for (count, size) in [(10_000, (80, 24)), (200_000, (120, 40))] {
        let mut browser = Browser::open(many(count), size);
        for keys in ["G", "C-u", "k", "PageUp", "4", "g"] {
            browser.keys(keys);
            let room = usize::from(size.1) - 2;
            assert!(browser.model.visible().count() <= room);
            assert!(archives::rows(&browser.model, &places(78), &look).len() <= room, "{keys}");
            assert_eq!(browser.model.shown.len() as u64, count);
            browser.screen();
        }
    }
}
