//! Lines that several sources have: each is shown once, unless the user wants to see all.

use super::model::Model;
use super::msg::Cmd;
use crate::query::Copies;

impl Model {
    /// Has copies looked for, once everything has been read.
    pub(super) fn ask_for_copies(&mut self) -> Option<Cmd> {
        let known = self.copies_version == self.snapshot.version;
        if known || !self.progress.finished {
            return None;
        }
        self.copies_version = self.snapshot.version;
        Some(Cmd::FindCopies(self.snapshot.clone()))
    }

    pub(super) fn take_copies(&mut self, copies: Copies) {
        self.copies = copies;
        self.change_copies();
    }

    pub(super) fn toggle_copies(&mut self) {
        self.show_copies = !self.show_copies;
        self.change_copies();
        self.say(if self.show_copies {
            "lines that several sources have are shown from each of them"
        } else {
            "lines that several sources have are shown once, from the one with the finest times"
        });
    }

    fn change_copies(&mut self) {
        self.copies_changes += 1;
        self.refresh();
        if !self.touched {
            self.pane_mut().first();
        }
        self.follow();
    }
}
