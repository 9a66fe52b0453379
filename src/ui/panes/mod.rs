//! The parts of the screen; each file is paired by name with the file in `app/panes` that keeps its state.

pub mod detail;
pub mod records;
pub mod sources;
pub mod strip;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders};

use super::Look;
pub(super) use super::rect;
use crate::app::layout::Framed;
use crate::config::Role;

/// Draws a frame with a title at its left and its right; returns what is inside.
pub(super) fn framed(
    area: Framed,
    titles: (Line<'_>, Line<'_>),
    focused: bool,
    look: &Look<'_>,
    frame: &mut Frame<'_>,
) -> Rect {
    let screen = frame.area();
    let role = if focused { Role::BorderFocused } else { Role::Border };
    let title = if focused { Role::TitleFocused } else { Role::Title };
    let borders = if area.closed { Borders::ALL } else { Borders::TOP };
    let block = Block::new()
        .borders(borders)
        .border_set(look.glyphs.frame)
        .border_style(look.style(role))
        .title_top(titles.0.style(look.style(title)).left_aligned())
        .title_top(titles.1.style(look.style(title)).right_aligned());
    frame.render_widget(block, rect(area.outer, screen));
    rect(area.inner, screen)
}
