//! What the terminal and the system tell the program, as one channel.

use std::io;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use crate::config::{Chord, Key, Modifiers};

/// At most this many events of the terminal are taken before the program gets to act on them.
const MAX_BURST: usize = 256;
/// At most this many bytes of a paste are taken.
const MAX_PASTE: usize = 64 << 10;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The left button was pressed here (columns and rows from 0).
    Click {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// The mouse was moved here with the left button down.
    Drag {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// The wheel was turned here.
    Wheel {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
        /// Steps: down and right when positive.
        steps: i32,
        /// Whether it was turned sideways.
        sideways: bool,
    },
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// A signal asks the program to stop until it is continued ([`super::Guard::suspend`]).
    Suspend,
    /// The process was stopped and goes on: the terminal has to be taken again ([`super::Guard::retake`]) and drawn.
    Continued,
    /// A signal asks the program to end; its number.
    Terminate(i32),
    /// The terminal can no longer be read.
    Lost(String),
}

/// Starts the threads that send what happens. They end when the receiver is gone, or with the process.
///
/// # Errors
/// When the handlers of signals cannot be installed.
pub fn start(sender: SyncSender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
    let to = sender.clone();
    thread::Builder::new().name("signals".into()).spawn(move || forward_signals(&mut signals, &to))?;
    thread::Builder::new().name("terminal".into()).spawn(move || forward_events(&sender))?;
    Ok(())
}

/// Sends signals on. The second one that asks for the end gets it, and the first when nobody listens any more.
fn forward_signals(signals: &mut Signals, sender: &SyncSender<Event>) {
    let mut asked = false;
    for signal in signals.forever() {
        let event = match signal {
            SIGCONT => Event::Continued,
            SIGTSTP => Event::Suspend,
            _ => Event::Terminate(signal),
        };
        let end = matches!(event, Event::Terminate(_));
        let sent = sender.try_send(event).is_ok();
        if end && (asked || !sent) {
            super::restore();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
        asked |= end;
    }
}

fn forward_events(sender: &SyncSender<Event>) {
    loop {
        let (events, failure) = burst();
        let lost = failure.map(|error| Event::Lost(error.to_string()));
        let ended = lost.is_some();
        for event in coalesce(events).into_iter().chain(lost) {
            if sender.send(event).is_err() {
                return;
            }
        }
        if ended {
            return;
        }
    }
}

/// Waits for an event and takes those that are there already.
fn burst() -> (Vec<Event>, Option<io::Error>) {
    let mut events = Vec::new();
    for _ in 0..MAX_BURST {
        match event::read() {
            Ok(event) => events.extend(translate(event)),
            Err(error) => return (events, Some(error)),
        }
        match event::poll(Duration::ZERO) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}

/// Joins turns of the wheel at one place, and leaves only the last of several sizes and drags in a row.
fn coalesce(events: Vec<Event>) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        match joined.last().and_then(|last| join(last, &event)) {
            Some(both) => {
                joined.pop();
                joined.push(both);
            }
            None => joined.push(event),
        }
    }
    joined
}

/// One event that stands for two in a row, if there is one.
fn join(last: &Event, next: &Event) -> Option<Event> {
    match (last, next) {
        (Event::Resize(..), Event::Resize(..)) | (Event::Drag { .. }, Event::Drag { .. }) => Some(next.clone()),
        (
            Event::Wheel { column, row, steps, sideways },
            Event::Wheel { column: x, row: y, steps: more, sideways: across },
        ) if (column, row, sideways) == (x, y, across) => {
            Some(Event::Wheel { column: *x, row: *y, steps: steps.saturating_add(*more), sideways: *across })
        }
        _ => None,
    }
}

/// The event as the program knows it; none for those it has no use for.
fn translate(event: event::Event) -> Option<Event> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => chord(key).map(Event::Key),
        event::Event::Mouse(mouse) => translate_mouse(mouse),
        event::Event::Paste(text) => Some(Event::Paste(first_bytes(text))),
        event::Event::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
        _ => None,
    }
}

fn translate_mouse(MouseEvent { kind, column, row, .. }: MouseEvent) -> Option<Event> {
    let wheel = |steps, sideways| Some(Event::Wheel { column, row, steps, sideways });
    match kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Event::Click { column, row }),
        MouseEventKind::Drag(MouseButton::Left) => Some(Event::Drag { column, row }),
        MouseEventKind::ScrollDown => wheel(1, false),
        MouseEventKind::ScrollUp => wheel(-1, false),
        MouseEventKind::ScrollRight => wheel(1, true),
        MouseEventKind::ScrollLeft => wheel(-1, true),
        _ => None,
    }
}

fn first_bytes(mut text: String) -> String {
    let end = text.floor_char_boundary(MAX_PASTE);
    text.truncate(end);
    text
}

/// The chord of a key event; none for keys that keymaps cannot name.
fn chord(event: KeyEvent) -> Option<Chord> {
    let has = |flag| event.modifiers.contains(flag);
    let mut modifiers = Modifiers {
        control: has(KeyModifiers::CONTROL),
        alt: has(KeyModifiers::ALT) || has(KeyModifiers::META),
        shift: has(KeyModifiers::SHIFT),
    };
    modifiers.shift |= event.code == KeyCode::BackTab;
    key(event.code).map(|key| Chord::new(key, modifiers))
}

const fn key(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::F(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn wheel(row: u16, steps: i32) -> Event {
        Event::Wheel { column: 0, row, steps, sideways: false }
    }

    #[test]
    fn bursts_become_one_event() {
        let key = Event::Key(Chord::char('j'));
        let burst = vec![
            wheel(1, 1),
            wheel(1, 1),
            wheel(1, -1),
            wheel(2, 1),
            Event::Resize(1, 1),
            Event::Resize(80, 24),
            key.clone(),
            key.clone(),
        ];
        assert_eq!(coalesce(burst), [wheel(1, 1), wheel(2, 1), Event::Resize(80, 24), key.clone(), key]);
    }

    #[test]
    fn keys_are_named_as_keymaps_name_them() {
        for (code, modifiers, name) in [
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "S-Tab"),
            (KeyCode::BackTab, KeyModifiers::NONE, "S-Tab"),
            (KeyCode::Char('d'), KeyModifiers::CONTROL, "C-d"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "Space"),
            (KeyCode::Left, KeyModifiers::ALT, "A-Left"),
            (KeyCode::F(1), KeyModifiers::NONE, "F1"),
        ] {
            let chord = chord(KeyEvent::new(code, modifiers)).map(|chord| chord.to_string());
            assert_eq!(chord.as_deref(), Some(name));
        }
        assert_eq!(chord(KeyEvent::new(KeyCode::CapsLock, KeyModifiers::NONE)), None);
    }

    #[test]
    fn releases_and_other_buttons_are_ignored() {
        let mut release = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE);
        release.kind = KeyEventKind::Release;
        assert_eq!(translate(event::Event::Key(release)), None);
        assert_eq!(translate(event::Event::FocusGained), None);
    }

    #[test]
    fn pastes_are_bounded_at_a_character() {
        let text = first_bytes("é".repeat(MAX_PASTE));
        assert_eq!(text.len(), MAX_PASTE);
        assert_eq!(first_bytes(format!("a{}", "é".repeat(MAX_PASTE))).len(), MAX_PASTE - 1);
    }
}
