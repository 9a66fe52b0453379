//! Draws the help overlay.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::style::Styles;
use super::{inert, overlay};
use crate::app::help::{Help, Row};
use crate::config::Role;

/// Columns of the keys.
const KEYS: usize = 20;
/// Columns of examples of filters.
const FILTERS: usize = 45;

/// Rows of the help that have room in `area`, for scrolling by pages.
#[must_use]
pub fn height(area: Rect) -> usize {
    usize::from(place(area).height.saturating_sub(2))
}

fn place(area: Rect) -> Rect {
    overlay::centered(area, 100, area.height.saturating_sub(2).max(3))
}

/// Draws the help over `area`.
pub fn draw(frame: &mut Frame<'_>, area: Rect, help: &Help, styles: &Styles) {
    let height = height(area);
    let top = help.top(height);
    let last = (top + height).min(help.rows().len());
    let hint = format!("{}-{} of {}", top + 1, last, help.rows().len());
    let inside = overlay::open(frame, place(area), "help", &hint, styles);
    let rows = help.rows().iter().skip(top).take(height);
    let lines: Vec<Line<'_>> = rows.map(|row| line(row, usize::from(inside.width), styles)).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn line(row: &Row, width: usize, styles: &Styles) -> Line<'static> {
    match row {
        Row::Blank => Line::default(),
        Row::Heading(text) => inert::text(text, width, styles.get(Role::Heading), styles),
        Row::Entry(keys, meaning) => columns(keys, KEYS, meaning, width, styles),
        Row::Example(filter, meaning) => columns(filter, FILTERS, meaning, width, styles),
    }
}

/// Keys or a filter in `first` columns and the meaning in the rest.
fn columns(keys: &str, first: usize, meaning: &str, width: usize, styles: &Styles) -> Line<'static> {
    let keys = Span::styled(format!("  {keys:<first$}  "), styles.get(Role::KeyName));
    let room = width.saturating_sub(keys.width());
    let mut line = inert::text(meaning, room, styles.get(Role::Overlay), styles);
    line.spans.insert(0, keys);
    line
}
