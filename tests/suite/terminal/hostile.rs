//! Hostile and broken input: what is in it never acts on the terminal, and what is wrong with it is said.

use std::ffi::OsString;
use std::path::Path;

use super::session::{Session, Start};
use crate::data::seed;

/// Sequences that would act on a terminal: none of them may arrive there.
const PAYLOADS: [&str; 9] = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]0;evil title\x1b\\",
    "\x1b[6666;7777H",
    "\x1bP1;1|evil\x1b\\",
    "\u{9b}6666;7777H",
    "\u{9d}52;c;ZXZpbA==\u{9c}",
    "\u{202e}evil\u{2066}",
    "z\u{200b}e\u{200d}r\u{feff}o",
    "a\tb\x08\x08c\rd\x0e\x7f",
];

fn view(path: &Path) -> Start {
    Start::logvm([OsString::from("view"), path.into()]).sized(200, 50)
}

/// Takes all sequences that a terminal acts on out of the viewer's output; fails at those that it never sends.
fn assert_harmless(raw: &[u8]) {
    let text = String::from_utf8_lossy(raw);
    let start = text.find("\x1b[?1049h").expect("the viewer takes the terminal");
    let end = text.rfind("\x1b[?1049l").unwrap_or(text.len());
    for sequence in text[start..end].split('\x1b').skip(1) {
        let body = sequence.strip_prefix('[').unwrap_or_else(|| panic!("no control sequence: ESC {sequence:?}"));
        let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | '?')).expect("a whole sequence");
        let (parameters, rest) = body.split_at(end);
        let known = match rest.chars().next() {
            Some('m') => true,
            Some('H') => parameters.split(';').all(|number| number.parse::<u16>().is_ok_and(|at| at <= 200)),
            Some('J' | 'K') => parameters.len() <= 1,
            Some('h' | 'l') => {
                ["?25", "?1000", "?1002", "?1003", "?1006", "?1015", "?1049", "?2004"].contains(&parameters)
            }
            _ => false,
        };
        assert!(known, "not a sequence of the viewer: {sequence:?}");
        let text = rest.get(1..).unwrap_or_default();
        assert_eq!(text.chars().find(|c| is_active(*c)), None, "{text:?}");
    }
}

/// Control characters, and those that change the direction or have no width.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Looks at the records, the detail, the raw bytes, the sources and the finder.
fn look_around(session: &mut Session) {
    session.press("\r\r.");
    session.until_shown("[raw]");
    session.close_drawer();
    session.press("S");
    session.until_shown("sources");
    session.press("q\x10");
    session.until_shown("find");
    session.press("log");
    session.until_shown("> log");
    session.press("\x1b");
    session.until_gone("> log");
}

#[test]
fn lines_never_reach_the_terminal_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("hostile.log");
    let mut text = String::new();
    for (number, payload) in PAYLOADS.iter().enumerate() {
        text.push_str(&format!("Aug  5 18:54:{number:02} work {payload}[7]: before {payload} after\n"));
    }
    text.push_str(&format!("Aug  5 18:55:00 work long[7]: {}\n", "\x1b[6666;7777H".repeat(100_000)));
    std::fs::write(&log, text).expect("a file");
    let mut session = view(&log).open();
    session.until_shown("before ␛]52;c;ZXZpbA==␇ after");
    session.press("/after\rnnn");
    look_around(&mut session);
    session.press("G");
    session.until_shown("long[7]");
    session.press(&"l".repeat(200));
    session.press("\r\r.");
    session.until_shown("[raw]");
    session.press(":quit\r");
    assert_harmless(&session.ended().raw);
}

#[test]
fn names_of_files_never_reach_the_terminal_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, payload) in PAYLOADS.iter().enumerate() {
        let name = format!("{number}{}.log", payload.replace('/', "-"));
        std::fs::write(folder.path().join(name), "Aug  5 18:54:00 work x[7]: fine\n").expect("a file");
    }
    let mut session = view(folder.path()).open();
    session.until_shown("x[7]: fine");
    look_around(&mut session);
    session.press("S");
    session.until_shown("sources");
    session.press("jjjjjjjj\r");
    session.until_shown("1/1");
    session.press("q");
    assert_harmless(&session.ended().raw);
}

#[test]
fn a_pasted_sequence_is_text() {
    let mut session = Start::logvm(["demo"]).open();
    session.until_shown("B read");
    session.press("&");
    session.until_shown("filter: ");
    session.press("\x1b[200~\u{9b}6666;7777H\u{202e}evil\x1b[201~");
    session.until_shown("6666;7777H");
    session.press("\x03q");
    assert_harmless(&session.ended().raw);
}

/// Opens the list of sources of a folder and quits; gives the screen with the list, what was printed, and the status.
fn sources(folder: &Path, wanted: [&str; 2]) -> (String, String, i32) {
    let mut session = view(folder).open();
    session.until_shown("B read");
    session.press("S");
    session.until("the list", |screen| wanted.iter().all(|text| screen.contents().contains(text)));
    let list = session.text();
    session.press("qq");
    let ended = session.ended();
    (list, ended.text, ended.status)
}

#[test]
fn a_truncated_capture_is_shown_as_far_as_it_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = seed(1).join("input/NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz");
    let bytes = std::fs::read(archive).expect("the recording");
    std::fs::write(folder.path().join("cut.tgz"), &bytes[..bytes.len() / 2]).expect("a file");
    let (list, printed, status) = sources(folder.path(), ["! ", "pcap"]);
    assert_eq!(status, 3, "{printed}");
    assert!(printed.contains("cut.tgz"), "{list}\n{printed}");
}

#[test]
fn an_unreadable_path_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.log");
    let mut session = view(&missing).open();
    session.until_shown("no records");
    session.press("S");
    session.until_shown("No such file");
    session.press("qq");
    let ended = session.ended();
    assert_eq!(ended.status, 3);
    assert!(ended.text.contains("missing.log"), "{}", ended.text);
}

#[test]
fn an_empty_file_is_told_and_the_rest_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("empty.log"), "").expect("a file");
    std::fs::write(folder.path().join("one.log"), "Aug  5 18:54:00 work x[7]: fine\n").expect("a file");
    let (_, printed, status) = sources(folder.path(), ["empty.log", "one.log"]);
    assert!(printed.contains("empty.log"), "{printed}");
    assert_eq!(status, 3, "{printed}");
}
