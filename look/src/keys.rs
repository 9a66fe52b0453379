//! Turns chords into actions: a keymap compiled against a program's table of actions.

use std::collections::BTreeMap;

use crate::config::chord::{self, Chord};
use crate::config::{Binding, Error, Keymap, suggest};

/// What keys can run.
pub trait Bindable: Copy + Ord + 'static {
    /// The action that keymaps call so.
    fn from_name(name: &str) -> Option<Self>;

    /// The names of all actions.
    fn names() -> impl Iterator<Item = &'static str>;
}

/// A compiled keymap.
#[derive(Clone, Debug)]
pub struct Keys<A> {
    root: Node<A>,
    shown: BTreeMap<A, Vec<String>>,
}

/// A place in the trie of chords: a binding ends here, or goes on.
#[derive(Clone, Debug)]
struct Node<A> {
    action: Option<A>,
    next: BTreeMap<Chord, Node<A>>,
}

impl<A> Default for Keys<A> {
    fn default() -> Self {
        Self { root: Node::default(), shown: BTreeMap::new() }
    }
}

impl<A> Default for Node<A> {
    fn default() -> Self {
        Self { action: None, next: BTreeMap::new() }
    }
}

impl<A: Bindable> Keys<A> {
    /// Compiles a keymap.
    ///
    /// # Errors
    /// When it names an action that does not exist; the error has the place and the nearest name.
    pub fn compile(keymap: &Keymap) -> Result<Self, Error> {
        let mut keys = Self::default();
        for binding in &keymap.bindings {
            let action = A::from_name(&binding.action).ok_or_else(|| unknown::<A>(binding))?;
            keys.bind(&binding.chords, action);
        }
        Ok(keys)
    }

    /// Compiles what a keymap, written for another program, says about actions of this one too.
    #[must_use]
    pub fn shared(keymap: &Keymap) -> Self {
        let mut keys = Self::default();
        for binding in &keymap.bindings {
            if let Some(action) = A::from_name(&binding.action) {
                keys.bind(&binding.chords, action);
            }
        }
        keys
    }

    /// Binds an action to chords, in the place of what they ran before.
    pub fn bind(&mut self, chords: &[Chord], action: A) {
        let shown = chord::display(chords);
        self.shown.values_mut().for_each(|all| all.retain(|other| *other != shown));
        self.root.insert(chords, action);
        self.shown.entry(action).or_default().push(shown);
    }

    /// The keys that run `action` as a keymap writes them, in its order.
    #[must_use]
    pub fn of(&self, action: A) -> &[String] {
        self.shown.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key that runs `action`: the one to show where there is room for one.
    #[must_use]
    pub fn first(&self, action: A) -> Option<&str> {
        self.of(action).first().map(String::as_str)
    }
}

impl<A> Node<A> {
    fn insert(&mut self, chords: &[Chord], action: A) {
        let end = chords.iter().fold(self, |node, chord| node.next.entry(*chord).or_default());
        end.action = Some(action);
    }

    fn at(&self, chords: &[Chord]) -> Option<&Self> {
        chords.iter().try_fold(self, |node, chord| node.next.get(chord))
    }
}

fn unknown<A: Bindable>(binding: &Binding) -> Error {
    let name = &binding.action;
    let hint = match suggest(name, A::names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "expected one that the help names, or \"none\"".to_owned(),
    };
    binding.action_place.error(format!("unknown action {name:?}; {hint}"))
}

/// What a chord led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press<A> {
    /// More chords are needed.
    Pending,
    /// A binding is complete.
    Action(A),
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
    pub fn press<A: Copy>(&mut self, keys: &Keys<A>, chord: Chord) -> Press<A> {
        self.pending.push(chord);
        let press = match keys.root.at(&self.pending) {
            Some(Node { action: Some(action), .. }) => Press::Action(*action),
            Some(_) => Press::Pending,
            None => Press::Unbound,
        };
        if !matches!(press, Press::Pending) {
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

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Action {
        Top,
        MoveDown,
    }

    impl Bindable for Action {
        fn from_name(name: &str) -> Option<Self> {
            [("top", Self::Top), ("move-down", Self::MoveDown)].into_iter().find(|(own, _)| *own == name).map(|it| it.1)
        }

        fn names() -> impl Iterator<Item = &'static str> {
            ["top", "move-down"].into_iter()
        }
    }

    fn keys(name: &str) -> Keys<Action> {
        Keys::shared(&Keymap::load(name, None).expect("a built-in keymap loads"))
    }

    fn type_into(keys: &Keys<Action>, text: &str) -> Vec<Press<Action>> {
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
        state.press(&keys("vim"), Chord::char('g'));
        assert_eq!(state.pending(), "g");
        state.clear();
        assert_eq!(state.pending(), "");
    }

    #[test]
    fn a_later_binding_takes_the_key() {
        let mut keys = keys("default");
        keys.bind(&[Chord::char('j')], Action::Top);
        assert_eq!(type_into(&keys, "j"), [Press::Action(Action::Top)]);
        assert_eq!(keys.first(Action::MoveDown), Some("Down"));
    }

    #[test]
    fn an_unknown_action_is_an_error_unless_keymaps_are_shared() {
        let error = Keys::<Action>::compile(&Keymap::load("default", None).expect("built in")).expect_err("refused");
        assert!(error.to_string().contains("unknown action"), "{error}");
    }
}
