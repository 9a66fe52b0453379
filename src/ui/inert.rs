//! Makes text from logs inert.

/// `text` with every control character replaced by a visible mark.
#[must_use]
pub fn inert(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || !(' '..='\u{24ff}').contains(&c) { '\u{fffd}' } else { c }).collect()
}
