//! The help: all actions with their keys.

use crate::action::ACTIONS;
use crate::keys::Keys;
use crate::list::List;

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
        let row = |info: &crate::action::ActionInfo| (keys.of(info.action).join(" "), info.doc);
        Self { rows: ACTIONS.iter().map(row).collect(), list: List::default() }
    }

    /// Scrolls; it stops at the ends.
    pub fn scroll(&mut self, rows: isize) {
        let last = self.rows.len().saturating_sub(self.list.height);
        self.list.top = self.list.top.saturating_add_signed(rows).min(last);
    }
}
