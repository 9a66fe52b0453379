//! The text field of the prompt: a line of `tui-textarea`, with its keys for words, undo and yanking.

use tui_textarea::{CursorMove, Input, TextArea};

use crate::app::editor::LineEditor;
use crate::config::{Chord, Key};

#[derive(Debug, Default)]
struct Editor {
    area: TextArea<'static>,
}

/// An empty line.
#[must_use]
pub fn line() -> Box<dyn LineEditor> {
    Box::<Editor>::default()
}

impl LineEditor for Editor {
    fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    fn column(&self) -> usize {
        self.area.cursor().1
    }

    fn set(&mut self, text: &str, column: usize) {
        self.area = TextArea::new(vec![text.to_owned()]);
        self.area.move_cursor(CursorMove::Jump(0, u16::try_from(column).unwrap_or(u16::MAX)));
    }

    fn insert(&mut self, text: &str) {
        self.area.insert_str(text);
    }

    fn press(&mut self, chord: Chord) -> bool {
        self.area.input(input(chord))
    }
}

/// The key as the text field knows it; keys that would break the line are left out.
const fn input(chord: Chord) -> Input {
    use tui_textarea::Key as Field;
    let key = match chord.key {
        Key::Char(c) => Field::Char(c),
        Key::Backspace => Field::Backspace,
        Key::Delete => Field::Delete,
        Key::Left => Field::Left,
        Key::Right => Field::Right,
        Key::Home => Field::Home,
        Key::End => Field::End,
        _ => Field::Null,
    };
    let modifiers = chord.modifiers;
    Input { key, ctrl: modifiers.control, alt: modifiers.alt, shift: modifiers.shift }
}
