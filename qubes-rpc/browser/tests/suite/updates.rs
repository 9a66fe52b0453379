//! Messages in, commands out.

use logvm_browser::archive::State;
use logvm_browser::msg::{Stored, Task};
use logvm_browser::{Cmd, Msg};
use logvm_look::config::{Chord, Key};
use proptest::prelude::*;

use crate::world::{Browser, archive, many, store};

fn browser() -> Browser {
    Browser::open(store(), (80, 24))
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn every_column_sorts_both_ways() {
    let mut browser = browser();
    assert_eq!(browser.ids(), ["a5", "a4", "a3", "a2", "a1", "a0"], "the latest first");
    for (key, order) in [
        ("2", ["a4", "a1", "a2", "a5", "a3", "a0"]),
        ("3", ["a2", "a3", "a1", "a5", "a4", "a0"]),
        ("4", ["a2", "a1", "a3", "a0", "a5", "a4"]),
        ("5", ["a5", "a3", "a4", "a2", "a1", "a0"]),
        ("6", ["a4", "a5", "a3", "a1", "a0", "a2"]),
        ("1", ["a5", "a4", "a3", "a2", "a1", "a0"]),
    ] {
        browser.keys(key);
        assert_eq!(browser.ids(), order, "key {key}");
    }
    browser.keys("S");
    assert_eq!(browser.ids(), ["a0", "a1", "a2", "a3", "a4", "a5"]);
    browser.keys("s S");
    assert_eq!(
        browser.ids()[..2],
        ["a3", "a0"],
        "origins from the end, equal ones the latest first: {:?}",
        browser.ids()
    );
}

#[test]
fn a_heading_sorts_and_a_click_selects() {
    let mut browser = browser();
    let row = |browser: &Browser, text: &str| browser.screen().lines().position(|line| line.contains(text)).unwrap();
    let column = |browser: &Browser, row: usize, text: &str| {
        let line = browser.screen().lines().nth(row).unwrap().to_owned();
        line[..line.find(text).unwrap()].chars().count()
    };
    let headings = row(&browser, "received");
    let size = column(&browser, headings, "size");
    browser.send(Msg::Click { column: size as u16, row: headings as u16 });
    assert_eq!(browser.id(), "a5", "the cursor stays on its archive");
    assert_eq!(browser.ids()[0], "a2");
    let work = row(&browser, "12.1 KiB");
    browser.send(Msg::Click { column: 10, row: work as u16 });
    assert_eq!(browser.id(), "a3");
}

#[test]
fn a_filter_hides_while_it_is_typed() {
    let mut browser = browser();
    browser.keys("/");
    browser.types("WORK ex");
    assert_eq!(browser.ids(), ["a3"]);
    browser.keys("Esc");
    assert_eq!(browser.ids().len(), 6, "as before");
    browser.keys("/");
    browser.types("held");
    browser.keys("Enter");
    assert_eq!((browser.ids(), browser.model.filter.as_str()), (vec!["a2"], "held"));
    browser.keys("Esc");
    assert_eq!(browser.ids().len(), 6);
    assert_eq!(browser.id(), "a2", "the cursor stays on its archive");
}

#[test]
fn a_few_letters_find_an_archive() {
    let mut browser = browser();
    browser.keys("C-p");
    browser.types("sfwexp");
    browser.keys("Enter");
    assert!(browser.model.overlay.is_none());
    assert_eq!(browser.id(), "a1");
    browser.keys("f z z z z Enter");
    assert_eq!(browser.id(), "a1", "nothing matches, nothing moves");
}

#[test]
fn the_selection_is_opened_by_kind() {
    let mut browser = browser();
    browser.keys("Enter");
    assert_eq!(browser.taken(), [Cmd::Run(Task::Open { kind: "file".into(), ids: ids(&["a5"]) })]);
    browser.keys("g m m m g Enter");
    assert_eq!(
        browser.taken(),
        [
            Cmd::Run(Task::Open { kind: "export".into(), ids: ids(&["a3"]) }),
            Cmd::Run(Task::Open { kind: "file".into(), ids: ids(&["a5"]) }),
            Cmd::Run(Task::Open { kind: "log".into(), ids: ids(&["a4"]) }),
        ]
    );
    assert_eq!(browser.model.running.len(), 4);
}

#[test]
fn a_mark_that_is_hidden_selects_nothing() {
    let mut browser = browser();
    browser.keys("m");
    browser.keys("/");
    browser.types("sys-firewall");
    browser.keys("Enter Enter");
    assert_eq!(browser.taken(), [Cmd::Run(Task::Open { kind: "export".into(), ids: ids(&["a1"]) })]);
}

#[test]
fn deleting_asks_and_only_y_is_yes() {
    for no in ["n", "Enter", "Esc", "Space", "d", "q"] {
        let mut browser = browser();
        browser.keys("d");
        assert!(browser.screen().contains("Delete 1 archive, 77 B for good?"), "{}", browser.screen());
        browser.keys(no);
        assert!(browser.model.overlay.is_none());
        assert_eq!(browser.taken(), [], "{no}");
    }
    let mut browser = browser();
    browser.keys("d y");
    assert_eq!(browser.taken(), [Cmd::Run(Task::Delete(ids(&["a5"])))]);
}

#[test]
fn what_is_held_open_or_unknown_is_never_deleted() {
    let mut stored = store();
    stored.archives.items.push(archive("a6", "work", "log", 300, 1, State::Unknown));
    let mut browser = Browser::open(stored, (80, 24));
    for (id, why) in [("a2", "held"), ("a4", "still written"), ("a6", "not known")] {
        browser.keys("g");
        while browser.id() != id {
            browser.keys("j");
        }
        browser.keys("d");
        assert!(browser.model.overlay.is_none() && browser.screen().contains(why), "{}", browser.screen());
        browser.keys("y");
    }
    assert_eq!(browser.taken(), []);
    browser.keys("g m m m m m m m d");
    assert!(browser.screen().contains("3 archives open or held"), "{}", browser.screen());
    browser.keys("y");
    assert_eq!(browser.taken(), [Cmd::Run(Task::Delete(ids(&["a5", "a3", "a1", "a0"])))]);
}

#[test]
fn h_holds_and_unholds_and_lists_anew() {
    let mut browser = browser();
    browser.keys("h");
    let task = Task::Hold(ids(&["a5"]));
    assert_eq!(browser.taken(), [Cmd::Run(task.clone())]);
    browser.send(Msg::Done { task, problem: None });
    assert_eq!(browser.taken(), [Cmd::List]);
    browser.send(Msg::Stored(Box::new(store())));
    browser.keys("j j j h");
    assert_eq!(browser.taken(), [Cmd::Run(Task::Unhold(ids(&["a2"])))]);
}

#[test]
fn a_listing_under_way_is_followed_by_another_one() {
    let mut browser = browser();
    browser.keys("r r r");
    assert_eq!(browser.taken(), [Cmd::List], "one at a time");
    browser.send(Msg::Stored(Box::new(store())));
    assert_eq!(browser.taken(), [Cmd::List], "the first may have been too early for the others");
    browser.send(Msg::Stored(Box::new(store())));
    assert_eq!(browser.taken(), []);
}

#[test]
fn copying_asks_for_a_qube_that_can_exist() {
    let mut browser = browser();
    browser.keys("c");
    browser.types("../x");
    browser.keys("Enter");
    assert!(browser.screen().contains("no qube can be called so"), "{}", browser.screen());
    browser.keys("C-u");
    browser.types("vault");
    browser.keys("Enter");
    match browser.taken().as_slice() {
        [Cmd::Run(Task::Copy { to, ids })] => {
            assert_eq!((to.as_str(), ids.as_slice()), ("vault", &["a5".to_owned()][..]))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_origin_and_an_alert_lead_to_their_archives() {
    let mut browser = browser();
    browser.keys("Tab j Enter");
    assert_eq!((browser.model.filter.as_str(), browser.ids()), ("sys-firewall", vec!["a1"]));
    browser.keys("Esc S-Tab Enter");
    assert_eq!((browser.model.filter.as_str(), browser.ids()), ("sys-net", vec!["a2"]));
    assert_eq!(browser.taken(), []);
}

#[test]
fn what_fails_is_said() {
    let mut browser = browser();
    let task = Task::Delete(ids(&["a5"]));
    browser.send(Msg::Done { task, problem: Some("it was\nheld \x1b[2J meanwhile".into()) });
    assert!(
        browser.screen().contains("could not delete 1 archive: it was held ␛[2J meanwhile"),
        "{}",
        browser.screen()
    );
}

#[test]
fn the_cursor_stays_when_others_come_and_marks_go_with_their_archives() {
    let mut browser = browser();
    browser.keys("m j m k k");
    let under = browser.id().to_owned();
    let mut stored = store();
    stored.archives.items.insert(0, archive("b0", "work", "log", 900, 1, State::Closed));
    stored.archives.items.retain(|item| item.id != "a3");
    browser.send(Msg::Stored(Box::new(stored)));
    assert_eq!(browser.id(), under);
    assert_eq!(browser.model.marks.iter().collect::<Vec<_>>(), ["a5"]);
}

#[test]
fn an_empty_store_can_be_used() {
    let mut browser = Browser::open(Stored::default(), (80, 24));
    assert!(browser.screen().contains("nothing is stored"));
    browser.keys("j k G d h Enter c m s 4 f Enter Esc Tab Enter Tab Enter");
    assert_eq!(browser.taken(), []);
}

fn message() -> impl Strategy<Value = Msg> {
    let keys = "jkgGhdmMcsSfr/123456?ynq \u{e9}".chars().collect::<Vec<_>>();
    let named = vec![Key::Enter, Key::Esc, Key::Tab, Key::Up, Key::Down, Key::PageDown, Key::PageUp, Key::Backspace];
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(|c| Msg::Key(Chord::char(c))),
        4 => prop::sample::select(named).prop_map(|key| Msg::Key(Chord::plain(key))),
        1 => prop::char::range('a', 'z').prop_map(|c| Msg::Key(Chord::control(c))),
        2 => (0..130_u16, 0..50_u16).prop_map(|(column, row)| Msg::Click { column, row }),
        1 => (0..130_u16, 0..50_u16, -9..9_isize).prop_map(|(column, row, rows)| Msg::Wheel { column, row, rows }),
        1 => (0..130_u16, 0..50_u16).prop_map(|(columns, rows)| Msg::Resize(columns, rows)),
        1 => ".{0,12}".prop_map(Msg::Paste),
        1 => (0..40_u64).prop_map(|count| Msg::Stored(Box::new(many(count)))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_a_user_does_panics_or_loses_the_cursor(messages in prop::collection::vec(message(), 1..60),
                                                      size in (0..130_u16, 0..50_u16)) {
        let mut browser = Browser::open(store(), size);
        for message in messages {
            browser.send(message);
            let (list, len) = (browser.model.archives, browser.model.shown.len());
            prop_assert!(list.cursor < len.max(1));
            prop_assert!(list.height == 0 || list.window(len).contains(&list.cursor) || len == 0);
            browser.screen();
        }
        for command in browser.taken() {
            if let Cmd::Run(Task::Delete(ids)) = command {
                prop_assert!(!ids.contains(&"a2".to_owned()) && !ids.contains(&"a4".to_owned()));
            }
        }
    }
}
