//! A theme as ratatui's styles.

use ratatui::style::{Color as Paint, Modifier, Style as Look};

use crate::config::{Color, Depth, ROLES, Role, Style, Theme};
use crate::escape::Form;

/// A style for every role, ready to draw with, and how text from logs is written.
#[derive(Clone, Debug)]
pub struct Styles {
    looks: Vec<Look>,
    form: Form,
}

impl Styles {
    /// The styles of a theme on a terminal of that depth. `ascii` keeps everything that is drawn to ASCII.
    #[must_use]
    pub fn new(theme: &Theme, depth: Depth, ascii: bool) -> Self {
        let theme = theme.degrade(depth);
        let looks = ROLES.iter().map(|info| look(theme.get(info.role))).collect();
        Self { looks, form: Form { ascii, ..Form::default() } }
    }

    /// The style of a role. Fields it does not set keep what is there, so roles can be laid over one another.
    #[must_use]
    pub fn get(&self, role: Role) -> Look {
        self.looks.get(role as usize).copied().unwrap_or_default()
    }

    /// The style for the name of an origin: always the same for the same name.
    #[must_use]
    pub fn origin(&self, name: &str) -> Look {
        let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.get(Role::ORIGINS[sum % Role::ORIGINS.len()])
    }

    /// How text from logs is written.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Whether everything that is drawn has to be ASCII.
    #[must_use]
    pub const fn ascii(&self) -> bool {
        self.form.ascii
    }
}

fn look(style: Style) -> Look {
    let flags = [
        (style.bold, Modifier::BOLD),
        (style.dim, Modifier::DIM),
        (style.italic, Modifier::ITALIC),
        (style.underlined, Modifier::UNDERLINED),
        (style.reversed, Modifier::REVERSED),
    ];
    let set = flags.iter().filter(|(set, _)| *set).fold(Modifier::empty(), |all, (_, one)| all | *one);
    Look { fg: style.fg.map(paint), bg: style.bg.map(paint), ..Look::new().add_modifier(set) }
}

const fn paint(color: Color) -> Paint {
    match color {
        Color::Default => Paint::Reset,
        Color::Indexed(index) => Paint::Indexed(index),
        Color::Rgb(red, green, blue) => Paint::Rgb(red, green, blue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_modifiers_arrive() {
        let dark = Theme::load("dark", None).expect("built in");
        let styles = Styles::new(&dark, Depth::True, false);
        let accent = styles.get(Role::Accent);
        assert_eq!(accent.fg, Some(Paint::Rgb(0x7c, 0xb7, 0xff)));
        assert_eq!(accent.bg, None);
        assert!(accent.add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn without_colours_the_cursor_is_still_seen() {
        let dark = Theme::load("dark", None).expect("built in");
        let cursor = Styles::new(&dark, Depth::None, false).get(Role::Cursor);
        assert_eq!((cursor.fg, cursor.bg), (None, Some(Paint::Reset)));
        assert!(cursor.add_modifier.contains(Modifier::REVERSED));
    }
}
