//! The list of sources: what was read, and how well.

use crate::app::action::Action;
use crate::app::model::{Model, Overlay};
use crate::app::scope::Scope;

/// The list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources {
    /// The selected source, as a place in the store's tables.
    pub selected: usize,
}

impl Model {
    /// Actions of the list while it is open; tells whether it was one.
    pub(in crate::app) fn act_on_sources(&mut self, action: Action) -> bool {
        let last = self.snapshot.tables().len().saturating_sub(1);
        let page = usize::from(self.screen.1 / 2).max(1);
        let Some(Overlay::Sources(sources)) = &mut self.overlay else { return false };
        let at = sources.selected;
        sources.selected = match action {
            Action::MoveDown => at + 1,
            Action::MoveUp => at.saturating_sub(1),
            Action::PageDown | Action::HalfPageDown => at + page,
            Action::PageUp | Action::HalfPageUp => at.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => last,
            Action::OpenDetail => {
                self.show_source(at);
                return true;
            }
            Action::Sources | Action::Quit => {
                self.overlay = None;
                return true;
            }
            _ => return false,
        }
        .min(last);
        true
    }

    /// Shows one source alone in the focused pane.
    fn show_source(&mut self, place: usize) {
        self.overlay = None;
        let Some(table) = self.snapshot.tables().nth(place).cloned() else { return };
        if table.info.records() == 0 {
            return self.say("that source has no record");
        }
        self.show_scope(Scope::of_table(&table));
    }
}
