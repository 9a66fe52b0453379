//! The list of archives.

use logvm_look::config::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};

use super::{Look, pane, row_style};
use crate::archive::{Archive, State};
use crate::column::{Column, Place, places};
use crate::model::{Focus, Model};
use crate::text;

/// Draws headings and the visible rows.
pub fn draw(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    let block = pane(model, Focus::Archives, &title(model), look);
    let inside = block.inner(area);
    block.render(area, frame.buffer_mut());
    let places = places(inside.width);
    let mut lines = vec![headings(model, &places, look)];
    lines.extend(rows(model, &places, look));
    if model.shown.is_empty() {
        lines.push(Line::styled(format!("  {}", nothing(model)), look.style(Role::Muted)));
    }
    frame.render_widget(Paragraph::new(lines), inside);
}

/// The visible rows; no other archive is looked at.
#[must_use]
pub fn rows(model: &Model, places: &[Place], look: &Look<'_>) -> Vec<Line<'static>> {
    model.visible().map(|(row, archive)| line(model, row, archive, places, look)).collect()
}

fn title(model: &Model) -> String {
    let window = model.archives.window(model.shown.len());
    match model.shown.len() {
        0 => "archives".to_owned(),
        len => format!("archives {}-{} of {len}", window.start + 1, window.end),
    }
}

/// Why there is no row.
const fn nothing(model: &Model) -> &'static str {
    match (model.stored.items.is_empty(), model.listing.is_some()) {
        (true, true) => "listing ...",
        (true, false) => "nothing is stored",
        (false, _) => "no archive has all these words (Esc shows all)",
    }
}

fn headings(model: &Model, places: &[Place], look: &Look<'_>) -> Line<'static> {
    let style = look.style(Role::Heading);
    let mut spans = vec![Span::styled("  ", style)];
    for place in places {
        let (width, name) = (usize::from(place.width), place.column.name());
        let sign = match (model.sort.column == place.column, model.sort.descending, look.styles.ascii()) {
            (false, ..) => "",
            (true, true, false) => "▼",
            (true, true, true) => "v",
            (true, false, false) => "▲",
            (true, false, true) => "^",
        };
        let text = format!("{name}{sign}");
        spans.push(Span::styled(
            if is_right(place.column) { format!("{text:>width$} ") } else { format!("{text:<width$} ") },
            style,
        ));
    }
    Line::from(spans)
}

const fn is_right(column: Column) -> bool {
    matches!(column, Column::Size | Column::Span)
}

fn line(model: &Model, row: usize, archive: &Archive, places: &[Place], look: &Look<'_>) -> Line<'static> {
    let under = row == model.archives.cursor;
    let cursor = if under { look.glyphs.cursor } else { " " };
    let marked = model.marks.contains(&archive.id);
    let mut spans = vec![
        Span::raw(cursor.to_owned()),
        Span::styled(if marked { look.glyphs.mark } else { " " }.to_owned(), look.style(Role::Mark)),
    ];
    for place in places {
        let (text, style) = cell(archive, place.column, model.now, look);
        let width = usize::from(place.width);
        let text = if is_right(place.column) { format!("{text:>width$}") } else { text };
        spans.extend(look.cell(&text, width, style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans).style(row_style(model, Focus::Archives, under, look))
}

fn cell(archive: &Archive, column: Column, now: u64, look: &Look<'_>) -> (String, Style) {
    match column {
        Column::Received => (text::time(archive.start), look.style(Role::Time)),
        Column::Origin => (archive.origin.clone(), look.styles.origin(&archive.origin)),
        Column::Kind => (archive.kind.clone(), Style::new()),
        Column::Size => (text::bytes(archive.size), look.style(Role::Number)),
        Column::Span => (archive.span(now).map(text::span).unwrap_or_default(), look.style(Role::Number)),
        Column::State => (archive.state.name().to_owned(), look.style(state(archive.state))),
    }
}

const fn state(state: State) -> Role {
    match state {
        State::Open => Role::Notice,
        State::Held => Role::Mark,
        State::Closed => Role::Info,
        State::Compressed => Role::Muted,
        State::Unknown => Role::Warning,
    }
}
