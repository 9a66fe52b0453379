//! The viewer without a terminal: messages in, screens out.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use logvm::app::keys::Keys;
use logvm::app::{Action, Cmd, Found, Model, Mouse, MouseKind, Msg, update, window};
use logvm::config::{Chord, Depth, Key, Keymap, Theme};
use logvm::decode::{Body, Capture, Entry, IpPacket, Nft, Packet, Tcp};
use logvm::ingest::{Input, Options, Progress, Reading};
use logvm::record::{FiveTuple, Kind, Level, Precision, RecordId, TableId, Time, Timestamp};
use logvm::store::segment::KeyTime;
use logvm::store::{Columns, Content, Flow, Outcome, Segment, SegmentBuilder, Snapshot, Store, TableIds, TableInfo};
use logvm::ui::style::Styles;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// 2025-08-05 00:38:00 UTC.
const START: i64 = 1_754_354_280;

fn at(second: i64) -> Timestamp {
    Timestamp::from_parts(START + second, 0)
}

/// A store with a firewall's lines, a vantage's flows and packets, and the logs of two app qubes.
pub fn store() -> Store {
    let store = Store::new();
    nft(&store, "sys-firewall", 60);
    logs(&store, "work", Kind::Text, 40);
    logs(&store, "work", Kind::Journal, 30);
    logs(&store, "personal", Kind::Text, 20);
    packets(&store, "sys-vpn", 50);
    store
}

fn info(name: String, origin: &str, format: &'static str, kind: Kind, records: u64) -> TableInfo {
    let mut info = TableInfo {
        name: name.into(),
        origin: origin.into(),
        format,
        reason: format!("its first bytes are those of {format}"),
        bytes: records * 100,
        complete: true,
        ..TableInfo::default()
    };
    info.counts[kind as usize] = records;
    info
}

fn tuple(number: i64) -> FiveTuple {
    FiveTuple {
        protocol: 6,
        source: IpAddr::V4(Ipv4Addr::new(10, 137, 0, 17)),
        destination: IpAddr::V4(Ipv4Addr::new(203, 0, 113, (number % 7) as u8)),
        source_port: 40_000 + number as u16,
        destination_port: 443,
    }
}

/// The id of the next table.
fn next_id(store: &Store) -> TableIds {
    let next = store.snapshot().tables().len() as u32;
    TableIds::new(next..next + 1)
}

/// Adds a table of lines, one for each number, as `line` writes them.
fn lines(store: &Store, info: TableInfo, count: i64, line: impl Fn(i64) -> (String, Entry<'static>)) {
    let id = store.add_table(&mut next_id(store), info, Content::None, None).expect("room for a table");
    let mut builder = SegmentBuilder::new(id);
    let mut bytes = Vec::new();
    for number in 0..count {
        let (text, mut entry) = line(number);
        (entry.offset, entry.length) = (bytes.len() as u64, text.len() as u64 + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        assert!(builder.entry(&entry).is_none());
    }
    let segment = builder.finish().map(Arc::new);
    store.update(id, |table| {
        table.content = Content::Memory(bytes.into());
        table.segments.extend(segment);
    });
}

fn entry(time: Timestamp, precision: Precision, level: Level, body: Body<'static>) -> Entry<'static> {
    let claimed = Some(Time { at: time, precision, inferred: false });
    Entry { offset: 0, length: 0, received: None, claimed, level, body }
}

fn nft(store: &Store, origin: &str, count: i64) {
    let info = info(format!("NetLogs/{origin}/nft.log"), origin, "nft", Kind::Nft, count as u64);
    lines(store, info, count, |number| {
        let tuple = tuple(number);
        let prefix: &'static [u8] = if number % 5 == 0 { b"SYSFW:drop" } else { b"SYSFW:new" };
        let text = format!("{} SRC={} DST={}", String::from_utf8_lossy(prefix), tuple.source, tuple.destination);
        let body = Nft { prefix, tuple, ip_id: Some(7), ip_length: 60, ttl: 63, tcp_flags: 2 };
        (text, entry(at(number * 2), Precision::Second, Level::Info, Body::Nft(body)))
    });
}

fn logs(store: &Store, origin: &str, kind: Kind, count: i64) {
    let info = info(format!("QubesLogs/{origin}/{}", kind.name()), origin, kind.name(), kind, count as u64);
    lines(store, info, count, |number| {
        let level = if number % 10 == 7 { Level::Warning } else { Level::Info };
        let body = if kind == Kind::Journal { Body::Journal } else { Body::Text };
        let time = at(number * 3).offset(250_000_000);
        let hostile = if number % 9 == 4 { " \u{1b}[2Jcleared\u{202e}" } else { "" };
        (
            format!("{origin} daemon[{number}]: round {number}{hostile}"),
            entry(time, Precision::Microsecond, level, body),
        )
    });
}

fn packets(store: &Store, origin: &str, count: i64) {
    let mut flows_info = info(format!("flows of {origin}"), origin, "flows", Kind::Flow, 10);
    flows_info.derived = true;
    let flows = store.add_table(&mut next_id(store), flows_info, Content::None, None).expect("room for a table");
    let mut packets_info = info(format!("NetLogs/{origin}/capture.pcap"), origin, "pcap", Kind::Packet, count as u64);
    packets_info.capture = Some(Capture { link_type: 276, snaplen: 96, nanoseconds: false });
    let bytes: Vec<u8> = (0..count * 64).map(|byte| byte as u8).collect();
    let id = store
        .add_table(&mut next_id(store), packets_info, Content::Memory(bytes.into()), Some(flows))
        .expect("room for a table");
    let mut builder = SegmentBuilder::new(id);
    for number in 0..count {
        assert!(builder.packet(&packet(number), Some(((number % 10) as u32, false))).is_none());
    }
    let segment = builder.finish().map(Arc::new);
    store.update(id, |table| table.segments.extend(segment));
    let all: Vec<Flow> = (0..10).map(|number| flow(number, RecordId::new(id, number as u64))).collect();
    let times: Vec<i64> = all.iter().map(|flow| flow.start.0).collect();
    let segment = Segment::assemble(flows, 0, &times, KeyTime::Claimed, Columns::Flows(all.into()));
    store.update(flows, |table| table.segments.push(Arc::new(segment)));
}

fn packet(number: i64) -> Packet<'static> {
    let tcp = Tcp { flags: 2, sequence: 1, acknowledgement: 0, window: 64 };
    let ip = IpPacket {
        tuple: tuple(number),
        ports_known: true,
        ip_id: Some(number as u16),
        flow_label: None,
        ip_length: 60,
        ttl: 62,
        tcp: Some(tcp),
        icmp: None,
        payload: &[],
        payload_length: 0,
    };
    let offset = number as u64 * 64;
    let time = at(30 + number).offset(553_000_000);
    Packet { offset, captured: 64, original: 74, time, nanoseconds: false, ip: Some(ip) }
}

fn flow(number: i64, first_packet: RecordId) -> Flow {
    Flow {
        tuple: tuple(number),
        start: at(30 + number).offset(553_000_000),
        end: at(90),
        packets: [3, 2],
        bytes: [300, 14_000],
        outcome: Outcome::Closed,
        name: Some("x9f2.example".into()),
        server_name: None,
        first_packet,
        tcp_flags: [2, 18],
        initial_sequence: Some(1),
        ip_id: Some(7),
        ip_length: 60,
        ttl: 62,
        icmp: None,
    }
}

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
        let mut viewer =
            Self { model: Model::new("archive", keys(), size), copied: Vec::new(), quit: false, ascii: false };
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
        window::fill(&mut self.model);
        let (columns, rows) = self.model.screen;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test backend");
        let theme = Theme::load("dark", None).expect("built in");
        let styles = Styles::new(&theme, Depth::True, self.ascii);
        terminal.draw(|frame| logvm::ui::view(&self.model, &styles, frame)).expect("a test backend draws");
        let buffer = terminal.backend().buffer();
        let row = |y: u16| (0..columns).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..rows).map(row).collect::<Vec<_>>().join("\n")
    }

    fn cursor_time(&self, pane: usize) -> i64 {
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
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_a_user_does_panics_or_loses_the_cursor(messages in prop::collection::vec(message(), 1..60),
                                                      size in (0..210u16, 0..60u16)) {
        let mut viewer = viewer(size);
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
        viewer.ask(Action::GoToTime, "00:30");
        check(&format!("seed1-{}x{}", size.0, size.1), &viewer.screen());
    }
}
