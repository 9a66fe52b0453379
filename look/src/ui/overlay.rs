//! What overlays share: a frame over the middle of the screen, and keys with their meaning.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};

use super::style::Styles;
use crate::config::Role;

/// ASCII lines for consoles without box drawing.
const ASCII_BORDER: ratatui::symbols::border::Set<'static> = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// A frame in the style of `role`, made of ASCII where the terminal needs it.
#[must_use]
pub fn frame(role: Role, styles: &Styles) -> Block<'static> {
    let block = Block::bordered().border_style(styles.get(role));
    if styles.ascii() { block.border_set(ASCII_BORDER) } else { block.border_type(BorderType::Plain) }
}

/// The middle of `area`: at most `width` by `height`, with a margin where there is room for one.
#[must_use]
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let fit = |wanted: u16, room: u16| wanted.min(room.saturating_sub(if room > 30 { 4 } else { 0 })).min(room);
    let (width, height) = (fit(width, area.width), height.min(area.height));
    let (x, y) = (area.x + (area.width - width) / 2, area.y + (area.height - height) / 2);
    Rect { x, y, width, height }
}

/// Draws the frame of an overlay over what is there, with a hint at its bottom, and returns the room inside.
pub fn open(frame_of: &mut Frame<'_>, area: Rect, title: &str, hint: &str, styles: &Styles) -> Rect {
    let border = |text: &str, role| Line::from(Span::styled(format!(" {text} "), styles.get(role)));
    let block = frame(Role::BorderFocused, styles)
        .style(styles.get(Role::Overlay))
        .title_top(border(title, Role::TitleFocused))
        .title_bottom(border(hint, Role::Muted).right_aligned());
    let inside = block.inner(area);
    frame_of.render_widget(Clear, area);
    frame_of.render_widget(block, area);
    inside
}
