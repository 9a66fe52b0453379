//! Text from logs as spans that can be drawn: harmless, cut to the columns that are visible, marks in their own style.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::style::Styles;
use crate::config::Role;
use crate::escape::{self, Piece};

/// The visible part of a line: `columns` counts from the line's own first column, so that its start is how far the
/// pane has been scrolled to the right. Bytes in `highlights` are drawn in the style given with them, over `style`.
#[must_use]
pub fn line(
    bytes: &[u8],
    columns: Range<usize>,
    style: Style,
    highlights: &[(Range<usize>, Style)],
    styles: &Styles,
) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut before = String::new();
    for piece in escape::cut(bytes, columns, styles.form()).pieces {
        let style = look(&piece, style, highlights, styles);
        match spans.last_mut().filter(|last| last.style == style && !ligature(&before, &piece)) {
            Some(last) => last.content.to_mut().push_str(&piece.text),
            None => spans.push(Span::styled(piece.text.to_string(), style)),
        }
        before = piece.text.into_owned();
    }
    Line::from(spans)
}

/// Whether the piece is narrower behind the one before it than alone (as Arabic alef is behind lam). ratatui counts
/// such a span narrower than it draws it, and the next one would hide its end; so these never share a span.
fn ligature(before: &str, piece: &Piece<'_>) -> bool {
    !before.is_ascii()
        && !piece.text.is_ascii()
        && format!("{before}{}", piece.text).width() != before.width() + piece.width
}

/// A text that came from a log and fits into `width` columns, or is cut to them.
#[must_use]
pub fn text(text: &str, width: usize, style: Style, styles: &Styles) -> Line<'static> {
    line(text.as_bytes(), 0..width, style, &[], styles)
}

fn look(piece: &Piece<'_>, style: Style, highlights: &[(Range<usize>, Style)], styles: &Styles) -> Style {
    let style = match (piece.mark, piece.at.is_empty()) {
        (true, true) => style.patch(styles.get(Role::Muted)),
        (true, false) => style.patch(styles.get(Role::Escape)),
        (false, _) => style,
    };
    let touched = highlights.iter().find(|(at, _)| at.start < piece.at.end && piece.at.start < at.end);
    touched.map_or(style, |(_, over)| style.patch(*over))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::widgets::Widget;

    use super::*;
    use crate::config::{Depth, Theme};
    use crate::escape::tests::hostile;

    fn styles() -> Styles {
        Styles::new(&Theme::load("mono", None).expect("built in"), Depth::True, false)
    }

    #[test]
    fn marks_and_highlights_have_their_own_style() {
        let styles = styles();
        let found = styles.get(Role::Match);
        let line = line(b"a\x1b[1mbc", 0..20, Style::new(), &[(5..6, found)], &styles);
        let spans: Vec<(&str, Style)> = line.spans.iter().map(|span| (span.content.as_ref(), span.style)).collect();
        let plain = Style::new();
        assert_eq!(spans, [("a", plain), ("␛", styles.get(Role::Escape)), ("[1m", plain), ("b", found), ("c", plain)]);
    }

    #[test]
    fn an_overlong_line_ends_with_a_mark() {
        let line = text("0123456789", 5, Style::new(), &styles());
        assert_eq!(line.to_string(), "0123…");
    }

    proptest! {
        #[test]
        fn a_drawn_line_is_as_wide_as_promised(text in "\\PC{0,60}", bytes in hostile(), width in 1_u16..40) {
            let styles = styles();
            for input in [text.as_bytes(), &bytes] {
                let line = line(input, 0..usize::from(width), Style::new(), &[], &styles);
                let promised = escape::cut(input, 0..usize::from(width), styles.form()).width;
                let mut buffer = Buffer::filled(Rect::new(0, 0, 60, 1), ratatui::buffer::Cell::new("\u{e000}"));
                line.render(Rect::new(0, 0, 60, 1), &mut buffer);
                let drawn = buffer.content.iter().rposition(|cell| cell.symbol() != "\u{e000}").map_or(0, |last| last + 1);
                prop_assert_eq!(drawn, promised, "{:?}", input);
            }
        }
    }
}
