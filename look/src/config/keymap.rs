//! Keymaps: which chords run which actions.
//!
//! ```toml
//! inherits = "default"
//! [keys]
//! "g g" = "top"
//! "C-f" = "page-down"
//! "g" = "none"       # takes an inherited binding away
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::chord::{self, Chord};
use super::files::{Document, Inherits, Shelf};
use super::{Error, Place};

/// The keymaps that are built in.
pub const KEYMAPS: Shelf = Shelf {
    folder: "keymaps",
    noun: "keymap",
    built_in: &[
        ("default", include_str!("../../../keymaps/default.toml")),
        ("vim", include_str!("../../../keymaps/vim.toml")),
    ],
};

/// The word that takes an inherited binding away.
const NONE: &str = "none";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<Spanned<String>>,
    #[serde(default)]
    keys: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl Inherits for File {
    fn parent(&self) -> Option<&Spanned<String>> {
        self.inherits.as_ref()
    }
}

/// Chords and the action they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The chords, one after the other.
    pub chords: Vec<Chord>,
    /// The name of the action; not checked here.
    pub action: String,
    /// Where the chords are written.
    pub place: Place,
    /// Where the name of the action is written.
    pub action_place: Place,
}

/// All bindings, free of conflicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    /// The bindings, in the order of their files and lines.
    pub bindings: Vec<Binding>,
}

impl Keymap {
    /// Loads a keymap by name (the user's under `home`, else a built-in one) or by path, with all that it inherits from.
    ///
    /// # Errors
    /// Unreadable files, unknown chords, chords bound twice, chords that begin another binding.
    pub fn load(name: &str, home: Option<&Path>) -> Result<Self, Error> {
        let mut keymap = Self::default();
        for (document, file) in KEYMAPS.read::<File>(name, home)? {
            keymap.add(bindings(&document, file)?);
        }
        keymap.bindings.retain(|binding| binding.action != NONE);
        no_prefix(&keymap.bindings)?;
        Ok(keymap)
    }

    /// Adds the bindings of an inheriting file, which replace those of the same chords.
    fn add(&mut self, bindings: Vec<Binding>) {
        self.bindings.retain(|old| bindings.iter().all(|new| new.chords != old.chords));
        self.bindings.extend(bindings);
    }
}

/// The bindings of one file, in the order of its lines.
fn bindings(document: &Document, file: File) -> Result<Vec<Binding>, Error> {
    let mut keys: Vec<_> = file.keys.into_iter().collect();
    keys.sort_by_key(|(chords, _)| chords.span().start);
    let mut bindings: Vec<Binding> = Vec::with_capacity(keys.len());
    for (chords, action) in keys {
        let place = document.place(chords.span().start);
        let action_place = document.place(action.span().start);
        let chords = chord::sequence(chords.get_ref()).map_err(|message| place.error(message))?;
        if let Some(other) = bindings.iter().find(|other| other.chords == chords) {
            let shown = chord::display(&chords);
            return Err(place.error(format!("{shown:?} is bound already, at {}", other.place)));
        }
        bindings.push(Binding { chords, action: action.into_inner(), place, action_place });
    }
    Ok(bindings)
}

/// Checks that no binding begins another one: which of the two was meant could never be known.
fn no_prefix(bindings: &[Binding]) -> Result<(), Error> {
    let mut sorted: Vec<(usize, &Binding)> = bindings.iter().enumerate().collect();
    sorted.sort_by(|(_, a), (_, b)| a.chords.cmp(&b.chords));
    let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
    match pairs.find(|((_, short), (_, long))| long.chords.starts_with(&short.chords)) {
        Some((short, long)) => Err(prefix_error(*short, *long)),
        None => Ok(()),
    }
}

/// The error at the binding that was written last: the other one may be inherited.
fn prefix_error(short: (usize, &Binding), long: (usize, &Binding)) -> Error {
    let (begin, whole) = (chord::display(&short.1.chords), chord::display(&long.1.chords));
    let (last, other) = if short.0 > long.0 { (short.1, long.1) } else { (long.1, short.1) };
    let other = &other.place;
    last.place.error(format!("{begin:?} begins {whole:?}; the other one is at {other}; bind one to \"none\""))
}
