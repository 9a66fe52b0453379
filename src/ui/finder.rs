//! Draws the finder.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Styles;
use super::{inert, overlay};
use crate::app::finder::{Choice, Finder, Item, Match};
use crate::app::keys::Keys;
use crate::config::Role;

/// The least columns of the labels while there are notes beside them.
const LABEL: usize = 24;

/// Draws the finder over `area`, and the terminal's cursor behind the query.
pub fn draw(frame: &mut Frame<'_>, area: Rect, finder: &Finder, keys: &Keys, styles: &Styles) {
    let area = overlay::centered(area, 90, area.height.saturating_sub(4).clamp(4, 24));
    let inside = overlay::open(frame, area, "find", &counts(finder), styles);
    if inside.is_empty() {
        return;
    }
    let prompt = query(finder, usize::from(inside.width), styles);
    let behind = u16::try_from(prompt.width()).unwrap_or(u16::MAX).min(inside.width - 1);
    frame.render_widget(prompt, Rect { height: 1, ..inside });
    frame.set_cursor_position(Position::new(inside.x + behind, inside.y));
    let list = Rect { y: inside.y + 1, height: inside.height - 1, ..inside };
    frame.render_widget(Paragraph::new(rows(finder, keys, list, styles)), list);
}

/// How many match, of how many, and how many were left out.
fn counts(finder: &Finder) -> String {
    let mut text = format!("{} of {}", finder.matching(), finder.len());
    if finder.matches().len() < finder.matching() {
        text.push_str(&format!(", best {} shown", finder.matches().len()));
    }
    if finder.left_out() > 0 {
        text.push_str(&format!(", {} left out", finder.left_out()));
    }
    text
}

/// The query; its end where it is too long.
fn query(finder: &Finder, width: usize, styles: &Styles) -> Line<'static> {
    let room = width.saturating_sub(3);
    let all = crate::escape::pieces(finder.query().as_bytes(), styles.form()).map(|piece| piece.width).sum::<usize>();
    let columns = all.saturating_sub(room)..all;
    let mut line = inert::line(finder.query().as_bytes(), columns, styles.get(Role::Input), &[], styles);
    line.spans.insert(0, Span::styled("> ", styles.get(Role::Prompt)));
    line
}

/// The rows around the selected match.
fn rows(finder: &Finder, keys: &Keys, area: Rect, styles: &Styles) -> Vec<Line<'static>> {
    let height = usize::from(area.height);
    let top = finder.selected().saturating_sub(height.saturating_sub(1));
    let shown = finder.matches().iter().enumerate().skip(top).take(height);
    let width = usize::from(area.width);
    let labels = shown.clone().filter_map(|(_, found)| finder.item(found)).map(|item| item.label.width()).max();
    let label = (labels.unwrap_or(0) + 3).clamp(LABEL, (width * 3 / 5).max(LABEL));
    let row = |(place, found)| {
        let line = row(finder.item(found)?, found, keys, (width, label), styles);
        let selected = place == finder.selected();
        Some(if selected { line.style(styles.get(Role::Selected)) } else { line })
    };
    shown.filter_map(row).collect()
}

/// Label, note and key of an item in exactly `width` columns, of which the label has `label`.
fn row(item: &Item, found: &Match, keys: &Keys, (width, label): (usize, usize), styles: &Styles) -> Line<'static> {
    let key = match item.choice {
        Choice::Action(action) => keys.first(action).unwrap_or_default(),
        Choice::Item(_) => "",
    };
    let room = width.saturating_sub(key.len() + 1);
    let label = if item.note.is_empty() { room } else { label.min(room) };
    let mut line = labelled(item, found, label, styles);
    pad(&mut line, label);
    let note = inert::text(&item.note, room - label, styles.get(Role::Muted), styles);
    line.spans.extend(note.spans);
    pad(&mut line, room + 1);
    line.spans.push(Span::styled(key.to_owned(), styles.get(Role::KeyName)));
    line
}

/// The label with the matched letters in their own style.
fn labelled(item: &Item, found: &Match, width: usize, styles: &Styles) -> Line<'static> {
    let letter = styles.get(Role::Letter);
    let bytes: Vec<(usize, char)> = item.label.char_indices().collect();
    let at = |index: &usize| bytes.get(*index).map(|(start, c)| (*start..start + c.len_utf8(), letter));
    let letters: Vec<_> = found.letters.iter().filter_map(at).collect();
    let mut line = inert::line(item.label.as_bytes(), 0..width.saturating_sub(2), Style::new(), &letters, styles);
    line.spans.insert(0, Span::raw(" "));
    line
}

/// Blanks up to `width` columns.
fn pad(line: &mut Line<'static>, width: usize) {
    let used: usize = line.spans.iter().flat_map(|span| span.content.chars()).filter_map(UnicodeWidthChar::width).sum();
    line.spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
}
