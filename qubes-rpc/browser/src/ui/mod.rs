//! Draws the model, and only reads. No text that was listed reaches a cell but through [`inert`].

use logvm_look::config::Role;
use logvm_look::ui::glyphs::{self, Glyphs};
use logvm_look::ui::inert;
use logvm_look::ui::style::Styles;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use crate::layout::Area;
use crate::model::{Focus, Model, Overlay};

pub mod archives;
pub mod overlays;
pub mod side;
pub mod status;

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

    /// A text that may have been chosen by an attacker as spans of exactly `width` columns: harmless, cut or padded.
    #[must_use]
    pub fn cell(&self, text: &str, width: usize, style: Style) -> Vec<Span<'static>> {
        let mut spans = inert::text(text, width, style, self.styles).spans;
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::styled(" ".repeat(width.saturating_sub(used)), style));
        spans
    }
}

/// Draws the whole screen.
pub fn view(model: &Model, styles: &Styles, frame: &mut Frame<'_>) {
    let look = Look { styles, glyphs: glyphs::of(styles.ascii()) };
    let screen = frame.area();
    frame.buffer_mut().set_style(screen, look.style(Role::Text));
    if model.layout.too_small {
        return status::too_small(&look, frame);
    }
    status::header(model, &look, rect(model.layout.header, screen), frame);
    archives::draw(model, &look, rect(model.layout.archives, screen), frame);
    side::origins(model, &look, rect(model.layout.origins, screen), frame);
    side::alerts(model, &look, rect(model.layout.alerts, screen), frame);
    status::bottom(model, &look, rect(model.layout.bottom, screen), frame);
    match &model.overlay {
        Some(Overlay::Help(help)) => overlays::help(help, &look, frame),
        Some(Overlay::Finder(finder)) => overlays::finder(finder, &look, frame),
        Some(Overlay::Confirm { question, .. }) => overlays::confirm(question, &look, frame),
        None => {}
    }
}

/// The frame of a list; the one that has the keyboard stands out.
fn pane(model: &Model, focus: Focus, title: &str, look: &Look<'_>) -> Block<'static> {
    let focused = model.focus == focus;
    let (border, role) = match focused {
        true => (Role::BorderFocused, Role::TitleFocused),
        false => (Role::Border, Role::Title),
    };
    let sign = if focused { look.glyphs.cursor } else { " " };
    let title = Line::from(Span::styled(format!("{sign}{title} "), look.style(role)));
    logvm_look::ui::overlay::frame(border, look.styles).title_top(title)
}

/// The style of a row under the cursor.
fn row_style(model: &Model, focus: Focus, under: bool, look: &Look<'_>) -> Style {
    match (under, model.focus == focus) {
        (true, true) => look.style(Role::Cursor),
        (true, false) => look.style(Role::CursorOther),
        _ => Style::new(),
    }
}

fn rect(area: Area, screen: Rect) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height).intersection(screen)
}
