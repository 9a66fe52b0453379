//! The help, the finder, and questions.

use logvm_look::config::Role;
use logvm_look::ui::{inert, overlay};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::Look;
use super::status::input_line;
use crate::finder::{Finder, Match};
use crate::help::{self, Help};

/// Columns of the keys in the help, with a blank on either side.
const KEYS: usize = help::KEYS + 2;

/// An overlay with room for so many rows, and a hint.
fn open(frame: &mut Frame<'_>, title: &str, hint: &str, rows: usize, look: &Look<'_>) -> Rect {
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX);
    let area = overlay::centered(frame.area(), 92, height);
    overlay::open(frame, area, title, hint, look.styles)
}

/// Draws the help.
pub fn help(help: &Help, look: &Look<'_>, frame: &mut Frame<'_>) {
    let window = help.list.window(help.rows.len());
    let hint = format!("{}-{} of {}", window.start + 1, window.end, help.rows.len());
    let inside = open(frame, "help", &hint, help.list.height, look);
    let width = usize::from(inside.width);
    let row = |(keys, doc): &(String, &str)| {
        let mut spans = look.cell(&format!(" {keys}"), KEYS.min(width), look.style(Role::KeyName));
        spans.extend(look.cell(&format!(" {doc}"), width.saturating_sub(KEYS), look.style(Role::Overlay)));
        Line::from(spans)
    };
    let lines: Vec<Line<'_>> = help.rows.get(window).unwrap_or_default().iter().map(row).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

/// Draws the finder with what matches.
pub fn finder(finder: &Finder, look: &Look<'_>, frame: &mut Frame<'_>) {
    let mut hint = format!("{} of {}", finder.matching, finder.items.len());
    if finder.left_out > 0 {
        hint.push_str(&format!(", {} left out", finder.left_out));
    }
    let inside = open(frame, "find", &hint, finder.list.height + 1, look);
    if inside.is_empty() {
        return;
    }
    let (prompt, cursor) = input_line("> ", &finder.input, usize::from(inside.width), look);
    frame.set_cursor_position(Position::new(inside.x + cursor.min(inside.width - 1), inside.y));
    let mut lines = vec![Line::from(prompt)];
    let window = finder.list.window(finder.matches.len());
    for row in window {
        let Some(found) = finder.matches.get(row) else { continue };
        let line = found_line(finder, found, usize::from(inside.width), look);
        let style = if row == finder.list.cursor { look.style(Role::Selected) } else { Style::new() };
        lines.push(line.style(style));
    }
    frame.render_widget(Paragraph::new(lines), inside);
}

/// The line of an archive with the letters that matched in their own style.
fn found_line(finder: &Finder, found: &Match, width: usize, look: &Look<'_>) -> Line<'static> {
    let line = finder.items.get(found.item).map_or("", |(_, line)| line.as_str());
    let starts: Vec<(usize, char)> = line.char_indices().collect();
    let at = |letter: &usize| starts.get(*letter).map(|(at, c)| (*at..at + c.len_utf8(), look.style(Role::Letter)));
    let letters: Vec<_> = found.letters.iter().filter_map(at).collect();
    let mut line = inert::line(line.as_bytes(), 0..width.saturating_sub(2), Style::new(), &letters, look.styles);
    line.spans.insert(0, Span::raw(" "));
    line
}

/// Draws a question.
pub fn confirm(question: &[String], look: &Look<'_>, frame: &mut Frame<'_>) {
    let inside = open(frame, "delete", "y yes, any other key no", question.len() + 2, look);
    let width = usize::from(inside.width);
    let row = |(number, text): (usize, &String)| {
        let role = if number == 0 { Role::Warning } else { Role::Overlay };
        Line::from(look.cell(&format!(" {text}"), width, look.style(role)))
    };
    let mut lines = vec![Line::default()];
    lines.extend(question.iter().enumerate().map(row));
    frame.render_widget(Paragraph::new(lines), inside);
}
