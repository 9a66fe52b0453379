//! A user at work: opening, moving, filtering, searching, looking closely, resizing.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use super::session::{LOGVM, Session, Start};
use crate::data::seed;

fn recording() -> Start {
    Start::logvm([std::ffi::OsString::from("view"), seed(1).join("input").into()])
}

/// The viewer on the first recording, when all of it has been read.
fn open() -> Session {
    let mut session = recording().open();
    session.until("all of it", |screen| ["B read", " copi"].iter().all(|text| screen.contents().contains(text)));
    session
}

fn quit(mut session: Session) {
    session.press("q");
    assert_eq!(session.ended().status, 0);
}

/// The line under the cursor of one of three panes beside each other, in a terminal of 120 columns.
fn cursor_line(screen: &vt100::Screen, pane: u16) -> Option<String> {
    screen.rows(40 * pane, 40).find(|line| line.contains('▶'))
}

#[test]
fn a_recording_stands_side_by_side() {
    let mut session = open();
    session.until("three panes", |screen| {
        let text = screen.contents();
        ["1 nft sys-firewall", "2 flows sys-vpn", "3 logs"].iter().all(|title| text.contains(title))
    });
    quit(session);
}

#[test]
fn the_demo_opens_and_shows_its_help() {
    let mut session = Start::logvm(["demo"]).open();
    session.until_shown("B read");
    session.press("?");
    session.until_shown("Moves the cursor one row down.");
    session.press("q");
    session.until_gone("Moves the cursor one row down.");
    quit(session);
}

#[test]
fn a_filter_is_corrected_while_it_is_typed() {
    let mut session = open();
    session.press("&port == 443 && bogus == 1");
    session.until_shown("^ ");
    session.press("\r");
    session.until_shown("filter: port == 443 && bogus == 1");
    session.press(&"\x7f".repeat(" && bogus == 1".len()));
    session.until_shown(" matches");
    session.press("\r");
    session.until_shown("[filter: port == 443]");
    session.press("F");
    session.until_shown("[filter: port == 443] (off)");
    session.press(":filter\r");
    session.until_gone("[filter:");
    quit(session);
}

#[test]
fn a_search_goes_on_and_back() {
    let mut session = open();
    session.press("3g/HISTORY\r");
    session.until_shown("/HISTORY: ");
    session.until("a match", |screen| screen.contents().contains("▲2025-08-05 18:54:06"));
    let first = cursor_line(session.screen(), 2);
    session.press("n");
    session.until("the next match", |screen| cursor_line(screen, 2) != first);
    session.press("N");
    session.until("the match before", |screen| cursor_line(screen, 2) == first);
    quit(session);
}

#[test]
fn jumps_in_time_take_all_panes_along() {
    let mut session = open();
    session.press("t18:54:30\r");
    session.until("the time strip", |screen| screen.contents().contains("▲2025-08-05 18:54:30"));
    for pane in 0..3 {
        let near = |line: String| ["18:54:29", "18:54:30", "18:54:31"].iter().any(|time| line.contains(time));
        session.until("a record near that time", |screen| cursor_line(screen, pane).is_some_and(near));
    }
    session.press("}");
    session.until_shown("18:55:");
    session.press("{");
    session.until_shown("2025-08-05 18:54:3");
    session.press("t+5 parsecs\r");
    session.until_shown("unknown unit");
    session.press("\x1b");
    session.until_gone("unknown unit");
    quit(session);
}

#[test]
fn marks_are_kept_and_found_again() {
    let mut session = open();
    session.press("3m");
    session.until_shown("marks:1");
    session.press("cwho is this?\r");
    session.until_shown("who is this?");
    session.press("G");
    session.until_gone("who is this?");
    session.press("U");
    session.until_shown("who is this?");
    quit(session);
}

#[test]
fn a_packet_is_opened_down_to_its_bytes() {
    let mut session = open();
    session.press(":pane packets sys-vpn\r");
    session.until_shown("packets sys-vpn");
    session.press("\r");
    session.until("layers and bytes", |screen| {
        let text = screen.contents();
        text.contains("Linux cooked") && text.contains("00000 ")
    });
    session.press("\r.");
    session.until_shown("packet [fields]");
    session.close_drawer();
    quit(session);
}

#[test]
fn panes_are_switched_by_number_and_by_tab() {
    let mut session = open();
    session.press("2\r\r");
    session.until_shown("flow.packets");
    session.close_drawer();
    session.press("\t\r");
    session.until_shown("[fields] raw");
    quit(session);
}

#[test]
fn every_size_is_drawn_anew() {
    let mut session = recording().sized(200, 50).open();
    session.until_shown("B read");
    for (columns, rows, shown) in [(80, 24, "3 logs"), (60, 15, "1/3 nft"), (20, 5, "1/3 nft"), (200, 50, "3 logs")] {
        session.resize(columns, rows);
        session.until(&format!("{columns}x{rows}"), |screen| {
            let width = screen.rows(0, columns).map(|row| row.trim_end().chars().count()).max();
            screen.contents().contains(shown) && width > Some(usize::from(columns) / 2)
        });
    }
    session.resize(19, 4);
    session.until_shown("too small");
    session.resize(80, 24);
    session.until_shown("3 logs");
    quit(session);
}

#[test]
fn an_archive_comes_on_standard_input_and_keys_from_the_terminal() {
    let script = r#"stty -g; cat "$2" | "$1" view --origin sys-vpn -; echo "ended $?"; stty -g"#;
    let capture = seed(1).join("input/NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz");
    let mut session = Start::shell(script, [LOGVM.into(), capture.into_os_string()]).open();
    session.until_shown("flows sys-vpn");
    session.press("D");
    session.until_shown("dns sys-vpn");
    quit(session);
}

#[test]
fn it_is_usable_before_reading_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("slow.log");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let script = r#"stty -g; "$1" view - < "$2"; echo "ended $?"; stty -g"#;
    let mut session = Start::shell(script, [LOGVM.into(), pipe.clone().into_os_string()]).open();
    let mut feed = File::options().write(true).open(&pipe).expect("the program reads");
    let line =
        |number: usize| format!("Aug  5 18:{:02}:{:02} work daemon[7]: round {number}\n", number / 60, number % 60);
    (0..2_000).for_each(|number| feed.write_all(line(number % 3_600).as_bytes()).expect("the program reads"));
    session.until_shown("round 3");
    session.press("&\"round 1234\"\r");
    session.until_shown("[filter: \"round 1234\"]");
    session.press("jG");
    session.until_shown("round 1234");
    assert!(!session.text().contains("B read"), "there is more to come:\n{}", session.text());
    drop(feed);
    session.until_shown("B read");
    quit(session);
}
