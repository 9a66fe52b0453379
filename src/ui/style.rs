//! From themes to terminal styles.

use ratatui::style::{Color, Modifier, Style};

use crate::config::{Role, Theme};

/// The style of a role.
#[must_use]
pub fn style(_theme: &Theme, role: Role) -> Style {
    let plain = Style::new();
    match role {
        Role::Cursor | Role::Selected | Role::HexSelected => plain.add_modifier(Modifier::REVERSED),
        Role::Error | Role::InputError => plain.fg(Color::Red),
        Role::Warning => plain.fg(Color::Yellow),
        _ => plain,
    }
}
