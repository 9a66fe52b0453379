//! L7: draws the model; ratatui lives only here and in L8. Nothing here changes anything, and no byte of a log reaches
//! a cell but through [`inert`] or [`escape`].

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::app::Model;
use crate::app::layout::Area;
use crate::app::model::Overlay;
use crate::config::Role;
use crate::escape;

pub mod editor;
pub mod finder;
pub mod help;
pub mod panes;
pub mod prompt;
pub mod status;

pub use logvm_look::ui::{glyphs, inert, overlay, style};

#[cfg(test)]
mod chrome_tests;

use glyphs::Glyphs;
use style::Styles;

/// What drawing needs besides the frame.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Styles of all roles.
    pub styles: &'a Styles,
    /// Signs and lines.
    pub glyphs: &'static Glyphs,
}

impl Look<'_> {
    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role)
    }

    /// Text that may come from a log, harmless.
    #[must_use]
    pub fn inert(&self, text: &str) -> String {
        escape::escape(text.as_bytes(), self.styles.form()).into_owned()
    }

    /// As much of a text that may come from a log as fits into `width` columns, harmless.
    #[must_use]
    pub fn clip(&self, text: &str, width: usize) -> String {
        escape::cut(text.as_bytes(), 0..width, self.styles.form()).text()
    }

    /// The end of a text that may come from a log, in at most `width` columns, harmless.
    #[must_use]
    pub fn clip_start(&self, text: &str, width: usize) -> String {
        let all = self.inert(text).width();
        if all <= width {
            return self.inert(text);
        }
        let rest = all - width + self.glyphs.more.width();
        format!("{}{}", self.glyphs.more, escape::cut(text.as_bytes(), rest..all, self.styles.form()).text())
    }

    /// The columns of a line that may come from a log.
    #[must_use]
    pub fn line(
        &self,
        text: &str,
        columns: Range<usize>,
        role: Role,
        marked: &[(Range<usize>, Style)],
    ) -> Line<'static> {
        inert::line(text.as_bytes(), columns, self.style(role), marked, self.styles)
    }
}

/// Draws the whole screen. [`window::fill`](crate::app::window::fill) comes first.
pub fn view(model: &Model, styles: &Styles, frame: &mut Frame<'_>) {
    let look = Look { styles, glyphs: glyphs::of(styles.ascii()) };
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
        Some(Overlay::Help(help)) => help::draw(frame, screen, help, styles),
        Some(Overlay::Finder(palette)) => finder::draw(frame, screen, palette.finder(), &model.keys, styles),
        None => {}
    }
}

/// The area as the terminal library has it, cut to the screen.
#[must_use]
pub fn rect(area: Area, screen: Rect) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height).intersection(screen)
}
