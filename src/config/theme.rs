//! Themes: how the roles on the screen look.

/// A look for every role.
#[derive(Clone, Debug, Default)]
pub struct Theme;
