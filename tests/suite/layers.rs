//! Imports go down the layers only.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first; modules on one line may not import each other.
const LAYERS: &[&[&str]] = &[
    &["record"],
    &["civil", "escape"],
    &["source"],
    &["decode"],
    &["store"],
    &["query", "link"],
    &["ingest", "config", "report"],
    &["app"],
    &["ui"],
    &["cli", "term"],
];

/// The layers of the crate `look`, which is below the viewer; the viewer's modules of these names are its own.
const LOOK: &[&[&str]] = &[&["escape"], &["config"], &["keys", "ui", "term"]];

/// Where the viewer may name the crate `look`: these give its modules the viewer's names, which have layers.
const LOOK_IS_NAMED: &[&str] = &["lib.rs", "ui/mod.rs", "app/keys.rs"];

/// Neighbours on one layer that may know each other: the left one imports the right one.
const SIDEWAYS: &[(&str, &str)] = &[("cli", "term")];

/// Crates that draw or read the terminal, and the modules that may name them. The text that is being typed is part of
/// the model.
const TERMINAL: &[(&str, &[&str])] =
    &[("ratatui", &["ui", "cli", "term"]), ("crossterm", &["cli", "term"]), ("tui_textarea", &["app", "ui"])];

/// The same in the crate `look`.
const TERMINAL_OF_LOOK: &[(&str, &[&str])] = &[("ratatui", &["ui"]), ("crossterm", &["term"])];

fn layer(layers: &[&[&str]], module: &str) -> usize {
    layers.iter().position(|modules| modules.contains(&module)).unwrap_or_else(|| panic!("{module} has no layer"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the source folder is readable");
    let paths = entries.map(|entry| entry.expect("the entry is readable").path());
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn module_of(file: &Path, root: &Path) -> String {
    let inner = file.strip_prefix(root).expect("the file is below src");
    let first = inner.components().next().expect("a path has a first part").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules of this crate that a text names, as `crate::x`, `logvm::x` or in `crate::{x, y}`.
fn imports(text: &str) -> Vec<String> {
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for start in ["crate::", "logvm::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            match rest.strip_prefix('{') {
                None => found.push(word(rest)),
                Some(group) => found.extend(group_heads(group)),
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The first words of the parts of `a::b, c::{d, e}, f}`.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut head) = (1, Vec::new(), String::new());
    let mut taking = true;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                heads.push(std::mem::take(&mut head));
                taking = true;
            }
            c if depth == 1 && taking && (c.is_alphanumeric() || c == '_') => head.push(c),
            c if c.is_whitespace() => {}
            _ => taking = false,
        }
        if depth == 0 {
            break;
        }
    }
    heads.push(head);
    heads
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is wrong with the imports of the files below `root`.
fn upward(root: &Path, layers: &[&[&str]], terminal: &[(&str, &[&str])]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in rust_files(root) {
        let module = module_of(&file, root);
        if module == "lib" || module == "main" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("source files are UTF-8");
        for import in imports(&text) {
            let sideways = SIDEWAYS.contains(&(module.as_str(), import.as_str()));
            if import != module && layer(layers, &import) >= layer(layers, &module) && !sideways {
                wrong.push(format!("{} imports {import}", file.display()));
            }
        }
        for (name, allowed) in terminal {
            if !allowed.contains(&module.as_str()) && text.contains(&format!("{name}::")) {
                wrong.push(format!("{} names {name}", file.display()));
            }
        }
    }
    wrong
}

#[test]
fn imports_go_down() {
    let mut wrong = upward(&root().join("src"), LAYERS, TERMINAL);
    wrong.extend(upward(&root().join("look/src"), LOOK, TERMINAL_OF_LOOK));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_look_knows_no_other_crate_of_the_project() {
    let manifest = fs::read_to_string(root().join("look/Cargo.toml")).expect("the manifest is there");
    assert_eq!(manifest.matches("logvm").count(), 2, "its own name and what its description says: {manifest}");
    assert!(!manifest.contains("path ="), "{manifest}");
}

#[test]
fn the_look_has_the_viewers_names_in_the_viewer() {
    let src = root().join("src");
    let names_it = |file: &PathBuf| fs::read_to_string(file).expect("source files are UTF-8").contains("logvm_look");
    let files = rust_files(&src).into_iter().filter(names_it);
    let files = files.map(|file| file.strip_prefix(&src).expect("below src").to_string_lossy().into_owned());
    let strays: Vec<String> = files.filter(|file| !LOOK_IS_NAMED.contains(&file.as_str())).collect();
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn the_check_sees_every_way_to_import() {
    assert_eq!(imports("use crate::app::Model;\nlet x = crate::ui::draw();"), ["app", "ui"]);
    assert_eq!(imports("use crate::{query::{a, b}, store, record::Kind};"), ["query", "store", "record"]);
    assert!(imports("//! see [`crate::ui`]").is_empty());
}
