//! The program in a real terminal, with a script in the place of `logvm-archive`.

use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// Notes its arguments, and lists what is in a file; a removal takes the line out of the file.
const ARCHIVE: &str = r#"#!/bin/sh
echo "$*" >> "$STAGE/calls"
case $1 in
list) cat "$STAGE/list" ;;
usage) echo '{"root":"QubesLogs","origin":"work","bytes":900,"files":1,"charged":900,"quota":1000}' ;;
rm) grep -v "$3" "$STAGE/list" > "$STAGE/new"; mv "$STAGE/new" "$STAGE/list" ;;
hold) sed -i "/$2/s/closed/held/" "$STAGE/list" ;;
unhold) echo 'it cannot be' >&2; exit 74 ;;
fetch) echo "a tar of $2" ;;
esac
"#;

/// Notes its arguments and what it gets.
const OPENER: &str = r#"#!/bin/sh
echo "opener $*: $(cat)" >> "$STAGE/calls"
printf '\033]0;owned\007' ; printf '\033]0;owned\007' >&2
echo done >> "$STAGE/opened"
"#;

const LIST: &str = r#"{"id":"aaaa","origin":"work","kind":"log","start":"2026-11-21T01:00:00.000000Z","end":"2026-11-21T02:00:00.000000Z","size":500,"state":"closed","later":1}
{"id":"bbbb","origin":"sys-net","kind":"capture","start":"2026-11-21T03:00:00.000000Z","end":"2026-11-21T03:30:00.000000Z","size":7,"state":"closed"}
{"id":"cccc","origin":"vault","kind":"log","start":"2026-11-21T02:00:00.000000Z","end":null,"size":9000,"state":"open"}
"#;

/// The program in a terminal of 100 by 30.
struct Stage {
    folder: TempDir,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    screen: vt100::Parser,
    output: Vec<u8>,
}

fn script(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

impl Stage {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["bin", "config", "config/logvm", "QubesLogs"] {
            fs::create_dir(at(name)).expect("created");
        }
        script(&at("bin/logvm-archive"), ARCHIVE);
        script(&at("bin/opener"), OPENER);
        fs::write(at("list"), LIST).expect("written");
        fs::write(at("QubesLogs/alerts.log"), "2026-11-21T03:00:00.000000Z\twork\t90 % used\n").expect("written");
        fs::write(at("config/logvm/browser.toml"), "[open]\nlog = [\"opener\", \"a b\", \"$HOME\"]\n")
            .expect("written");
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logvm-browser"));
        let path = std::env::var("PATH").expect("a path");
        command.env("PATH", format!("{}:{path}", at("bin").display()));
        command.env("STAGE", folder.path());
        command.env("HOME", folder.path());
        command.env("XDG_CONFIG_HOME", at("config"));
        command.env("LC_ALL", "C.UTF-8");
        let child = pair.slave.spawn_command(command).expect("a child");
        let reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let cells = |count: u16| NonZero::new(count).expect("not 0");
        let screen = vt100::Parser::new(cells(30), cells(100), 0);
        Self { folder, _master: pair.master, writer, child, reader, screen, output: Vec::new() }
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("the keys are written");
        self.writer.flush().expect("the keys are written");
    }

    /// Reads until the screen is as it should be.
    fn until(&mut self, what: &str, is: impl Fn(&str) -> bool) {
        while !is(&self.screen.screen().contents()) {
            assert!(self.read(), "it ended before {what}:\n{}", self.screen.screen().contents());
        }
    }

    fn until_shown(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Reads some; `false` at the end.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = self.reader.read(&mut buffer).unwrap_or(0);
        self.screen.process(&buffer[..read]);
        self.output.extend_from_slice(&buffer[..read]);
        read > 0
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Leaves, and checks that the terminal is as it was; what was called.
    fn quit(mut self) -> Vec<String> {
        self.keys("q");
        while self.read() {}
        assert!(self.child.wait().expect("it ends").success());
        let output = String::from_utf8_lossy(&self.output).into_owned();
        let taken = output.find("\x1b[?1049h").expect("the terminal was taken over");
        for back in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l", "\x1b[?1000l"] {
            assert!(output.rfind(back).is_some_and(|at| at > taken), "{back:?} is missing");
        }
        assert!(!output.contains("owned"), "nothing that an opener says reaches the terminal");
        self.calls()
    }
}

fn line_of(screen: &str, text: &str) -> usize {
    screen.lines().position(|line| line.contains(text)).unwrap_or(usize::MAX)
}

#[test]
fn it_lists_sorts_and_filters() {
    let mut stage = Stage::open();
    stage.until_shown("03:00 work 90 % used");
    stage.until("the latest first", |screen| line_of(screen, "capture") < line_of(screen, "2026-11-21 02:00:00"));
    assert!(stage.screen.screen().contents().contains("90 %"));
    stage.keys("4");
    stage.until("the largest first", |screen| line_of(screen, "8.8 KiB") < line_of(screen, "500 B"));
    stage.keys("/work");
    stage.until("a filter", |screen| !screen.contains("capture") && screen.contains("filter: work"));
    stage.keys("\r");
    stage.until_shown("filter \"work\": 1");
    let mut calls = stage.quit();
    calls.sort();
    assert_eq!(calls, ["list --json", "usage --json"]);
}

#[test]
fn it_holds_and_refuses_to_delete_what_is_held() {
    let mut stage = Stage::open();
    stage.until_shown("capture");
    stage.keys("h");
    stage.until("the hold", |screen| screen.lines().any(|line| line.contains("capture") && line.contains("held")));
    stage.keys("d");
    stage.until_shown("end that first");
    stage.keys("h");
    stage.until_shown("could not end the hold of 1 archive: it cannot be");
    let calls = stage.quit();
    assert!(calls.contains(&"hold bbbb".to_owned()) && calls.contains(&"unhold bbbb".to_owned()), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("rm")), "{calls:?}");
}

#[test]
fn it_deletes_after_asking() {
    let mut stage = Stage::open();
    stage.until_shown("capture");
    stage.keys("d");
    stage.until_shown("for good?");
    stage.keys("n");
    stage.until_shown("nothing was done");
    stage.keys("d");
    stage.until_shown("for good?");
    stage.keys("y");
    stage.until("it is gone", |screen| !screen.contains("capture") && screen.contains("2 archives"));
    let calls = stage.quit();
    assert_eq!(calls.iter().filter(|call| call.starts_with("rm")).collect::<Vec<_>>(), ["rm --yes bbbb"]);
}

#[test]
fn it_streams_into_the_command_of_the_kind() {
    let mut stage = Stage::open();
    stage.until_shown("capture");
    stage.keys("G\r");
    stage.until_shown("closed the disposable with 1 archive");
    stage.keys("cvault\r");
    stage.until_shown("copied 1 archive to vault");
    let calls = stage.quit();
    let of = |name: &str| calls.iter().filter(|call| call.starts_with(name)).cloned().collect::<Vec<_>>();
    assert_eq!(of("opener"), ["opener a b $HOME: a tar of aaaa"], "no shell reads the words");
    assert_eq!(of("fetch"), ["fetch aaaa"]);
    assert_eq!(of("copy"), ["copy --to vault aaaa"]);
}

#[test]
fn an_opener_that_is_missing_is_said() {
    let mut stage = Stage::open();
    fs::remove_file(stage.folder.path().join("bin/opener")).expect("removed");
    stage.until_shown("capture");
    stage.keys("G\r");
    stage.until_shown("could not open 1 archive: opener:");
    stage.quit();
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_logvm-browser")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}
