//! The browser's keys: its own, and those of the viewer's keymaps for what both can do.

use logvm_look::config::{Keymap, chord};
use logvm_look::keys;

use crate::action::{ACTIONS, Action};

/// A keymap compiled for the browser.
pub type Keys = keys::Keys<Action>;

/// What a chord led to.
pub type Press = keys::Press<Action>;

/// Compiles a keymap of the viewer. The browser's own keys come first in any case: deleting must not be where a keymap
/// has something harmless in the viewer.
#[must_use]
pub fn compile(keymap: &Keymap) -> Keys {
    let mut keys = Keys::shared(keymap);
    for info in ACTIONS {
        for own in info.own.iter().filter_map(|own| chord::sequence(own).ok()) {
            keys.bind(&own, info.action);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use logvm_look::config::keymap::KEYMAPS;

    use super::*;

    #[test]
    fn every_action_has_a_key_in_every_keymap() {
        for (name, _) in KEYMAPS.built_in {
            let keys = compile(&Keymap::load(name, None).expect("built in"));
            for info in ACTIONS {
                assert!(keys.first(info.action).is_some(), "{name} has no key for {}", info.name);
                let own = info.own.iter().all(|own| keys.of(info.action).contains(&(*own).to_owned()));
                assert!(own, "{name}: {}", info.name);
            }
        }
    }
}
