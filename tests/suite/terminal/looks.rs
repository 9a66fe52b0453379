//! Terminals that cannot show everything.

use super::session::{Session, Start};

fn demo(start: impl FnOnce(Start) -> Start) -> Session {
    let mut session = start(Start::logvm(["demo"])).open();
    session.until_shown("B read");
    session.press("\r");
    session.until_shown("community_id");
    session
}

/// The parameters of all "select graphic rendition" sequences (ECMA-48, 8.3.117).
fn renditions(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let sequences = text.split("\x1b[").skip(1);
    let end = |sequence: &str| sequence.find(|c: char| c.is_ascii_alphabetic());
    let parameters = |sequence: &str| {
        let end = end(sequence)?;
        (sequence.as_bytes()[end] == b'm').then(|| sequence[..end].to_owned())
    };
    sequences.filter_map(parameters).collect()
}

/// Whether a rendition sets a colour.
fn is_colour(parameters: &str) -> bool {
    let first = parameters.split(';').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    matches!(first, 30..=38 | 40..=48 | 90..=97 | 100..=107)
}

#[test]
fn no_color_means_no_colour() {
    let session = demo(|start| start.with("NO_COLOR", "1"));
    let renditions = renditions(session.raw());
    assert!(!renditions.iter().any(|sequence| is_colour(sequence)), "{renditions:?}");
    assert!(renditions.iter().any(|sequence| sequence == "7" || sequence == "1"), "the cursor is still to be seen");
}

#[test]
fn a_console_of_16_colours_gets_no_others() {
    for start in [demo(|s| s.with("TERM", "xterm")), demo(|s| s.with("TERM", "linux"))] {
        let renditions = renditions(start.raw());
        let more = |sequence: &&String| {
            let numbers: Vec<u32> = sequence.split(';').filter_map(|number| number.parse().ok()).collect();
            numbers.windows(2).any(|pair| matches!(pair[0], 38 | 48) && pair[1] == 2)
                || numbers.windows(3).any(|three| matches!(three[0], 38 | 48) && three[1] == 5 && three[2] > 15)
        };
        assert_eq!(renditions.iter().find(more), None);
        assert!(renditions.iter().any(|sequence| is_colour(sequence)));
    }
}

#[test]
fn a_plain_console_gets_ascii_only() {
    let mut session = demo(|start| start.with("TERM", "linux").with("LANG", "C"));
    session.press("?");
    session.until_shown("Moves the cursor one row down.");
    session.press("qS");
    session.until_shown("sources");
    assert!(session.raw().is_ascii());
    session.press("qq");
    session.ended();
}
