//! Keys as keymaps write them: `j`, `C-d`, `S-Tab`, `A-x`, `F1`, and sequences of them such as `g g`.

use std::fmt;
use std::str::FromStr;

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character as typed, so `G` rather than shift and `g`.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1 to 24.
    F(u8),
}

/// The names of keys that are no single character; the first name of a key is the one that is shown.
const NAMES: &[(&str, Key)] = &[
    ("Enter", Key::Enter),
    ("Return", Key::Enter),
    ("Esc", Key::Esc),
    ("Escape", Key::Esc),
    ("Tab", Key::Tab),
    ("Space", Key::Char(' ')),
    ("Backspace", Key::Backspace),
    ("Delete", Key::Delete),
    ("Del", Key::Delete),
    ("Insert", Key::Insert),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PageUp", Key::PageUp),
    ("PageDown", Key::PageDown),
];

/// The modifiers of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modifiers {
    /// Control (`C-`).
    pub control: bool,
    /// Alt or Meta (`A-`).
    pub alt: bool,
    /// Shift (`S-`); never set for characters, which carry it in their case.
    pub shift: bool,
}

/// A key pressed together with modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// The modifiers held with it.
    pub modifiers: Modifiers,
}

impl Chord {
    /// A chord as a terminal can report it: shift goes into the character, control folds case, and what a terminal
    /// cannot tell from another key is that key (`C-i` is `Tab`, `C-m` is `Enter`, `C-[` is `Esc`; ASCII's control codes).
    #[must_use]
    pub fn new(key: Key, mut modifiers: Modifiers) -> Self {
        let mut key = key;
        if let Key::Char(c) = key {
            modifiers.shift = false;
            if modifiers.control {
                key = Key::Char(c.to_ascii_lowercase());
            }
        }
        let twin = match key {
            Key::Char('i') => Some(Key::Tab),
            Key::Char('m') => Some(Key::Enter),
            Key::Char('[') => Some(Key::Esc),
            _ => None,
        };
        if let (true, Some(twin)) = (modifiers.control, twin) {
            key = twin;
            modifiers.control = false;
        }
        Self { key, modifiers }
    }

    /// A key without modifiers.
    #[must_use]
    pub fn plain(key: Key) -> Self {
        Self::new(key, Modifiers::default())
    }

    /// A character without modifiers.
    #[must_use]
    pub fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }

    /// A character with control.
    #[must_use]
    pub fn control(c: char) -> Self {
        Self::new(Key::Char(c), Modifiers { control: true, ..Modifiers::default() })
    }

    /// The character that this chord types into a text field, if it types one.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.modifiers.control && !self.modifiers.alt => Some(c),
            _ => None,
        }
    }
}

impl FromStr for Chord {
    type Err = String;

    /// Reads `C-`, `A-` and `S-` in any order, then a character or the name of a key. The error says what was expected.
    fn from_str(text: &str) -> Result<Self, String> {
        let (mut modifiers, mut rest) = (Modifiers::default(), text);
        while let Some((flag, after)) = modifier(&mut modifiers, rest) {
            if std::mem::replace(flag, true) {
                return Err(format!("the same modifier twice in {text:?}"));
            }
            rest = after;
        }
        let key = key(rest).ok_or_else(|| unknown(text, rest))?;
        if modifiers.shift && matches!(key, Key::Char(_)) {
            return Err(format!("S- with a character in {text:?}; write the character that shift types"));
        }
        Ok(Self::new(key, modifiers))
    }
}

/// Takes a leading `C-`, `A-` or `S-` that has something behind it.
fn modifier<'a, 'b>(modifiers: &'a mut Modifiers, text: &'b str) -> Option<(&'a mut bool, &'b str)> {
    let (prefix, rest) = text.split_at_checked(2)?;
    let flag = match prefix {
        "C-" => &mut modifiers.control,
        "A-" => &mut modifiers.alt,
        "S-" => &mut modifiers.shift,
        _ => return None,
    };
    (!rest.is_empty()).then_some((flag, rest))
}

fn key(name: &str) -> Option<Key> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && !c.is_whitespace()).then_some(Key::Char(c));
    }
    if let Some(number) = name.strip_prefix('F').and_then(|digits| digits.parse().ok()) {
        return (1..=24).contains(&number).then_some(Key::F(number));
    }
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, key)| *key)
}

fn unknown(text: &str, key: &str) -> String {
    let known = NAMES.iter().map(|(name, _)| *name);
    match super::suggest(key, known) {
        Some(near) => format!("unknown key {text:?}; did you mean {near:?}?"),
        None => {
            format!("unknown key {text:?}; expected a character, F1 to F24, or a name such as \"Enter\" or \"PageUp\"")
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [(self.modifiers.control, "C-"), (self.modifiers.alt, "A-"), (self.modifiers.shift, "S-")];
        for (_, prefix) in flags.iter().filter(|(set, _)| *set) {
            f.write_str(prefix)?;
        }
        match (NAMES.iter().find(|(_, key)| *key == self.key), self.key) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Key::F(number)) => write!(f, "F{number}"),
            (None, Key::Char(c)) => write!(f, "{c}"),
            (None, _) => Err(fmt::Error),
        }
    }
}

/// Reads a sequence of chords with blanks between them; at most four.
///
/// # Errors
/// Says which chord is wrong and what was expected.
pub fn sequence(text: &str) -> Result<Vec<Chord>, String> {
    let chords = text.split_whitespace().map(str::parse).collect::<Result<Vec<Chord>, _>>()?;
    match chords.len() {
        0 => Err("no key; expected one such as \"j\", \"C-d\" or \"g g\"".to_owned()),
        1..=4 => Ok(chords),
        count => Err(format!("{count} keys in a row; expected at most 4")),
    }
}

/// A sequence of chords as a keymap writes it.
#[must_use]
pub fn display(chords: &[Chord]) -> String {
    chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_and_written() {
        for text in ["j", "G", "C-d", "A-x", "S-Tab", "F1", "F24", "Enter", "Space", "-", "C--", "C-A-Left", "é", "?"]
        {
            assert_eq!(text.parse::<Chord>().map(|c| c.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_a_terminal_cannot_tell_apart_is_one_chord() {
        for (one, other) in [("C-i", "Tab"), ("C-m", "Return"), ("C-[", "Escape"), ("C-D", "C-d"), ("del", "Delete")] {
            assert_eq!(one.parse::<Chord>(), other.parse::<Chord>(), "{one} {other}");
        }
    }

    #[test]
    fn wrong_chords_say_what_was_expected() {
        for (text, expected) in [
            ("Entr", "unknown key \"Entr\"; did you mean \"Enter\"?"),
            ("F25", "unknown key \"F25\"; expected"),
            ("C-C-a", "the same modifier twice"),
            ("S-a", "S- with a character"),
            ("", "no key"),
            ("a b c d e", "5 keys in a row"),
        ] {
            let error = sequence(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn only_characters_without_control_are_typed() {
        assert_eq!(Chord::char('ß').typed(), Some('ß'));
        assert_eq!(Chord::control('a').typed(), None);
        assert_eq!(Chord::plain(Key::Enter).typed(), None);
    }
}
