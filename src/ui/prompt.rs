//! The line that is being typed, what is wrong with it, and words that would fit.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

use super::Look;
use crate::app::prompt::{Completion, Prompt};
use crate::config::Role;
use crate::escape::pieces;

/// The most words that are shown at once.
const WORDS: u16 = 8;

/// Draws the prompt into the bottom lines, and the completion above them.
pub fn draw(prompt: &Prompt, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    frame.buffer_mut().set_style(area, look.style(Role::Input));
    let label = prompt.purpose.label();
    let start = area.x + (label.width() as u16).min(area.width);
    let room = area.x + area.width - start;
    let column = shown_width(prompt, prompt.cursor(), look);
    let shift = (column + 1).saturating_sub(usize::from(room));
    frame.buffer_mut().set_line(area.x, area.y, &Line::styled(label, look.style(Role::Prompt)), area.width);
    let columns = shift..shift + usize::from(room);
    let wrong = prompt.error.as_ref().map(|error| (error.at.clone(), look.style(Role::InputError)));
    let text = look.line(prompt.text(), columns, Role::Input, wrong.as_slice());
    frame.buffer_mut().set_line(start, area.y, &text, room);
    let cursor = start + u16::try_from(column - shift).unwrap_or(0).min(room.saturating_sub(1));
    frame.set_cursor_position(Position::new(cursor.min(area.x + area.width - 1), area.y));
    if area.height > 1 {
        let below = Rect { y: area.y + 1, height: 1, ..area };
        second_line(prompt, look, below, start, shift, frame);
    }
    if let Some(completion) = &prompt.completion {
        words(completion, look, area, start, frame);
    }
}

/// Columns that the first `bytes` bytes of the text take.
fn shown_width(prompt: &Prompt, bytes: usize, look: &Look<'_>) -> usize {
    let before = prompt.text().as_bytes().get(..bytes).unwrap_or_default();
    pieces(before, look.styles.form()).map(|piece| piece.width).sum()
}

/// The error under the column it is about, or the count of matches.
fn second_line(prompt: &Prompt, look: &Look<'_>, area: Rect, start: u16, shift: usize, frame: &mut Frame<'_>) {
    let line = match (&prompt.error, &prompt.preview) {
        (Some(error), _) => {
            let at = prompt.text().floor_char_boundary(error.at.start);
            let message = format!("^ {}", look.inert(&error.message));
            let column = usize::from(start - area.x) + shown_width(prompt, at, look).saturating_sub(shift);
            let column = column.min(usize::from(area.width).saturating_sub(message.width()));
            Line::styled(format!("{}{message}", " ".repeat(column)), look.style(Role::InputError))
        }
        (None, Some(scan)) => {
            let state = if scan.done { "" } else { " so far" };
            let count = scan.found.count();
            let noun = if count == 1 { "match" } else { "matches" };
            Line::styled(format!(" {count} {noun}{state}"), look.style(Role::Number))
        }
        (None, None) => Line::styled(" Enter applies, Esc cancels, Tab completes", look.style(Role::Muted)),
    };
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
}

/// The list of words, right above the prompt.
fn words(completion: &Completion, look: &Look<'_>, prompt: Rect, start: u16, frame: &mut Frame<'_>) {
    let height = u16::try_from(completion.words.len()).unwrap_or(WORDS).min(WORDS).min(prompt.y);
    let widest = completion.words.iter().map(|(word, doc)| word.width() + doc.width() + 4).max().unwrap_or(0);
    let room = prompt.x + prompt.width - start;
    let width = u16::try_from(widest).unwrap_or(room).min(room);
    let area = Rect { x: start, y: prompt.y - height, width, height };
    frame.render_widget(Clear, area);
    let first = (completion.selected + 1).saturating_sub(usize::from(height));
    let visible = completion.words.iter().enumerate().skip(first).take(usize::from(height));
    for (row, (place, (word, doc))) in visible.enumerate() {
        let role = if place == completion.selected { Role::Selected } else { Role::Overlay };
        let y = area.y + u16::try_from(row).unwrap_or(0);
        let line = Line::from(vec![Span::raw(format!(" {}  ", look.inert(word))), Span::raw(look.inert(doc))]);
        frame.buffer_mut().set_style(Rect { y, height: 1, ..area }, look.style(role));
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}
