//! The viewer without a terminal: messages in, screens out.

pub mod viewer;
mod world;

use std::sync::Arc;

use logvm::app::{Action, Mouse, MouseKind, Msg};
use logvm::config::{Chord, Key};
use logvm::decode::{Body, Entry};
use logvm::ingest::{Input, Options, Progress, Reading};
use logvm::record::{Kind, Level, Precision, RecordId, TableId};
use logvm::store::segment::KeyTime;
use logvm::store::{Columns, Flow, Segment, Snapshot, Store};
use proptest::prelude::*;
use viewer::{Viewer, check, viewer};
use world::{at, entry, flow, info, lines, nft, store};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

#[test]
fn panes_suit_the_archive() {
    for size in SIZES {
        let mut viewer = viewer(size);
        check(&format!("panes-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn the_drawer_shows_a_packet_down_to_its_bytes() {
    for size in SIZES {
        let mut viewer = viewer(size);
        viewer.ask(Action::Command, "pane packets");
        viewer.act(Action::OpenDetail);
        check(&format!("packet-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn sources_are_listed_with_format_and_reason() {
    for size in SIZES {
        let mut viewer = viewer(size);
        viewer.act(Action::Sources);
        viewer.act(Action::MoveDown);
        check(&format!("sources-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn a_source_can_be_shown_alone() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Sources);
    viewer.act(Action::Search);
    assert!(viewer.model.prompt.is_none(), "the list has the keyboard");
    viewer.act(Action::MoveDown);
    viewer.act(Action::OpenDetail);
    assert!(viewer.model.overlay.is_none());
    assert_eq!(viewer.model.pane().count, 40);
    assert_eq!(viewer.model.panes[1].count, 10, "other panes stay as they are");
}

#[test]
fn panes_split_and_close() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Split);
    assert_eq!((viewer.model.panes.len(), viewer.model.focus), (4, 1));
    viewer.act(Action::Flows);
    viewer.act(Action::Split);
    assert_eq!(viewer.model.panes.len(), 4, "no room for a fifth");
    (0..5).for_each(|_| viewer.act(Action::ClosePane));
    assert_eq!(viewer.model.panes.len(), 1, "the last one stays");
}

#[test]
fn a_search_shows_its_matches_and_their_count() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Pane3);
    viewer.ask(Action::Search, "round 2");
    assert_eq!(viewer.model.search.as_ref().map(|search| search.found.count()), Some(11 + 11 + 1));
    check("search-120x40", &viewer.screen());
    let first = viewer.model.cursor();
    viewer.act(Action::SearchNext);
    viewer.act(Action::SearchPrevious);
    assert_eq!(viewer.model.cursor(), first);
}

#[test]
fn panes_follow_in_time() {
    let mut viewer = viewer((120, 40));
    viewer.ask(Action::GoToTime, "00:38:34");
    assert_eq!(viewer.cursor_time(0), 34);
    assert_eq!(viewer.cursor_time(1), 34, "a line of a whole second stands for the flow within that second");
    assert_eq!(viewer.cursor_time(2), 33, "33.25 s is nearer than 36.25 s");
    viewer.act(Action::ToggleSync);
    viewer.act(Action::Bottom);
    assert_eq!((viewer.cursor_time(0), viewer.cursor_time(1)), (118, 34));
}

#[test]
fn moving_and_returning() {
    let mut viewer = viewer((80, 24));
    viewer.act(Action::MoveDown);
    viewer.act(Action::MoveDown);
    assert_eq!(viewer.cursor_time(0), 4);
    viewer.act(Action::MinuteForward);
    assert_eq!(viewer.cursor_time(0), 64);
    viewer.act(Action::MinuteBack);
    assert_eq!(viewer.cursor_time(0), 4);
    viewer.act(Action::Bottom);
    assert_eq!(viewer.cursor_time(0), 118);
    viewer.act(Action::JumpBack);
    assert_eq!(viewer.cursor_time(0), 4);
    viewer.act(Action::JumpForward);
    assert_eq!(viewer.cursor_time(0), 118);
}

#[test]
fn warnings_and_marks_are_found_again() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Pane3);
    viewer.act(Action::NextWarning);
    assert_eq!(viewer.cursor_time(2), 21);
    viewer.act(Action::Mark);
    viewer.act(Action::NextWarning);
    viewer.ask(Action::Comment, "who is this?");
    viewer.act(Action::Top);
    viewer.act(Action::NextMark);
    viewer.act(Action::NextMark);
    assert!(viewer.screen().contains("who is this?"));
    viewer.act(Action::PreviousMark);
    assert_eq!(viewer.cursor_time(2), 21);
}

#[test]
fn a_click_moves_the_cursor_and_the_wheel_scrolls() {
    let mut viewer = viewer((120, 40));
    let press = |kind, column, row| Msg::Mouse(Mouse { kind, column, row });
    viewer.send(press(MouseKind::Press, 90, 8));
    assert_eq!((viewer.model.focus, viewer.cursor_time(2)), (2, 3));
    viewer.send(press(MouseKind::WheelDown, 5, 8));
    assert_eq!(viewer.model.focus, 0);
    viewer.send(press(MouseKind::Press, 119, 1));
    assert_eq!(viewer.cursor_time(0), 118);
}

#[test]
fn bytes_of_logs_are_inert_and_the_clipboard_gets_no_control_character() {
    let mut viewer = viewer((200, 50));
    viewer.act(Action::Pane3);
    viewer.ask(Action::Search, "cleared");
    assert!(!viewer.screen().contains(['\u{1b}', '\u{202e}']));
    viewer.act(Action::Copy);
    assert!(viewer.copied[0].contains("cleared") && !viewer.copied[0].contains('\u{1b}'));
}

#[test]
fn a_capture_that_jumps_ten_years_is_drawn() {
    let store = store();
    let id = TableId(store.snapshot().tables().len() as u32);
    lines(&store, info("late".into(), "late", "text", Kind::Text, 1), 1, |_| {
        ("late".into(), entry(at(10 * 366 * 86_400), Precision::Second, Level::Info, Body::Text))
    });
    assert!(store.snapshot().table(id).is_some());
    let mut viewer = Viewer::open(store.snapshot(), (80, 24));
    viewer.act(Action::Bottom);
    assert!(viewer.screen().contains("2035-08-"));
}

#[test]
fn lines_without_a_time_do_not_stretch_the_time_strip() {
    let store = store();
    lines(&store, info("notes".into(), "work", "plain text", Kind::Text, 3), 3, |number| {
        (format!("note {number}"), Entry { claimed: None, ..entry(at(0), Precision::Second, Level::Info, Body::Text) })
    });
    let mut viewer = Viewer::open(store.snapshot(), (120, 40));
    assert!(!viewer.screen().contains("1677"), "{}", viewer.screen());
    viewer.act(Action::Pane3);
    viewer.act(Action::Top);
    assert!(viewer.screen().contains("note 0") && !viewer.screen().contains("1677"), "{}", viewer.screen());
}

#[test]
fn records_that_arrive_later_do_not_move_the_cursor() {
    let all = store();
    let mut viewer = Viewer::open(Snapshot::default(), (120, 40));
    assert!(viewer.screen().contains("no records"));
    let early = Store::new();
    nft(&early, "sys-firewall", 5);
    viewer.send(Msg::Snapshot(early.snapshot()));
    viewer.act(Action::MoveDown);
    let cursor = viewer.model.cursor();
    viewer.send(Msg::Snapshot(all.snapshot()));
    assert_eq!(viewer.model.cursor(), cursor);
    assert_eq!(viewer.model.panes.len(), 3, "panes for what came later are added");
}

#[test]
fn a_filter_hides_and_shows_again() {
    let mut viewer = viewer((120, 40));
    viewer.ask(Action::GoToTime, "00:38:34");
    viewer.ask(Action::Filter, "nft.prefix == \"SYSFW:drop\" || level <= warning");
    let warnings = 4 + 3 + 2;
    assert_eq!(viewer.model.filter.as_ref().map(|filter| filter.found.count()), Some(12 + warnings));
    assert_eq!(viewer.model.panes[0].count, 12);
    assert_eq!(viewer.cursor_time(0), 40, "the next record that is left");
    check("filter-120x40", &viewer.screen());
    viewer.act(Action::ToggleFilter);
    assert_eq!((viewer.model.panes[0].count, viewer.cursor_time(0)), (60, 34), "where the user was");
    viewer.act(Action::ToggleFilter);
    viewer.act(Action::ContextMore);
    assert_eq!(viewer.model.panes[0].count, 12 * 3 - 1, "the first match has no record before it");
}

#[test]
fn an_error_in_a_filter_is_shown_where_it_is() {
    let mut viewer = viewer((80, 24));
    viewer.act(Action::Filter);
    "port == 443 && wrong == 1".chars().for_each(|c| viewer.key(Key::Char(c)));
    check("filter-error-80x24", &viewer.screen());
    viewer.key(Key::Enter);
    assert!(viewer.model.prompt.is_some() && viewer.model.filter.is_none());
    viewer.key(Key::Esc);
    assert!(viewer.model.prompt.is_none());
}

#[test]
fn earlier_lines_come_back() {
    let mut viewer = viewer((80, 24));
    viewer.ask(Action::Filter, "port == 443");
    viewer.ask(Action::Command, "filter");
    viewer.act(Action::Filter);
    viewer.key(Key::Up);
    assert_eq!(viewer.model.prompt.as_ref().map(|prompt| prompt.text()), Some("port == 443"));
    viewer.key(Key::Down);
    assert_eq!(viewer.model.prompt.as_ref().map(|prompt| prompt.text()), Some(""));
}

#[test]
fn words_of_a_filter_are_completed() {
    let mut viewer = viewer((80, 24));
    viewer.act(Action::Filter);
    "nft.pre".chars().for_each(|c| viewer.key(Key::Char(c)));
    viewer.key(Key::Tab);
    assert_eq!(viewer.model.prompt.as_ref().map(|prompt| prompt.text()), Some("nft.prefix"));
    " == ".chars().for_each(|c| viewer.key(Key::Char(c)));
    viewer.key(Key::Tab);
    check("completion-80x24", &viewer.screen());
    viewer.key(Key::Enter);
    viewer.key(Key::Enter);
    assert_eq!(viewer.model.filter.as_ref().map(|filter| filter.found.count()), Some(48));
}

#[test]
fn the_value_under_the_cursor_filters_in_and_out() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::FilterIn);
    let expression = |viewer: &Viewer| viewer.model.filter.as_ref().map(|filter| filter.expression.clone());
    assert_eq!(expression(&viewer).as_deref(), Some("ip.addr == 203.0.113.0"));
    assert_eq!(viewer.model.panes[0].count, 9);
    viewer.ask(Action::Command, "filter");
    viewer.act(Action::OpenDetail);
    viewer.act(Action::OpenDetail);
    let name = "nft.prefix";
    while viewer.model.detail.as_ref().and_then(|detail| detail.selected_field()).is_some_and(|field| field.0 != name) {
        viewer.act(Action::MoveDown);
    }
    viewer.act(Action::FilterOut);
    assert_eq!(expression(&viewer).as_deref(), Some("!(nft.prefix == \"SYSFW:drop\")"));
    assert_eq!(viewer.model.panes[0].count, 48);
}

#[test]
fn the_drawer_shows_the_fields_of_an_entry() {
    for size in SIZES {
        let mut viewer = viewer(size);
        viewer.act(Action::Pane3);
        viewer.act(Action::OpenDetail);
        check(&format!("detail-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn records_that_come_later_are_filtered_too() {
    let early = Store::new();
    nft(&early, "sys-firewall", 5);
    let mut viewer = Viewer::open(early.snapshot(), (120, 40));
    viewer.ask(Action::Filter, "nft.prefix == \"SYSFW:drop\"");
    assert_eq!(viewer.model.panes[0].count, 1);
    viewer.send(Msg::Snapshot(store().snapshot()));
    assert_eq!(viewer.model.panes[0].count, 12);
}

#[test]
fn filtered_flows_stay_while_more_come() {
    let store = store();
    let mut viewer = Viewer::open(store.snapshot(), (120, 40));
    viewer.ask(Action::Filter, "port == 443");
    assert_eq!(viewer.model.panes[1].count, 10);
    let tables = store.snapshot();
    let flows = tables.tables().find(|table| table.info.derived).expect("flows").id;
    let more: Vec<Flow> = (0..20).map(|number| flow(number, RecordId::new(TableId(flows.0 + 1), 0))).collect();
    let times: Vec<i64> = more.iter().map(|flow| flow.start.0).collect();
    let segment = Segment::assemble(flows, 0, &times, KeyTime::Claimed, Columns::Flows(more.into()));
    store.update(flows, |table| table.segments = vec![Arc::new(segment)]);
    let commands = logvm::app::update(&mut viewer.model, Msg::Snapshot(store.snapshot()));
    viewer.screen();
    assert_eq!(viewer.model.panes[1].count, 10, "those that were there before, until the scan is done");
    viewer.execute_all(commands);
    viewer.screen();
    assert_eq!(viewer.model.panes[1].count, 20);
}

#[test]
fn the_finder_finds_what_a_pane_can_show() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Finder);
    "logs pers".chars().for_each(|c| viewer.key(Key::Char(c)));
    check("finder-120x40", &viewer.screen());
    viewer.key(Key::Enter);
    assert_eq!(viewer.model.panes[0].count, 20);
}

#[test]
fn plain_consoles_get_ascii_only() {
    let mut viewer = viewer((120, 40));
    viewer.ascii = true;
    for action in [Action::Mark, Action::OpenDetail, Action::Sources, Action::Help] {
        viewer.act(action);
        assert!(viewer.screen().is_ascii(), "{action:?}:\n{}", viewer.screen());
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let mut viewer = viewer((19, 4));
    assert!(viewer.screen().contains("too small"));
    viewer.send(Msg::Resize(20, 5));
    assert!(viewer.screen().contains("00:38:00"));
}

fn message() -> impl Strategy<Value = Msg> {
    let actions = logvm::app::action::ACTIONS;
    let key = prop_oneof![
        4 => any::<char>().prop_map(Key::Char),
        4 => prop::sample::select(vec!['1', '0', ':', 'a', ' ', '"', '(']).prop_map(Key::Char),
        1 => prop::sample::select(vec![Key::Enter, Key::Esc, Key::Tab, Key::Up, Key::Down, Key::Backspace, Key::Left]),
    ];
    let kind = prop::sample::select(vec![MouseKind::Press, MouseKind::WheelUp, MouseKind::WheelDown]);
    prop_oneof![
        8 => prop::sample::select(actions).prop_map(|info| Msg::Action(info.action)),
        6 => key.prop_map(|key| Msg::Key(Chord::plain(key))),
        1 => prop::char::range('a', 'z').prop_map(|c| Msg::Key(Chord::control(c))),
        2 => (kind, 0..210u16, 0..60u16).prop_map(|(kind, column, row)| Msg::Mouse(Mouse { kind, column, row })),
        1 => (0..210u16, 0..60u16).prop_map(|(columns, rows)| Msg::Resize(columns, rows)),
        1 => ".{0,12}".prop_map(Msg::Paste),
        1 => (0.0..100.0f64).prop_map(Msg::Tick),
        1 => Just(()).prop_map(|()| Msg::Snapshot(store().snapshot())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_a_user_does_panics_or_loses_the_cursor(messages in prop::collection::vec(message(), 1..60),
                                                      size in (0..210u16, 0..60u16)) {
        let early = Store::new();
        nft(&early, "sys-firewall", 5);
        let mut viewer = Viewer::open(early.snapshot(), size);
        for message in messages {
            viewer.send(message);
            let model = &viewer.model;
            prop_assert!(model.focus < model.panes.len());
            for pane in &model.panes {
                match pane.cursor {
                    Some(cursor) => prop_assert!(pane.timeline().contains(cursor.id)),
                    None => prop_assert_eq!(pane.count, 0),
                }
            }
            viewer.screen();
        }
    }
}

/// A viewer on a recording of the simulated network, read in full.
fn recording(number: u32, size: (u16, u16)) -> Viewer {
    let input = Input::Path(super::data::seed(number).join("input"));
    let reading = Reading::start(vec![input], Options::default());
    reading.wait();
    let mut viewer = Viewer::open(reading.store().snapshot(), size);
    viewer.send(Msg::Progress(Progress { seconds: 1.0, ..reading.progress() }));
    viewer
}

#[test]
fn a_recording_stands_side_by_side() {
    for size in SIZES {
        let mut viewer = recording(1, size);
        viewer.ask(Action::GoToTime, "18:55");
        check(&format!("seed1-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn a_line_that_several_sources_have_is_shown_once() {
    for (number, lines) in [(1, 460), (2, 306)] {
        let mut viewer = recording(number, (200, 50));
        assert_eq!(true_lines(number, "sys-firewall"), lines);
        assert_eq!((viewer.model.panes[0].count, viewer.model.panes[0].copies), (lines, 2 * lines));
        viewer.act(Action::ToggleCopies);
        assert_eq!((viewer.model.panes[0].count, viewer.model.panes[0].copies), (3 * lines, 0));
        viewer.act(Action::ToggleCopies);
        viewer.ask(Action::Command, "pane nft sys-net");
        assert_eq!(viewer.model.panes[0].count, true_lines(number, "sys-net"));
    }
}

/// How many lines a qube's firewall wrote, as the simulation knows.
fn true_lines(number: u32, vantage: &str) -> u64 {
    let path = super::data::seed(number).join("truth/lines.jsonl.zst");
    let text = zstd::decode_all(std::fs::File::open(path).expect("the truth")).expect("the truth");
    let lines = serde_json::Deserializer::from_slice(&text).into_iter::<serde_json::Value>();
    lines.filter(|line| line.as_ref().is_ok_and(|line| line["vantage"] == vantage)).count() as u64
}

#[test]
fn a_flow_leads_to_its_packets_and_back() {
    let mut viewer = viewer((120, 40));
    viewer.act(Action::Pane2);
    viewer.act(Action::MoveDown);
    viewer.act(Action::Packets);
    assert_eq!(viewer.model.panes[1].count, 5, "each of the 10 flows has 5 of the 50 packets");
    assert!(viewer.screen().contains("packets 10.137.0.17:40001"));
    viewer.act(Action::Packets);
    assert_eq!(viewer.model.panes[1].count, 50);
    viewer.act(Action::Flows);
    assert_eq!((viewer.model.panes[1].count, viewer.cursor_time(1)), (10, 31));
}

#[test]
fn keys_may_come_faster_than_frames() {
    let mut viewer = viewer((120, 40));
    for action in [Action::OpenDetail, Action::OpenDetail, Action::NextSection] {
        logvm::app::update(&mut viewer.model, Msg::Action(action));
    }
    assert!(viewer.screen().contains("[raw]"));
}

#[test]
fn a_recorded_packet_is_shown_with_the_selected_layer() {
    for size in SIZES {
        let mut viewer = recording(1, size);
        viewer.ask(Action::Command, "pane packets sys-vpn");
        viewer.ask(Action::Command, "filter tcp.flags.syn == 1");
        viewer.act(Action::Top);
        viewer.act(Action::OpenDetail);
        viewer.act(Action::OpenDetail);
        (0..14).for_each(|_| viewer.act(Action::MoveDown));
        check(&format!("seed1-packet-{}x{}", size.0, size.1), &viewer.screen());
    }
}

#[test]
fn every_size_down_to_the_smallest_can_be_used() {
    for size in [(20, 5), (40, 8), (79, 23), (99, 30), (300, 100)] {
        let mut viewer = recording(1, size);
        for action in [Action::MoveDown, Action::NextPane, Action::OpenDetail, Action::Back, Action::Sources] {
            viewer.act(action);
            assert!(!viewer.screen().contains("too small"), "{size:?}");
        }
    }
    check("seed1-20x5", &recording(1, (20, 5)).screen());
}
