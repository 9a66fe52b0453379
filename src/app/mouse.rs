//! What the mouse does.

use super::action::Action;
use super::model::Model;
use super::msg::{Cmd, Mouse, MouseKind};
use crate::record::Timestamp;

/// Rows that a turn of the wheel moves.
const WHEEL: i64 = 3;

impl Model {
    /// The wheel scrolls what is under it; a click focuses, moves the cursor, or goes to a time.
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<Cmd> {
        if self.prompt.is_some() {
            return Vec::new();
        }
        if self.overlay.is_some() {
            return self.mouse_as_key(mouse);
        }
        let inside = |area: super::layout::Area| area.contains(mouse.column, mouse.row);
        if self.layout.drawer.is_some_and(|drawer| inside(drawer.outer)) {
            self.open_drawer_focus();
            return self.mouse_as_key(mouse);
        }
        if inside(self.layout.strip) && mouse.kind == MouseKind::Press {
            self.click_strip(mouse.column - self.layout.strip.x);
            return Vec::new();
        }
        let pane = self.layout.panes.iter().position(|framed| framed.is_some_and(|framed| inside(framed.outer)));
        if let Some(pane) = pane.filter(|pane| *pane < self.panes.len()) {
            self.mouse_on_pane(pane, mouse);
        }
        Vec::new()
    }

    fn mouse_as_key(&mut self, mouse: Mouse) -> Vec<Cmd> {
        match mouse.kind {
            MouseKind::WheelUp => self.act(Action::MoveUp),
            MouseKind::WheelDown => self.act(Action::MoveDown),
            MouseKind::Press => Vec::new(),
        }
    }

    fn open_drawer_focus(&mut self) {
        if let Some(detail) = &mut self.detail {
            detail.focused = true;
        }
    }

    fn mouse_on_pane(&mut self, pane: usize, mouse: Mouse) {
        if let Some(detail) = &mut self.detail {
            detail.focused = false;
        }
        self.focus_pane(pane);
        match mouse.kind {
            MouseKind::WheelUp => self.scroll(-WHEEL),
            MouseKind::WheelDown => self.scroll(WHEEL),
            MouseKind::Press => self.click_row(pane, mouse.row),
        }
    }

    fn click_row(&mut self, pane: usize, row: u16) {
        let Some(Some(framed)) = self.layout.panes.get(pane) else { return };
        let Some(line) = row.checked_sub(framed.inner.y) else { return };
        let Some(key) = self.panes[pane].rows.get(usize::from(line)).map(|row| row.key) else { return };
        if self.panes[pane].timeline().contains(key.id) {
            self.touched = true;
            self.panes[pane].go(key);
            self.follow();
        }
    }

    fn click_strip(&mut self, column: u16) {
        let Some((from, to)) = self.strip.span else { return };
        let length = i128::from(to.0) - i128::from(from.0) + 1;
        let along = length * i128::from(column) / i128::from(self.layout.strip.width.max(1));
        let time = i128::from(from.0) + along;
        self.jump_to_time(Timestamp(i64::try_from(time).unwrap_or(to.0)));
    }
}
