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

/// A line whose left part is clipped so that the right part fits.
#[must_use]
pub fn sides<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, width: usize, more: &str) -> Line<'a> {
    let taken: usize = right.iter().map(Span::width).sum();
    let mut room = width.saturating_sub(taken + 1);
    let mut spans = Vec::new();
    for span in left {
        let text = clip(&span.content, room, more);
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
    }
}
