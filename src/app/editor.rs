//! What the prompt needs of a text field. The layer above brings one, so that this layer stays free of the terminal.

use crate::config::Chord;

/// A line of text that is being edited.
pub trait LineEditor {
    /// The text.
    fn text(&self) -> &str;
    /// Characters before the cursor.
    fn column(&self) -> usize;
    /// Replaces the text and puts the cursor behind so many of its characters.
    fn set(&mut self, text: &str, column: usize);
    /// Puts text at the cursor.
    fn insert(&mut self, text: &str);
    /// Takes a key; tells whether that changed the text.
    fn press(&mut self, chord: Chord) -> bool;
}

/// Makes an empty line.
pub type NewEditor = fn() -> Box<dyn LineEditor>;
