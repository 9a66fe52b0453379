//! The terminal is given back however the program ends. Each test runs one of the ignored "scenes" below, this very
//! binary, inside a pseudo-terminal and looks at what it leaves behind.

use std::io::{Read, Write};
use std::process::Command;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use logvm::term::events::{self, Event};
use logvm::term::{self, Guard};

/// The sequences that the guard has to undo, and those that undo them (xterm's control sequences).
const TAKEN: &str = "\x1b[?1049h";
const GIVEN_BACK: [&str; 4] = ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l", "\x1b[?1000l"];

/// A scene that runs in a pseudo-terminal.
struct Stage {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    output: String,
}

impl Stage {
    fn open(scene: &str) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this test"));
        command.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", &format!("guard::{scene}")]);
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).expect("a child");
        let reader = pair.master.try_clone_reader().expect("a reader");
        Self { master: pair.master, child, reader, output: String::new() }
    }

    /// Reads until the output has `text` in it, or ends.
    fn read_until(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        while !self.output.contains(text) {
            match self.reader.read(&mut buffer) {
                Ok(read @ 1..) => self.output.push_str(&String::from_utf8_lossy(&buffer[..read])),
                _ => break,
            }
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.process_id().expect("a running child").to_string();
        let status = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until the child has been stopped (proc_pid_stat(5): state T).
    fn wait_until_stopped(&self) {
        let path = format!("/proc/{}/stat", self.child.process_id().expect("a running child"));
        while !std::fs::read_to_string(&path).expect("a running child").contains(") T ") {
            std::thread::yield_now();
        }
    }

    /// Waits for the end and returns the output, after checking that all is as it was.
    fn end(mut self) -> String {
        self.read_until("\0there is no such output\0");
        self.child.wait().expect("the child ends");
        let taken = self.output.find(TAKEN).expect("the terminal was taken over");
        for sequence in GIVEN_BACK {
            let at = self.output.rfind(sequence);
            assert!(at.is_some_and(|at| at > taken), "{sequence:?} is missing in {:?}", self.output);
        }
        self.output
    }
}

#[test]
#[ignore = "a scene for the tests below"]
fn scene_end() {
    let guard = Guard::enter().expect("a terminal");
    println!("ready");
    drop(guard);
    println!("raw: {}", crossterm::terminal::is_raw_mode_enabled().expect("a terminal"));
}

#[test]
#[ignore = "a scene for the tests below"]
fn scene_panic() {
    let _guard = Guard::enter().expect("a terminal");
    println!("ready");
    panic!("something broke");
}

#[test]
#[ignore = "a scene for the tests below"]
fn scene_signal() {
    let (sender, receiver) = std::sync::mpsc::sync_channel(16);
    let guard = Guard::enter().expect("a terminal");
    events::start(sender).expect("threads");
    println!("ready");
    while let Ok(event) = receiver.recv() {
        println!("got {event:?}");
        if event == Event::Suspend {
            guard.suspend().expect("the process stops and goes on");
        }
        if matches!(event, Event::Terminate(_) | Event::Lost(_)) {
            return;
        }
    }
}

#[test]
#[ignore = "a scene for the tests below"]
fn scene_busy() {
    let (sender, receiver) = std::sync::mpsc::sync_channel(16);
    let _guard = Guard::enter().expect("a terminal");
    events::start(sender).expect("threads");
    println!("ready");
    std::thread::park();
    drop(receiver);
    term::restore();
}

#[test]
fn the_end_gives_the_terminal_back() {
    let output = Stage::open("scene_end").end();
    assert!(output.contains("raw: false"), "{output}");
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_message() {
    let output = Stage::open("scene_panic").end();
    let message = output.find("something broke").expect("the message is shown");
    assert!(output.find(GIVEN_BACK[0]).is_some_and(|back| back < message), "{output:?}");
}

#[test]
fn signals_end_the_program_in_order() {
    for (name, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)] {
        let mut stage = Stage::open("scene_signal");
        stage.read_until("ready");
        stage.signal(name);
        let output = stage.end();
        assert!(output.contains(&format!("got Terminate({number})")), "{output}");
    }
}

#[test]
fn a_second_signal_ends_a_program_that_does_not_listen() {
    let mut stage = Stage::open("scene_busy");
    stage.read_until("ready");
    stage.signal("TERM");
    stage.signal("INT");
    stage.end();
}

#[test]
fn a_stopped_program_leaves_the_terminal_to_the_shell() {
    let mut stage = Stage::open("scene_signal");
    stage.read_until("ready");
    stage.signal("TSTP");
    stage.read_until(GIVEN_BACK[0]);
    stage.wait_until_stopped();
    stage.signal("CONT");
    stage.read_until("got Continued");
    stage.signal("TERM");
    let output = stage.end();
    assert_eq!(output.matches(TAKEN).count(), 2, "{output:?}");
    assert_eq!(output.matches(GIVEN_BACK[0]).count(), 2, "{output:?}");
}

#[test]
fn keys_and_sizes_arrive() {
    let mut stage = Stage::open("scene_signal");
    stage.read_until("ready");
    let mut writer = stage.master.take_writer().expect("a writer");
    writer.write_all(b"\x04").expect("the key is written");
    stage.read_until("control: true");
    let size = PtySize { rows: 5, cols: 20, pixel_width: 0, pixel_height: 0 };
    stage.master.resize(size).expect("a new size");
    stage.read_until("Resize(20, 5)");
    writer.write_all(b"\x1b[200~a\nb\x1b[201~").expect("the paste is written");
    stage.read_until("Paste(");
    stage.signal("TERM");
    let output = stage.end();
    for expected in ["got Key(Chord { key: Char('d')", "got Resize(20, 5)", "got Paste(\"a\\nb\")"] {
        assert!(output.contains(expected), "{expected} is missing in {output:?}");
    }
}
