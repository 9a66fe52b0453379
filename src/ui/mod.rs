//! L7: draws the model. Nothing here changes anything, and no byte of a log reaches a cell but through [`inert`].

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::layout::Area;
use crate::app::model::Overlay;
use crate::config::{Role, Theme};

pub mod glyphs;
pub mod inert;
pub mod panes;
pub mod prompt;
pub mod status;
pub mod style;
pub mod text;

use style::style;

/// What drawing needs besides the frame.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The theme.
    pub theme: &'a Theme,
    /// Signs and lines.
    pub glyphs: &'static glyphs::Glyphs,
}

impl Look<'_> {
    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> ratatui::style::Style {
        style(self.theme, role)
    }
}

/// Draws the whole screen. [`window::fill`](crate::app::window::fill) comes first.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let look = Look { theme, glyphs: glyphs::of(model.ascii) };
    let screen = frame.area();
    frame.buffer_mut().set_style(screen, look.style(Role::Text));
    let layout = &model.layout;
    if layout.too_small || layout.panes.is_empty() {
        return status::too_small(&look, frame);
    }
    status::draw(model, &look, rect(layout.status, screen), frame);
    panes::strip::draw(model, &look, rect(layout.strip, screen), frame);
    for (place, framed) in layout.panes.iter().enumerate().take(model.panes.len()) {
        if let Some(framed) = framed {
            panes::records::draw(model, place, *framed, &look, frame);
        }
    }
    if let (Some(detail), Some(framed)) = (&model.detail, layout.drawer) {
        panes::detail::draw(detail, framed, &look, frame);
    }
    match &model.prompt {
        Some(prompt) => prompt::draw(prompt, &look, rect(layout.bottom, screen), frame),
        None => status::hint(model, &look, rect(layout.bottom, screen), frame),
    }
    match &model.overlay {
        Some(Overlay::Sources(sources)) => panes::sources::draw(model, sources, &look, frame),
        Some(Overlay::Help(_) | Overlay::Finder) | None => {}
    }
}

/// The area as the terminal library has it, cut to the screen.
#[must_use]
pub fn rect(area: Area, screen: Rect) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height).intersection(screen)
}
