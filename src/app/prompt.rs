//! The line that is being typed: a filter, a search, a time, a comment, a command.

use std::ops::Range;

use super::editor::{LineEditor, NewEditor};
use super::scan::Scan;
use crate::config::{Chord, Key};
use crate::query::Error;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A filter expression.
    Filter,
    /// A search pattern.
    Search,
    /// A time to go to.
    Time,
    /// A comment to the record under the cursor.
    Comment,
    /// A command.
    Command,
}

impl Purpose {
    /// What stands before the text.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Filter => "filter: ",
            Self::Search => "search: ",
            Self::Time => "go to: ",
            Self::Comment => "comment: ",
            Self::Command => ":",
        }
    }
}

/// The most bytes a typed line can have.
pub const LONGEST: usize = 16 * 1024;

/// A line that is being typed.
pub struct Prompt {
    /// What is asked for.
    pub purpose: Purpose,
    /// What is wrong with the text so far, and where.
    pub error: Option<Error>,
    /// The filter or search typed so far, counting its matches.
    pub preview: Option<Scan>,
    /// Words that fit what is being typed.
    pub completion: Option<Completion>,
    /// How far back in the history its text is; 0 for what is being typed.
    pub(super) back: usize,
    editor: Box<dyn LineEditor>,
}

/// Words that fit what is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the line that a word takes the place of.
    pub range: Range<usize>,
    /// The words and what they mean.
    pub words: Vec<(String, String)>,
    /// The chosen word.
    pub selected: usize,
}

impl Prompt {
    /// A prompt that starts with some text.
    #[must_use]
    pub fn new(purpose: Purpose, text: &str, new_editor: NewEditor) -> Self {
        let editor = new_editor();
        let mut prompt = Self { purpose, error: None, preview: None, completion: None, back: 0, editor };
        prompt.set(text);
        prompt
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.editor.text()
    }

    /// The cursor, in bytes from the start of the text.
    #[must_use]
    pub fn cursor(&self) -> usize {
        let place = self.text().char_indices().nth(self.editor.column());
        place.map_or(self.text().len(), |(place, _)| place)
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        let line = one_line(text);
        self.editor.set(&line, line.chars().count());
    }

    /// Puts text at the cursor.
    pub fn insert(&mut self, text: &str) {
        if self.text().len() + text.len() <= LONGEST {
            self.editor.insert(&one_line(text));
        }
    }

    /// Gives a key to the line; returns whether that changed the text.
    pub fn key(&mut self, chord: Chord) -> bool {
        let full = self.text().len() >= LONGEST && matches!(chord.key, Key::Char(_));
        !full && self.editor.press(chord)
    }

    /// Takes the chosen word of the completion.
    pub fn complete(&mut self) {
        let Some(completion) = self.completion.take() else { return };
        let Some((word, _)) = completion.words.get(completion.selected) else { return };
        let (Some(before), Some(after)) =
            (self.text().get(..completion.range.start), self.text().get(completion.range.end..))
        else {
            return;
        };
        let (before, after) = (format!("{before}{word}"), after.to_owned());
        let column = before.chars().count();
        self.editor.set(&one_line(&(before + &after)), column);
    }

    /// Lines that it takes on the screen: itself, and one for an error.
    #[must_use]
    pub fn lines(&self) -> u16 {
        1 + u16::from(matches!(self.purpose, Purpose::Filter | Purpose::Search) || self.error.is_some())
    }
}

/// Line breaks and tabs become blanks; other control characters are left out.
fn one_line(text: &str) -> String {
    let blank = |c: char| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    text.chars().map(blank).filter(|c| !c.is_control()).collect()
}
