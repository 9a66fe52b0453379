//! The terminal is as it was, however the viewer ends.

use super::session::{Session, Start};

fn demo() -> Session {
    let mut session = Start::logvm(["demo"]).open();
    session.until_shown("B read");
    session
}

#[test]
fn it_takes_the_terminal_and_gives_it_back() {
    for key in ["q", "\x03", ":quit\r"] {
        let mut session = demo();
        assert!(session.screen().alternate_screen() && session.screen().hide_cursor());
        session.press(key);
        let ended = session.ended();
        assert_eq!(ended.status, 0);
        assert!(!ended.text.contains("1 nft"), "nothing of the viewer is left:\n{}", ended.text);
    }
}

#[test]
fn signals_end_it_in_order() {
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let session = demo();
        session.signal(name);
        assert_eq!(session.ended().status, 128 + number, "{name}");
    }
}

#[test]
fn a_signal_ends_it_while_something_is_typed() {
    let mut session = demo();
    session.press("&port ==");
    session.until_shown("filter: port ==");
    session.signal("TERM");
    assert_eq!(session.ended().status, 128 + 15);
}

/// Whether the shell has its screen, and shows its prompt.
fn shell_waits(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen() && screen.contents().lines().next_back().is_some_and(|line| line.trim() == "$")
}

#[test]
fn a_shell_stops_it_and_lets_it_go_on() {
    let mut session = Start::interactive().open();
    session.until_shown("$ ");
    session.press(&format!("{} demo; echo \"ended $?\"\n", super::session::LOGVM));
    session.until_shown("B read");
    session.press("\x1a");
    session.until("the shell", shell_waits);
    assert!(session.text().contains("Stopped"), "{}", session.text());
    session.assert_given_back();
    session.press("stty -a | grep -o ' icanon'\n");
    session.until("a terminal that is not raw", |screen| {
        shell_waits(screen) && screen.contents().lines().any(|line| line.trim() == "icanon")
    });
    session.press("fg\n");
    session.until("the viewer", |screen| screen.alternate_screen() && screen.contents().contains("B read"));
    session.press("G");
    session.until_shown("18:55:1");
    session.press("q");
    session.until("the shell", shell_waits);
    session.press("exit\n");
    session.ended();
}

#[test]
fn without_a_terminal_it_says_so() {
    let script = r#""$1" demo | cat; "$1" demo > /dev/null; echo "ended $?""#;
    let ended = Start::shell(script, [super::session::LOGVM]).open().ended();
    assert_eq!(ended.status, 2);
    assert!(ended.text.contains("needs a terminal"), "{}", ended.text);
}
