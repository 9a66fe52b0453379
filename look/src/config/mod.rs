//! What a user can configure: themes and keymaps, as TOML files that are checked to the line and column.

use std::fmt;
use std::sync::Arc;

pub mod chord;
pub mod color;
pub mod files;
pub mod keymap;
pub mod locale;
pub mod paths;
pub mod role;
pub mod theme;

pub use chord::{Chord, Key, Modifiers};
pub use color::{Color, Depth};
pub use keymap::{Binding, Keymap};
pub use role::{ROLES, Role, RoleInfo};
pub use theme::{Style, Theme};

/// A place in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as errors name it.
    pub file: Arc<str>,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// A file as a whole, for errors that no line is to blame for.
    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self { file: Arc::from(file), line: 0, column: 0 }
    }

    /// An error here.
    #[must_use]
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error { place: self.clone(), message: message.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// What is wrong with a configuration file, where, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Error {
    /// Where it is.
    pub place: Place,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Of `known`, the name that is nearest to `name` when one is near enough to be meant.
#[must_use]
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let best = known.into_iter().map(|candidate| (distance(name, candidate), candidate)).min()?;
    (best.0 <= best.1.chars().count() / 2).then_some(best.1)
}

/// Levenshtein distance in characters, of at most the first 64 of each.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
