//! Text that fits into cells.

use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The beginning of `text` that fits into `width` columns, with `more` at its end where something was left out.
#[must_use]
pub fn clip(text: &str, width: usize, more: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(more.width());
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= room
    };
    let mut start: String = text.chars().take_while(fits).collect();
    if width >= more.width() {
        start.push_str(more);
    }
    start
}

/// The spans without their first `columns` columns.
#[must_use]
pub fn skip_columns(spans: Vec<Span<'_>>, columns: usize) -> Vec<Span<'_>> {
    let mut left = columns;
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans {
        if left == 0 {
            kept.push(span);
            continue;
        }
        let skipped = |c: &char| {
            let width = c.width().unwrap_or(0);
            let skip = left > 0;
            left = left.saturating_sub(width);
            skip
        };
        let rest: String = { span.content.chars().skip_while(skipped).collect() };
        if !rest.is_empty() {
            kept.push(Span::styled(rest, span.style));
        }
    }
    kept
}

/// Breaks text into lines of at most `width` columns, at any character.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns > width.max(2) {
            lines.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

/// A line whose left part is clipped so that the right part fits.
#[must_use]
pub fn sides<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, width: usize) -> Line<'a> {
    let taken: usize = right.iter().map(Span::width).sum();
    let mut room = width.saturating_sub(taken + 1);
    let mut spans = Vec::new();
    for span in left {
        let text = clip(&span.content, room, "…");
        room -= text.width().min(room);
        spans.push(Span::styled(text, span.style));
    }
    if taken < width {
        spans.push(Span::raw(" ".repeat(room + 1)));
        spans.extend(right);
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn clipped_text_fits(text in ".{0,40}", width in 0..30usize) {
            prop_assert!(clip(&text, width, "…").width() <= width);
        }

        #[test]
        fn wrapped_text_is_whole_and_fits(text in "[ -~一-龥]{0,60}", width in 2..20usize) {
            let lines = wrap(&text, width);
            prop_assert_eq!(lines.concat(), text);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
        }
    }

    #[test]
    fn columns_are_skipped_across_spans() {
        let spans = skip_columns(vec![Span::raw("ab"), Span::raw("cdef")], 3);
        assert_eq!(spans, [Span::raw("def")]);
    }
}
