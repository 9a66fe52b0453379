//! The help: all actions with their keys.

use crate::action::{ACTIONS, ActionInfo};
use crate::keys::Keys;
use crate::list::List;

/// Columns that the keys of an action may take.
pub const KEYS: usize = 11;

/// The state of the help.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// Keys and what they do.
    pub rows: Vec<(String, &'static str)>,
    /// How far it is scrolled; the cursor is the first visible row.
    pub list: List,
}

impl Help {
    /// The help for these keys.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let row = |info: &ActionInfo| (fitting(keys.of(info.action)), info.doc);
        Self { rows: ACTIONS.iter().map(row).collect(), list: List::default() }
    }

    /// Scrolls; it stops at the ends.
    pub fn scroll(&mut self, rows: isize) {
        let last = self.rows.len().saturating_sub(self.list.height);
        self.list.top = self.list.top.saturating_add_signed(rows).min(last);
    }
}

/// The first keys, as many as have room.
fn fitting(keys: &[String]) -> String {
    let mut text = keys.first().cloned().unwrap_or_default();
    for key in keys.iter().skip(1) {
        if text.chars().count() + key.chars().count() < KEYS {
            text.push(' ');
            text.push_str(key);
        }
    }
    text
}
