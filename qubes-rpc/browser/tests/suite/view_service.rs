//! `qubes.logs.View`, the service that ends what the browser begins: with scripts in the place of terminals.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../qubes.logs.View");

/// What the service needs of a system besides terminals.
const TOOLS: [&str; 8] = ["sh", "cat", "mktemp", "rm", "id", "sed", "mkdir", "wc"];

/// Notes its own arguments without what runs in the window, and runs that.
const TERMINAL: &str = r#"#!/bin/sh
line=${0##*/}
while [ "$1" != sh ]; do line="$line [$1]"; shift; done
echo "$line" >> "$STAGE/calls"
exec "$@"
"#;

/// Notes what it is asked for and how much there is.
const VIEWER: &str = "#!/bin/sh\necho \"logvm $1 $(wc -c < \"$2\") $(cat \"$2\" | sed 1q)\" >> \"$STAGE/calls\"\n";

/// Ten seconds of waiting in no time: the third makes the session start.
const SLEEP: &str = "#!/bin/sh\necho sleep >> \"$STAGE/calls\"\n\
                     [ $(wc -l < \"$STAGE/calls\") -lt 3 ] || : > \"$STAGE/x11/X0\"\n";

struct Stage {
    folder: TempDir,
}

impl Stage {
    /// A system with these terminals, and a graphical session.
    fn new(terminals: &[&str]) -> Self {
        let stage = Self { folder: tempfile::tempdir().expect("a folder") };
        for name in ["bin", "x11", "tmp"] {
            fs::create_dir(stage.at(name)).expect("created");
        }
        fs::write(stage.at("x11/X0"), "").expect("written");
        for tool in TOOLS {
            let found =
                ["/usr/bin", "/bin"].iter().map(|folder| Path::new(folder).join(tool)).find(|path| path.exists());
            std::os::unix::fs::symlink(found.expect("a tool of every system"), stage.at("bin").join(tool))
                .expect("linked");
        }
        stage.script("sleep", SLEEP);
        stage.script("logvm", VIEWER);
        terminals.iter().for_each(|name| stage.script(name, TERMINAL));
        stage
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    }

    /// Calls the service with `input`.
    fn call(&self, input: &[u8], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(SERVICE);
        command.env_clear().env("PATH", self.at("bin")).env("STAGE", self.folder.path());
        command.env("QREXEC_REMOTE_DOMAIN", "sys-log").env("LOGVM_SESSION_WAIT", "10");
        command.env("LOGVM_X11_SOCKETS", self.at("x11")).env("LOGVM_VIEW_FOLDER", self.at("tmp"));
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        // All of it is taken, whatever happens: else this fails with a broken pipe.
        child.stdin.take().expect("piped").write_all(input).expect("all of the input is read");
        let output = child.wait_with_output().expect("it ends");
        let left = fs::read_dir(self.at("tmp")).map_or(0, |left| left.count());
        assert_eq!(left, 0, "nothing is left behind");
        assert_eq!(output.stdout, b"", "nothing goes to the caller");
        output
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.at("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// More than a pipe holds.
fn stream() -> Vec<u8> {
    b"a tar\n".repeat(100_000)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn each_terminal_runs_the_viewer_until_its_window_is_closed() {
    for (terminal, call) in [
        ("xterm", "xterm [-T] [logs from sys-log] [-e]"),
        ("xfce4-terminal", "xfce4-terminal [--disable-server] [-T] [logs from sys-log] [-x]"),
        ("gnome-terminal", "gnome-terminal [--wait] [--title=logs from sys-log] [--]"),
        ("konsole", "konsole [--nofork] [-p] [tabtitle=logs from sys-log] [-e]"),
        ("ptyxis", "ptyxis [--standalone] [-T] [logs from sys-log] [--]"),
        ("mate-terminal", "mate-terminal [--disable-factory] [-t] [logs from sys-log] [-x]"),
        ("x-terminal-emulator", "x-terminal-emulator [-T] [logs from sys-log] [-e]"),
    ] {
        let stage = Stage::new(&[terminal]);
        let output = stage.call(&stream(), &[]);
        assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
        assert_eq!(stage.calls(), [call, "logvm view 600000 a tar"]);
    }
}

#[test]
fn a_terminal_that_opens_no_window_is_followed_by_the_next() {
    let stage = Stage::new(&["gnome-terminal", "konsole"]);
    stage.script("xterm", "#!/bin/sh\necho 'cannot open display' >&2; exit 1\n");
    let output = stage.call(b"a tar\n", &[]);
    assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
    assert!(stage.calls()[0].starts_with("gnome-terminal"), "{:?}", stage.calls());
    assert_eq!(stage.calls().len(), 2, "one window");
}

#[test]
fn the_service_stays_as_long_as_a_window_that_its_terminal_left() {
    let stage = Stage::new(&[]);
    // It returns once the window is there; the viewer goes on until the service has waited.
    stage.script(
        "xterm",
        "#!/bin/sh\nwhile [ \"$1\" != sh ]; do shift; done\n\"$@\" &\nuntil [ -e \"$5/started\" ]; do :; done\n",
    );
    stage.script(
        "logvm",
        "#!/bin/sh\nuntil [ -e \"$STAGE/waited\" ]; do :; done\necho \"saw $(cat \"$2\")\" >> \"$STAGE/calls\"\n",
    );
    stage.script("sleep", "#!/bin/sh\n: > \"$STAGE/waited\"\n");
    let output = stage.call(b"a tar\n", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stage.calls(), ["saw a tar"]);
}

#[test]
fn it_waits_for_the_session() {
    let stage = Stage::new(&["xterm"]);
    fs::remove_file(stage.at("x11/X0")).expect("removed");
    let output = stage.call(&stream(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stage.calls()[..3], ["sleep", "sleep", "sleep"]);
    assert_eq!(stage.calls().len(), 5);
}

#[test]
fn without_a_session_terminal_or_viewer_it_reads_all_and_says_why() {
    let without = |what: &str| {
        let stage = Stage::new(&["xterm"]);
        match what {
            "session" => {
                fs::remove_file(stage.at("x11/X0")).expect("removed");
                stage.script("sleep", "#!/bin/sh\n");
            }
            name => fs::remove_file(stage.at("bin").join(name)).expect("removed"),
        }
        let output = stage.call(&stream(), &[]);
        assert_eq!((output.status.code(), stage.calls()), (Some(69), Vec::new()), "{what}");
        said(&output)
    };
    assert!(without("session").contains("the graphical session of this qube did not start"));
    assert!(without("xterm").contains("install one of these in the template of this qube: xterm "));
    assert!(without("logvm").contains("logvm, is not installed"));
}

#[test]
fn another_folder_is_taken_where_the_first_is_missing() {
    let stage = Stage::new(&["xterm"]);
    let runtime = stage.at("tmp").display().to_string();
    let output = stage.call(b"a tar\n", &[("LOGVM_VIEW_FOLDER", "/nonexistent"), ("XDG_RUNTIME_DIR", &runtime)]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stage.calls()[1], "logvm view 6 a tar");
}

#[test]
fn shellcheck_finds_nothing() {
    match Command::new("shellcheck").arg(SERVICE).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "shellcheck is not on every system"),
    }
}
