//! Breaks long text into the lines that a column of cells has room for.

use crate::escape::{Form, pieces};

/// The harmless form of `bytes` in lines of at most `width` columns; line breaks of the text stay.
#[must_use]
pub fn wrap(bytes: &[u8], width: usize, form: Form) -> Vec<String> {
    bytes.split(|byte| *byte == b'\n').flat_map(|line| wrap_line(line, width, form)).collect()
}

/// How many lines [`wrap`] gives.
#[must_use]
pub fn height(bytes: &[u8], width: usize) -> usize {
    wrap(bytes, width, Form::default()).len()
}

fn wrap_line(bytes: &[u8], width: usize, form: Form) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(bytes, form) {
        if used > 0 && used + piece.width > width {
            lines.push(String::new());
            used = 0;
        }
        used += piece.width;
        if let Some(line) = lines.last_mut() {
            line.push_str(&piece.text);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    proptest! {
        #[test]
        fn wrapped_text_is_whole_and_fits(text in "[ -~一-龥]{0,60}", width in 2..20usize) {
            let lines = wrap(text.as_bytes(), width, Form::default());
            prop_assert_eq!(lines.concat(), text);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
        }
    }

    #[test]
    fn line_breaks_stay_and_control_characters_do_not() {
        assert_eq!(wrap(b"a\nb\x1b", 10, Form::default()), ["a", "b␛"]);
    }
}
