//! What the README says is true: its picture is the demo's screen, and its commands exist.

mod svg;

use std::fs;
use std::path::{Path, PathBuf};

use logvm::app::Action;
use logvm::ingest::{Input, Options, Reading};

use crate::screen::viewer::Viewer;

const ARCHIVE: &[u8] = include_bytes!("../../demo/archive.tar.zst");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Compares a document with what it should be, or writes it when `LOGVM_BLESS` is set.
fn up_to_date(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("LOGVM_BLESS").is_some() {
        fs::write(&path, text).expect("a writable document");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{} is stale: run the tests with LOGVM_BLESS=1", path.display());
}

fn demo(size: (u16, u16)) -> Viewer {
    let reading = Reading::start(vec![Input::Memory("demo", ARCHIVE)], Options::default());
    reading.wait();
    Viewer::open(reading.store().snapshot(), size)
}

#[test]
fn the_picture_is_the_demo() {
    let mut viewer = demo((140, 34));
    viewer.model.archive = "demo".to_owned();
    viewer.ask(Action::GoToTime, "18:54:14");
    viewer.act(Action::Pane2);
    viewer.ask(Action::Search, "443");
    viewer.act(Action::SearchNext);
    viewer.ask(Action::Command, "pane packets");
    viewer.act(Action::OpenDetail);
    up_to_date("docs/screen.svg", &svg::render(&viewer.buffer()));
    up_to_date("docs/screen.txt", &(viewer.screen() + "\n"));
}

#[test]
fn the_demo_is_small() {
    assert!(ARCHIVE.len() < 400_000, "the bundled archive has {} bytes", ARCHIVE.len());
}

#[test]
fn the_readme_names_commands_that_exist() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README is there");
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_logvm")).arg("--help").output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("help is UTF-8");
    let named = readme.lines().filter_map(|line| line.trim().strip_prefix("logvm "));
    let commands: Vec<&str> = named.filter_map(|rest| rest.split_whitespace().next()).collect();
    assert!(commands.len() >= 5);
    for command in commands {
        assert!(help.contains(&format!("  {command} ")), "the README names `logvm {command}`, which does not exist");
    }
}
