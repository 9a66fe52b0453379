//! A line that is being typed.

use logvm_look::config::{Chord, Key};

/// At most this many characters.
const MAX: usize = 200;

/// A line of text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Where the cursor is, in bytes; always at a character.
    at: usize,
}

impl Input {
    /// A line with text, the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is before the cursor.
    #[must_use]
    pub fn before(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// Takes pasted text; what could not be typed is left away.
    pub fn paste(&mut self, text: &str) {
        text.chars().filter(|c| !c.is_control()).take(MAX).for_each(|c| self.insert(c));
    }

    /// Takes a key; gives whether it had a meaning.
    pub fn press(&mut self, chord: Chord) -> bool {
        if let Some(c) = chord.typed() {
            self.insert(c);
            return true;
        }
        match chord.key {
            Key::Backspace => self.cut_from(self.left()),
            Key::Delete => {
                let right = self.right();
                self.text.replace_range(self.at..right, "");
            }
            Key::Left => self.at = self.left(),
            Key::Right => self.at = self.right(),
            Key::Home => self.at = 0,
            Key::End => self.at = self.text.len(),
            Key::Char(c) if chord.modifiers.control => return self.control(c),
            _ => return false,
        }
        true
    }

    fn control(&mut self, c: char) -> bool {
        match c {
            'h' => self.cut_from(self.left()),
            'u' => self.cut_from(0),
            'w' => self.cut_from(self.before().trim_end().rfind(' ').map_or(0, |blank| blank + 1)),
            'a' => self.at = 0,
            'e' => self.at = self.text.len(),
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) {
        if self.text.chars().count() < MAX {
            self.text.insert(self.at, c);
            self.at += c.len_utf8();
        }
    }

    /// Takes away what is between `start` and the cursor.
    fn cut_from(&mut self, start: usize) {
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    fn left(&self) -> usize {
        self.before().char_indices().next_back().map_or(0, |(start, _)| start)
    }

    fn right(&self) -> usize {
        let behind = self.text.get(self.at..).unwrap_or_default();
        self.at + behind.chars().next().map_or(0, char::len_utf8)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(keys: &str) -> String {
        let mut input = Input::new("é b");
        for key in keys.split(' ') {
            input.press(key.parse().expect("a chord"));
        }
        input.text().to_owned()
    }

    #[test]
    fn keys_edit() {
        assert_eq!(typed("c"), "é bc");
        assert_eq!(typed("Home Delete x"), "x b");
        assert_eq!(typed("Left Left Left Left Right Backspace"), " b");
        assert_eq!(typed("C-w y"), "é y");
        assert_eq!(typed("C-u Backspace Delete"), "");
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_at_a_character(text in "\\PC{0,8}", keys in prop::collection::vec(0..8_usize, 0..40)) {
            let keys_of = [Key::Left, Key::Right, Key::Home, Key::End, Key::Delete, Key::Backspace];
            let mut input = Input::new(&text);
            for key in keys {
                input.press(keys_of.get(key).map_or(Chord::char('é'), |key| Chord::plain(*key)));
                prop_assert!(input.text().starts_with(input.before()));
            }
        }
    }
}
