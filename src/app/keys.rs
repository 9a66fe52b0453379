//! The viewer's keys: keymaps compiled against its table of actions.

use logvm_look::keys;
pub use logvm_look::keys::{Bindable, KeyState};

use super::action::{ACTIONS, Action};

/// A keymap compiled for the viewer.
pub type Keys = keys::Keys<Action>;

/// What a chord led to.
pub type Press = keys::Press<Action>;

impl Bindable for Action {
    fn from_name(name: &str) -> Option<Self> {
        Self::from_name(name)
    }

    fn names() -> impl Iterator<Item = &'static str> {
        ACTIONS.iter().map(|info| info.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Keymap;
    use crate::config::keymap::KEYMAPS;

    #[test]
    fn every_action_has_a_key_in_every_keymap() {
        for (name, _) in KEYMAPS.built_in {
            let keymap = Keymap::load(name, None).expect("a built-in keymap loads");
            let keys = Keys::compile(&keymap).expect("a built-in keymap compiles");
            for info in ACTIONS {
                assert!(keys.first(info.action).is_some(), "{name} has no key for {}", info.name);
            }
        }
    }
}
