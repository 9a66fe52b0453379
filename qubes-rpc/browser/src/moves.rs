//! Moving, sorting, filtering, marking, and the mouse.

use crate::action::Action;
use crate::column::{Column, Sort, places};
use crate::list::List;
use crate::model::{Focus, Model, Overlay};

impl Model {
    /// The list that has the keyboard, and its length.
    fn list_mut(&mut self) -> (&mut List, usize) {
        match self.focus {
            Focus::Archives => (&mut self.archives, self.shown.len()),
            Focus::Origins => (&mut self.origins, self.usage.len()),
            Focus::Alerts => (&mut self.alerts, self.told.len()),
        }
    }

    /// Actions that move a cursor, or the keyboard to another list.
    pub(crate) fn act_on_list(&mut self, action: Action) -> bool {
        let (list, len) = self.list_mut();
        let page = list.page();
        match action {
            Action::MoveDown => list.step(1, len),
            Action::MoveUp => list.step(-1, len),
            Action::PageDown => list.step(page, len),
            Action::PageUp => list.step(-page, len),
            Action::HalfPageDown => list.step(page / 2 + 1, len),
            Action::HalfPageUp => list.step(-(page / 2 + 1), len),
            Action::Top => list.go(0, len),
            Action::Bottom => list.go(usize::MAX, len),
            Action::NextPane => self.focus = next(self.focus),
            Action::PreviousPane => self.focus = next(next(self.focus)),
            _ => return false,
        }
        true
    }

    /// Sorts by a column; by the same one again: the other way round.
    pub(crate) fn sort_by(&mut self, column: Column) {
        self.sort = match self.sort {
            Sort { column: same, descending } if same == column => Sort { column, descending: !descending },
            _ => Sort::by(column),
        };
        self.choose();
    }

    /// Shows only archives that have all words of the filter.
    pub(crate) fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            filter.clone_into(&mut self.filter);
            self.choose();
        }
    }

    /// Marks the archive under the cursor, or takes its mark away, and moves on.
    pub(crate) fn mark(&mut self) {
        let Some(id) = self.archive(self.archives.cursor).map(|archive| archive.id.clone()) else { return };
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
        self.archives.step(1, self.shown.len());
    }

    /// Puts the cursor on an archive.
    pub(crate) fn go_to(&mut self, id: Option<&str>) {
        self.focus = Focus::Archives;
        if id.is_some() && !self.find(id) {
            self.say("that archive is no longer listed", true);
        }
    }

    /// The list at a place of the screen becomes the one that has the keyboard; gives the row in it.
    fn focus_at(&mut self, column: u16, row: u16) -> Option<u16> {
        let panes = [Focus::Archives, Focus::Origins, Focus::Alerts];
        let focus = panes.into_iter().find(|pane| self.layout.pane(*pane).contains(column, row))?;
        self.focus = focus;
        let inside = self.layout.pane(focus).inner();
        inside.contains(column, row).then(|| row - inside.y)
    }

    /// A click moves the cursor; on a heading it sorts.
    pub(crate) fn click(&mut self, column: u16, row: u16) {
        if self.overlay.is_some() || self.prompt.is_some() {
            return;
        }
        let Some(mut row) = self.focus_at(column, row).map(usize::from) else { return };
        if self.focus == Focus::Archives {
            let inside = self.layout.archives.inner();
            if row == 0 {
                let all = places(inside.width);
                let hit = all.iter().find(|place| place.contains(column - inside.x));
                return hit.into_iter().for_each(|place| self.sort_by(place.column));
            }
            row -= 1;
        }
        let (list, len) = self.list_mut();
        if list.top + row < len {
            list.go(list.top + row, len);
        }
    }

    /// The wheel moves the cursor of what is under it.
    pub(crate) fn wheel(&mut self, column: u16, row: u16, rows: isize) {
        match &mut self.overlay {
            Some(Overlay::Help(help)) => help.scroll(rows),
            Some(Overlay::Finder(finder)) => finder.step(rows),
            Some(Overlay::Confirm { .. }) => {}
            None => {
                if self.prompt.is_none() && self.focus_at(column, row).is_some() {
                    let (list, len) = self.list_mut();
                    list.step(rows, len);
                }
            }
        }
    }
}

const fn next(focus: Focus) -> Focus {
    match focus {
        Focus::Archives => Focus::Origins,
        Focus::Origins => Focus::Alerts,
        Focus::Alerts => Focus::Archives,
    }
}
