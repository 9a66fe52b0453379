//! The line on top, and the one at the bottom: what is typed, what the user is told, or hints.

use logvm_look::config::Role;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::Look;
use crate::action::Action;
use crate::input::Input;
use crate::layout::SMALLEST;
use crate::model::{Focus, Model, Prompt};
use crate::text::{bytes, count};

/// How much there is, what the filter leaves, marks, and what goes on.
pub fn header(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let mut parts = vec![count(model.stored.items.len(), "archive")];
    if !model.filter.is_empty() {
        parts.push(format!("filter \"{}\": {}", model.filter, model.shown.len()));
    }
    parts.push(bytes(model.shown_bytes));
    if !model.marks.is_empty() {
        parts.push(format!("{} marked", model.marks.len()));
    }
    if model.stored.rejected + model.stored.left_out > 0 {
        parts.push(format!("{} not understood, {} too many", model.stored.rejected, model.stored.left_out));
    }
    if !model.running.is_empty() {
        parts.push(format!("{} running", model.running.len()));
    }
    if model.listing.is_some() {
        parts.push("listing ...".to_owned());
    }
    let style = look.style(Role::Header);
    let text = format!(" logs {} {}", look.glyphs.separator, parts.join("  "));
    frame.buffer_mut().set_style(area, style);
    frame.render_widget(Line::from(look.cell(&text, usize::from(area.width), style)), area);
}

/// The line at the bottom.
pub fn bottom(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    match (&model.prompt, &model.notice) {
        (Some(Prompt::Filter { input, .. }), _) => prompt("filter: ", input, look, area, frame),
        (Some(Prompt::CopyTo { input, ids }), None) => {
            prompt(&format!("copy {} to qube: ", count(ids.len(), "archive")), input, look, area, frame);
        }
        (Some(Prompt::CopyTo { input, .. }), Some(notice)) => {
            prompt(&format!("{}; copy to qube: ", notice.text), input, look, area, frame);
        }
        (None, Some(notice)) => {
            let role = if notice.wrong { Role::Error } else { Role::Notice };
            let text = format!(" {}", notice.text.split_whitespace().collect::<Vec<_>>().join(" "));
            frame.render_widget(Line::from(look.cell(&text, usize::from(area.width), look.style(role))), area);
        }
        (None, None) => hints(model, look, area, frame),
    }
}

/// What is asked for, what is typed, and the terminal's cursor.
fn prompt(asks: &str, input: &Input, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let line = input_line(asks, input, usize::from(area.width), look);
    frame.render_widget(Line::from(line.0), area);
    frame.set_cursor_position(Position::new(area.x + line.1, area.y));
}

/// A line that is being typed, cut to `width` columns, and the column of the cursor.
pub(super) fn input_line(asks: &str, input: &Input, width: usize, look: &Look<'_>) -> (Vec<Span<'static>>, u16) {
    let form = look.styles.form();
    let columns =
        |text: &str| logvm_look::escape::pieces(text.as_bytes(), form).map(|piece| piece.width).sum::<usize>();
    let asks = look.cell(asks, columns(asks).min(width / 2), look.style(Role::Prompt));
    let used: usize = asks.iter().map(Span::width).sum();
    let (room, before) = (width.saturating_sub(used + 1), columns(input.before()));
    let start = before.saturating_sub(room);
    let text = input.text().as_bytes();
    let line = logvm_look::ui::inert::line(text, start..start + room, look.style(Role::Input), &[], look.styles);
    let cursor = u16::try_from(used + before - start).unwrap_or(u16::MAX);
    (asks.into_iter().chain(line.spans).collect(), cursor)
}

/// The most important keys, as many as have room.
fn hints(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let open = if model.focus == Focus::Archives { "open" } else { "only this origin" };
    let hints = [
        (Action::Help, "help"),
        (Action::Quit, "quit"),
        (Action::Open, open),
        (Action::Filter, "filter"),
        (Action::Finder, "find"),
        (Action::SortNext, "sort"),
        (Action::Mark, "mark"),
        (Action::Hold, "hold"),
        (Action::Delete, "delete"),
        (Action::CopyTo, "copy"),
        (Action::Refresh, "refresh"),
        (Action::NextPane, "next list"),
    ];
    let mut line = Line::default();
    for (action, name) in hints {
        let key = format!(" {} ", model.keys.first(action).unwrap_or_default());
        if line.width() + key.chars().count() + name.len() + 1 > usize::from(area.width) {
            break;
        }
        line.push_span(Span::styled(key, look.style(Role::KeyName)));
        line.push_span(Span::styled(format!("{name} "), look.style(Role::Muted)));
    }
    frame.render_widget(line, area);
}

/// Says that nothing has room.
pub fn too_small(look: &Look<'_>, frame: &mut Frame<'_>) {
    let text = format!("too small: needs {} x {}", SMALLEST.0, SMALLEST.1);
    frame.render_widget(Paragraph::new(text).style(look.style(Role::Warning)), frame.area());
}
