use std::fs;
use std::path::{Path, PathBuf};

use super::color::contrast;
use super::keymap::KEYMAPS;
use super::theme::THEMES;
use super::*;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/config")
}

/// The files of a folder; the first line of each is `# expect: <what the error says behind the file's name>`.
fn invalid(folder: &str) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(data().join(folder)).expect("the folder of invalid files");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|path| (path.clone(), expected(&path))).collect()
}

fn expected(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a readable file");
    let line = text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
    line.unwrap_or_else(|| panic!("{} does not say what to expect", path.display())).to_owned()
}

/// The files of a folder that are not refused as they say they should be.
fn wrongly_refused(folder: &str, load: impl Fn(&str) -> Option<Error>) -> Vec<String> {
    let check = |(path, expected): (PathBuf, String)| {
        let name = path.display().to_string();
        let got = load(&name).map_or_else(|| "no error".to_owned(), |error| error.to_string());
        let folder = data().join(folder).display().to_string();
        let expected = expected.replace("{file}", &name).replace("{folder}", &folder);
        (got != format!("{name}{expected}")).then_some(got)
    };
    invalid(folder).into_iter().filter_map(check).collect()
}

#[test]
fn invalid_themes_are_refused_with_place_and_reason() {
    let wrong = wrongly_refused("themes", |name| Theme::load(name, None).err());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn invalid_keymaps_are_refused_with_place_and_reason() {
    let wrong = wrongly_refused("keymaps", |name| Keymap::load(name, None).err());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn built_in_themes_have_every_role() {
    for (name, _) in THEMES.built_in {
        let theme = Theme::load(name, None).expect("a built-in theme loads");
        let missing: Vec<&str> = ROLES.iter().filter(|info| !theme.defines(info.role)).map(|info| info.name).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn built_in_keymaps_load() {
    for (name, _) in KEYMAPS.built_in {
        assert!(!Keymap::load(name, None).expect("a built-in keymap loads").bindings.is_empty());
    }
}

/// The colours a role's text is read in: rows lie over the ground, text over rows.
fn colours(theme: &Theme, role: Role, under: Role) -> (Color, Color) {
    let (style, row, ground) = (theme.get(role), theme.get(under), theme.get(Role::Text));
    let fg = style.fg.or(row.fg).or(ground.fg).expect("the text role has a colour");
    let bg = style.bg.or(row.bg).or(ground.bg).expect("the text role has a ground");
    (fg, bg)
}

#[test]
fn text_can_be_read() {
    let mut faint = Vec::new();
    for name in ["dark", "light"] {
        let theme = Theme::load(name, None).expect("built in");
        for under in [Role::Text, Role::Cursor, Role::CursorOther, Role::Selected, Role::Overlay, Role::Header] {
            for info in ROLES.iter().filter(|info| info.text) {
                let (fg, bg) = colours(&theme, info.role, under);
                let ratio = contrast(fg, bg).expect("colours of these themes are known");
                faint.extend((ratio < 4.5).then(|| format!("{name}: {} on {under:?}: {ratio:.2}", info.name)));
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn sixteen_colours_never_hide_text() {
    for name in ["dark", "light"] {
        let theme = Theme::load(name, None).expect("built in").degrade(Depth::Sixteen);
        for info in ROLES {
            let (fg, bg) = colours(&theme, info.role, Role::Text);
            assert_ne!(fg, bg, "{name}: {}", info.name);
        }
    }
}

#[test]
fn a_user_overrides_by_name_and_builds_on_what_is_built_in() {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("themes")).expect("a folder");
    let own = "inherits = \"dark\"\n[palette]\nsky = 33\n[roles]\nmuted = { fg = \"red\" }\n";
    fs::write(home.path().join("themes/dark.toml"), own).expect("a file");
    let theme = Theme::load("dark", Some(home.path())).expect("a valid theme");
    assert_eq!(theme.get(Role::Muted).fg, Some(Color::Indexed(1)));
    assert_eq!(theme.get(Role::Accent).fg, Some(Color::Indexed(33)), "its palette reaches inherited roles");
    assert_eq!(theme.get(Role::Text), Theme::load("dark", None).expect("built in").get(Role::Text));
}

#[test]
fn a_keymap_takes_bindings_away_and_replaces_them() {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("keymaps")).expect("a folder");
    let own = "inherits = \"default\"\n[keys]\n\"j\" = \"quit\"\n\"k\" = \"none\"\n";
    fs::write(home.path().join("keymaps/mine.toml"), own).expect("a file");
    let keymap = Keymap::load("mine", Some(home.path())).expect("a valid keymap");
    let bound = |key: char| {
        let chords = [Chord::char(key)];
        keymap.bindings.iter().filter(|b| b.chords == chords).map(|b| b.action.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((bound('j'), bound('k')), (vec!["quit"], vec![]));
}

#[test]
fn files_that_are_missing_or_circular_are_named() {
    let error = |name: &str| Theme::load(name, None).expect_err(name).to_string();
    assert_eq!(error("drak"), "drak: unknown theme \"drak\"; did you mean \"dark\"?");
    assert_eq!(error("solarized"), "solarized: unknown theme \"solarized\"; expected a path or dark, light, mono");
    assert!(error("./none.toml").starts_with("./none.toml: cannot read the theme ./none.toml: "));
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("themes")).expect("a folder");
    for (name, parent) in [("a", "b"), ("b", "a")] {
        let path = home.path().join(format!("themes/{name}.toml"));
        fs::write(path, format!("inherits = \"{parent}\"\n")).expect("a file");
    }
    let error = Theme::load("a", Some(home.path())).expect_err("a circle").to_string();
    assert!(error.ends_with("b.toml:1:12: \"a\" inherits from itself"), "{error}");
}

#[test]
fn distances() {
    for (a, b, expected) in [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("top", "pot", 2)] {
        assert_eq!(distance(a, b), expected, "{a} {b}");
    }
}

#[test]
fn a_suggestion_is_near_or_absent() {
    assert_eq!(suggest("move-dwon", ["move-up", "move-down"]), Some("move-down"));
    assert_eq!(suggest("xyzzy", ["move-up", "move-down"]), None);
}
