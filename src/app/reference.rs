//! The tables of `docs/`, which this test writes from the tables of the code (with `LOGVM_BLESS=1`) or compares to them.

use std::fs;
use std::path::Path;

use super::action::{ACTIONS, Context, Topic};
use super::keys::Keys;
use crate::config::keymap::KEYMAPS;
use crate::config::theme::THEMES;
use crate::config::{Color, Keymap, ROLES, Role, Theme};

const INTRODUCTION_TO_KEYS: &str = "# Keys and actions

Every action has a name. Keymaps bind keys to names, the finder and the command line run them by name.

A keymap is a TOML file, given by its path or kept in `$XDG_CONFIG_HOME/logvm/keymaps/` (`~/.config/logvm/keymaps/`):

    inherits = \"default\"
    [keys]
    \"C-f\" = \"page-down\"
    \"g g\" = \"top\"      # one key after the other
    \"g\" = \"none\"       # takes an inherited binding away

`C-` is control, `A-` alt, `S-` shift. Keys without a character are `Enter`, `Esc`, `Tab`, `Space`, `Backspace`, `Delete`,
`Insert`, `Up`, `Down`, `Left`, `Right`, `Home`, `End`, `PageUp`, `PageDown`, `F1` to `F24`. Terminals send the same byte
for `C-i` and `Tab`, `C-m` and `Enter`, `C-[` and `Esc`, so these are one key each. No binding may begin another one.
";

const INTRODUCTION_TO_THEMES: &str = "# Themes

A theme gives each role a style. It is a TOML file, given by its path or kept in `$XDG_CONFIG_HOME/logvm/themes/`
(`~/.config/logvm/themes/`):

    inherits = \"dark\"
    [palette]
    sky = \"#7cb7ff\"
    [roles]
    accent = { fg = \"sky\", modifiers = [\"bold\"] }
    cursor = { bg = 237 }

A colour is a name of the palette, `default` (the terminal's own), an index of xterm's 256 colours, `#rrggbb`, or one of
`black`, `red`, `green`, `yellow`, `blue`, `magenta`, `cyan`, `white`, each also with `bright-` before it. Modifiers are
`bold`, `dim`, `italic`, `underlined` and `reversed`. A role that a theme leaves out looks like what is around it. A
palette replaces colours of the theme it inherits from. With fewer colours the nearest are taken; `NO_COLOR` leaves none.
";

/// The head of a table that ends with a column for each theme or keymap.
fn head(first: &[&str], names: &[(&str, &str)]) -> String {
    let columns: Vec<&str> = first.iter().copied().chain(names.iter().map(|(name, _)| *name)).collect();
    format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", text.replace('|', "\\|"))
}

fn context_name(context: &Context) -> &'static str {
    match context {
        Context::Pane => "panes",
        Context::Detail => "detail",
        Context::Sources => "sources",
        Context::Help => "help",
    }
}

fn keys_document() -> String {
    let keymaps: Vec<Keys> = KEYMAPS.built_in.iter().map(|(name, _)| keymap(name)).collect();
    let mut text = INTRODUCTION_TO_KEYS.to_owned();
    for topic in Topic::ALL {
        text += &format!("\n## {}\n\n{}", topic.name(), head(&["Action", "What it does", "Where"], KEYMAPS.built_in));
        for info in ACTIONS.iter().filter(|info| info.topic == topic) {
            let places: Vec<&str> = info.contexts.iter().map(context_name).collect();
            let places = if places.is_empty() { "everywhere".to_owned() } else { places.join(", ") };
            let keys: Vec<String> = keymaps.iter().map(|keys| shown(keys.of(info.action))).collect();
            text += &format!("| `{}` | {} | {places} | {} |\n", info.name, info.doc, keys.join(" | "));
        }
    }
    text
}

fn keymap(name: &str) -> Keys {
    Keys::compile(&Keymap::load(name, None).expect("built in")).expect("built in")
}

fn shown(keys: &[String]) -> String {
    keys.iter().map(|key| code(key)).collect::<Vec<_>>().join(", ")
}

fn themes_document() -> String {
    let themes: Vec<Theme> =
        THEMES.built_in.iter().map(|(name, _)| Theme::load(name, None).expect("built in")).collect();
    let mut text = format!("{INTRODUCTION_TO_THEMES}\n{}", head(&["Role", "What is drawn with it"], THEMES.built_in));
    for info in ROLES {
        let styles: Vec<String> = themes.iter().map(|theme| style(theme, info.role)).collect();
        text += &format!("| `{}` | {} | {} |\n", info.name, info.doc, styles.join(" | "));
    }
    text
}

fn style(theme: &Theme, role: Role) -> String {
    let style = theme.get(role);
    let color = |color: Color| match color {
        Color::Default => "default".to_owned(),
        Color::Indexed(index) => index.to_string(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
    };
    let flags = [
        (style.bold, "bold"),
        (style.dim, "dim"),
        (style.italic, "italic"),
        (style.underlined, "underlined"),
        (style.reversed, "reversed"),
    ];
    let colours = [style.fg.map(color), style.bg.map(|bg| format!("on {}", color(bg)))];
    let flags = flags.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned());
    colours.into_iter().flatten().chain(flags).collect::<Vec<_>>().join(" ")
}

fn up_to_date(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("LOGVM_BLESS").is_some() {
        fs::write(&path, text).expect("a writable document");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "docs/{name} is stale: run the tests with LOGVM_BLESS=1");
}

#[test]
fn keys_are_documented() {
    up_to_date("keys.md", &keys_document());
}

#[test]
fn themes_are_documented() {
    up_to_date("themes.md", &themes_document());
}
