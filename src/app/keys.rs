//! Turns chords into actions: a keymap compiled against the table of actions.

use std::collections::BTreeMap;

use super::action::{ACTIONS, Action};
use crate::config::chord::{self, Chord};
use crate::config::{Binding, Error, Keymap, suggest};

/// A compiled keymap.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    root: Node,
    shown: BTreeMap<Action, Vec<String>>,
}

/// A place in the trie of chords: a binding ends here, or goes on.
#[derive(Clone, Debug, Default)]
struct Node {
    action: Option<Action>,
    next: BTreeMap<Chord, Node>,
}

impl Keys {
    /// Compiles a keymap.
    ///
    /// # Errors
    /// When it names an action that does not exist; the error has the place and the nearest name.
    pub fn compile(keymap: &Keymap) -> Result<Self, Error> {
        let mut keys = Self::default();
        for binding in &keymap.bindings {
            let action = Action::from_name(&binding.action).ok_or_else(|| unknown(binding))?;
            keys.root.insert(&binding.chords, action);
            keys.shown.entry(action).or_default().push(chord::display(&binding.chords));
        }
        Ok(keys)
    }

    /// The keys that run `action` as a keymap writes them, in its order.
    #[must_use]
    pub fn of(&self, action: Action) -> &[String] {
        self.shown.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key that runs `action`: the one to show where there is room for one.
    #[must_use]
    pub fn first(&self, action: Action) -> Option<&str> {
        self.of(action).first().map(String::as_str)
    }
}

impl Node {
    fn insert(&mut self, chords: &[Chord], action: Action) {
        let end = chords.iter().fold(self, |node, chord| node.next.entry(*chord).or_default());
        end.action = Some(action);
    }

    fn at(&self, chords: &[Chord]) -> Option<&Self> {
        chords.iter().try_fold(self, |node, chord| node.next.get(chord))
    }
}

fn unknown(binding: &Binding) -> Error {
    let name = &binding.action;
    let known = ACTIONS.iter().map(|info| info.name);
    let hint = match suggest(name, known) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "expected one that the help names, or \"none\"".to_owned(),
    };
    binding.action_place.error(format!("unknown action {name:?}; {hint}"))
}

/// What a chord led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// More chords are needed.
    Pending,
    /// A binding is complete.
    Action(Action),
    /// Nothing begins with these chords; they are forgotten.
    Unbound,
}

/// The chords pressed so far of a binding that is not complete.
#[derive(Clone, Debug, Default)]
pub struct KeyState {
    pending: Vec<Chord>,
}

impl KeyState {
    /// Takes the next chord. It never holds more chords than the longest binding has.
    pub fn press(&mut self, keys: &Keys, chord: Chord) -> Press {
        self.pending.push(chord);
        let press = match keys.root.at(&self.pending) {
            Some(Node { action: Some(action), .. }) => Press::Action(*action),
            Some(_) => Press::Pending,
            None => Press::Unbound,
        };
        if press != Press::Pending {
            self.pending.clear();
        }
        press
    }

    /// The chords so far, as a keymap writes them, for the status line; empty when none wait.
    #[must_use]
    pub fn pending(&self) -> String {
        chord::display(&self.pending)
    }

    /// Forgets the chords so far.
    pub fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keymap::KEYMAPS;

    fn keys(name: &str) -> Keys {
        let keymap = Keymap::load(name, None).expect("a built-in keymap loads");
        Keys::compile(&keymap).expect("a built-in keymap compiles")
    }

    fn type_into(keys: &Keys, text: &str) -> Vec<Press> {
        let mut state = KeyState::default();
        chord::sequence(text).expect("chords").into_iter().map(|chord| state.press(keys, chord)).collect()
    }

    #[test]
    fn sequences_wait_for_their_end() {
        assert_eq!(type_into(&keys("vim"), "g g"), [Press::Pending, Press::Action(Action::Top)]);
        assert_eq!(type_into(&keys("vim"), "g ö j"), [Press::Pending, Press::Unbound, Press::Action(Action::MoveDown)]);
        assert_eq!(type_into(&keys("default"), "g g"), [Press::Action(Action::Top); 2]);
    }

    #[test]
    fn waiting_chords_are_shown() {
        let mut state = KeyState::default();
        state.press(&keys("vim"), Chord::control('w'));
        assert_eq!(state.pending(), "C-w");
        state.clear();
        assert_eq!(state.pending(), "");
    }

    #[test]
    fn every_action_has_a_key_in_every_keymap() {
        for (name, _) in KEYMAPS.built_in {
            let keys = keys(name);
            for info in ACTIONS {
                assert!(keys.first(info.action).is_some(), "{name} has no key for {}", info.name);
            }
        }
    }
}
