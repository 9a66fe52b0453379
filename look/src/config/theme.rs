//! Themes: a style for every [`Role`].
//!
//! ```toml
//! inherits = "dark"
//! [palette]
//! ink = "#d8dee9"
//! [roles]
//! text = { fg = "ink", bg = 234 }
//! error = { fg = "bright-red", modifiers = ["bold"] }
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::color::{Color, Depth, Written};
use super::files::{Document, Inherits, Shelf};
use super::{Error, Place, ROLES, Role, suggest};

/// The themes that are built in.
pub const THEMES: Shelf = Shelf {
    folder: "themes",
    noun: "theme",
    built_in: &[
        ("dark", include_str!("../../../themes/dark.toml")),
        ("light", include_str!("../../../themes/light.toml")),
        ("mono", include_str!("../../../themes/mono.toml")),
    ],
};

/// How text looks. No field stands for the same as the terminal's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Colour of the text; none keeps what is there.
    pub fg: Option<Color>,
    /// Colour behind it; none keeps what is there.
    pub bg: Option<Color>,
    /// Heavier.
    pub bold: bool,
    /// Fainter.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// With a line under it.
    pub underlined: bool,
    /// Both colours exchanged.
    pub reversed: bool,
}

/// The names of modifiers in themes.
const MODIFIERS: [&str; 5] = ["bold", "dim", "italic", "underlined", "reversed"];

impl Style {
    fn modifier(&mut self, name: &str) -> Option<&mut bool> {
        match name {
            "bold" => Some(&mut self.bold),
            "dim" => Some(&mut self.dim),
            "italic" => Some(&mut self.italic),
            "underlined" => Some(&mut self.underlined),
            "reversed" => Some(&mut self.reversed),
            _ => None,
        }
    }
}

/// A style for every role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    styles: BTreeMap<Role, Style>,
}

type Palette = BTreeMap<String, Color>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<Spanned<String>>,
    #[serde(default)]
    palette: BTreeMap<Spanned<String>, Spanned<Written>>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, WrittenStyle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStyle {
    fg: Option<Spanned<Written>>,
    bg: Option<Spanned<Written>>,
    #[serde(default)]
    modifiers: Vec<Spanned<String>>,
}

impl Inherits for File {
    fn parent(&self) -> Option<&Spanned<String>> {
        self.inherits.as_ref()
    }
}

impl Theme {
    /// Loads a theme by name (the user's under `home`, else a built-in one) or by path, with all that it inherits from.
    ///
    /// # Errors
    /// Unreadable files, unknown roles, colours and modifiers.
    pub fn load(name: &str, home: Option<&Path>) -> Result<Self, Error> {
        let chain = THEMES.read::<File>(name, home)?;
        let mut palette = Palette::new();
        for (document, file) in &chain {
            extend(&mut palette, document, file)?;
        }
        let mut styles = BTreeMap::new();
        for (document, file) in &chain {
            for (role, style) in &file.roles {
                styles.insert(find_role(document, role)?, resolve(document, &palette, style)?);
            }
        }
        Ok(Self { styles })
    }

    /// The style of a role; nothing special where the theme says nothing.
    #[must_use]
    pub fn get(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    /// Whether the theme says something about a role.
    #[must_use]
    pub fn defines(&self, role: Role) -> bool {
        self.styles.contains_key(&role)
    }

    /// The theme on a terminal with fewer colours. What was told by a background alone is reversed when there are no
    /// colours, and text that would take the colour of its background becomes black or white.
    #[must_use]
    pub fn degrade(&self, depth: Depth) -> Self {
        let ground = self.get(Role::Text).bg;
        let styles = self.styles.iter().map(|(role, style)| (*role, degrade(*style, ground, depth)));
        Self { styles: styles.collect() }
    }
}

fn degrade(style: Style, ground: Option<Color>, depth: Depth) -> Style {
    let mut result = style;
    result.fg = style.fg.map(|color| color.degrade(depth));
    result.bg = style.bg.map(|color| color.degrade(depth));
    if depth == Depth::None {
        result.reversed |= style.bg.is_some_and(|bg| Some(bg) != ground);
        return result;
    }
    let behind = result.bg.or_else(|| ground.map(|color| color.degrade(depth)));
    if behind.is_some() && result.fg == behind && style.fg != style.bg.or(ground) {
        let light = behind.and_then(Color::luminance).is_some_and(|luminance| luminance > 0.18);
        result.fg = Some(Color::Indexed(if light { 0 } else { 15 }));
    }
    result
}

/// Adds a file's palette to that of the files it inherits from.
fn extend(palette: &mut Palette, document: &Document, file: &File) -> Result<(), Error> {
    let mut own = Palette::new();
    for (name, written) in &file.palette {
        if Color::from_name(name.get_ref()).is_some() {
            let message = format!("{:?} is a colour already; choose another name", name.get_ref());
            return Err(document.place(name.span().start).error(message));
        }
        own.insert(name.get_ref().clone(), color(document, palette, written)?);
    }
    palette.extend(own);
    Ok(())
}

fn find_role(document: &Document, name: &Spanned<String>) -> Result<Role, Error> {
    Role::from_name(name.get_ref()).ok_or_else(|| {
        let known = ROLES.iter().map(|info| info.name);
        unknown(&document.place(name.span().start), "role", name.get_ref(), known, "one that docs/themes.md lists")
    })
}

fn resolve(document: &Document, palette: &Palette, written: &WrittenStyle) -> Result<Style, Error> {
    let find = |written: &Option<Spanned<Written>>| written.as_ref().map(|w| color(document, palette, w)).transpose();
    let mut style = Style { fg: find(&written.fg)?, bg: find(&written.bg)?, ..Style::default() };
    for name in &written.modifiers {
        let place = || document.place(name.span().start);
        let modifier = style.modifier(name.get_ref());
        *modifier.ok_or_else(|| {
            unknown(&place(), "modifier", name.get_ref(), MODIFIERS.into_iter(), &MODIFIERS.join(", "))
        })? = true;
    }
    Ok(style)
}

fn color(document: &Document, palette: &Palette, written: &Spanned<Written>) -> Result<Color, Error> {
    match written.get_ref() {
        Written::Index(index) => Ok(Color::Indexed(*index)),
        Written::Name(name) => palette.get(name).copied().or_else(|| Color::from_name(name)).ok_or_else(|| {
            let known = palette.keys().map(String::as_str).chain(Color::names());
            let expected = "a name of the palette, one of the 16 colours, \"default\", an index, or \"#rrggbb\"";
            unknown(&document.place(written.span().start), "colour", name, known, expected)
        }),
    }
}

fn unknown<'a>(place: &Place, noun: &str, name: &str, known: impl Iterator<Item = &'a str>, expected: &str) -> Error {
    match suggest(name, known) {
        Some(near) => place.error(format!("unknown {noun} {name:?}; did you mean {near:?}?")),
        None => place.error(format!("unknown {noun} {name:?}; expected {expected}")),
    }
}
