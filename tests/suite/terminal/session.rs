//! A program in a pseudo-terminal, and its screen.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The program under test.
pub const LOGVM: &str = env!("CARGO_BIN_EXE_logvm");

/// A test that has not seen what it waits for by then has failed.
const DEADLINE: Duration = Duration::from_secs(30);

/// Prints the terminal's settings, runs its arguments, and prints how that ended and the settings again.
const FRAME: &str = r#"stty -g; "$@"; echo "ended $?"; stty -g"#;

/// What to run, and in what terminal.
pub struct Start {
    arguments: Vec<OsString>,
    environment: BTreeMap<&'static str, &'static str>,
    size: (u16, u16),
}

impl Start {
    /// `logvm` with arguments, in a terminal of 120x40 that knows UTF-8 and 256 colours.
    pub fn logvm<I: Into<OsString>>(arguments: impl IntoIterator<Item = I>) -> Self {
        Self::shell(FRAME, [OsString::from(LOGVM)].into_iter().chain(arguments.into_iter().map(Into::into)))
    }

    /// A script with its arguments, which prints `ended STATUS` when it is done.
    pub fn shell<I: Into<OsString>>(script: &str, arguments: impl IntoIterator<Item = I>) -> Self {
        let program = ["sh", "-c", script, "sh"].map(OsString::from).into_iter();
        let environment = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("PS1", "$ ")];
        Self {
            arguments: program.chain(arguments.into_iter().map(Into::into)).collect(),
            environment: environment.into(),
            size: (120, 40),
        }
    }

    /// An interactive shell, with jobs.
    pub fn interactive() -> Self {
        let mut start = Self::shell("", [] as [OsString; 0]);
        start.arguments = ["sh", "-i"].map(OsString::from).into();
        start
    }

    /// With another variable in the environment.
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.insert(name, value);
        self
    }

    /// In a terminal of so many columns and rows.
    pub const fn sized(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Starts it.
    pub fn open(self) -> Session {
        let pair = native_pty_system().openpty(pty_size(self.size)).expect("a pseudo-terminal");
        let mut words = self.arguments.into_iter();
        let mut command = CommandBuilder::new(words.next().expect("a program"));
        command.args(words);
        command.env_clear();
        self.environment.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keyboard = pair.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(cells(self.size.1), cells(self.size.0), 0);
        Session { master: pair.master, child, keyboard, output, parser, raw: Vec::new() }
    }
}

fn pty_size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, ..PtySize::default() }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}

/// The running program.
pub struct Session {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    raw: Vec<u8>,
}

impl Session {
    /// Presses keys: the bytes that a terminal sends for them.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal is open");
        self.keyboard.flush().expect("the terminal is open");
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// The screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Everything that was sent to the terminal so far.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Waits until the screen is as wanted.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !wanted(self.parser.screen()) {
            let left = DEADLINE.saturating_sub(start.elapsed());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("{what}: not seen in time on\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("{what}: it ended before, with\n{}", self.text()),
            }
        }
    }

    /// Waits until the screen shows a text.
    pub fn until_shown(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the screen no longer shows a text.
    pub fn until_gone(&mut self, text: &str) {
        self.until(&format!("no {text}"), |screen| !screen.contents().contains(text));
    }

    /// Waits until nothing has the terminal open any more.
    fn until_closed(&mut self) {
        let start = Instant::now();
        loop {
            match self.output.recv_timeout(DEADLINE.saturating_sub(start.elapsed())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("the end: not seen in time on\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Closes the detail drawer, which has the keyboard. Two Esc that arrive at once would count as one.
    pub fn close_drawer(&mut self) {
        let hint = "back to the pane";
        self.until_shown(hint);
        self.press("\x1b");
        self.until_gone(hint);
        self.press("\x1b");
        self.until("no drawer", |screen| {
            !["[fields]", "[packet]", "[raw]"].iter().any(|s| screen.contents().contains(s))
        });
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(pty_size((columns, rows))).expect("the terminal is open");
    }

    /// Process id of what the shell runs.
    pub fn id(&self) -> u32 {
        let shell = self.child.process_id().expect("a running shell");
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).expect("procfs");
        children.split_whitespace().next_back().expect("a child").parse().expect("a process id")
    }

    /// Sends a signal to what the shell runs.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &self.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the end, checks that the terminal is as it was before, and gives the exit status of the program.
    pub fn ended(mut self) -> Ended {
        self.until_closed();
        self.child.wait().expect("the shell ends");
        self.assert_given_back();
        let text = self.text();
        let settings: Vec<&str> = text.lines().filter(|line| line.matches(':').count() > 20).collect();
        assert!(settings.windows(2).all(|pair| pair[0] == pair[1]), "the terminal's settings differ:\n{text}");
        let status = text.lines().find_map(|line| line.strip_prefix("ended ")?.trim().parse().ok());
        let status = status.unwrap_or_else(|| panic!("no exit status:\n{text}"));
        Ended { status, text, raw: std::mem::take(&mut self.raw) }
    }

    /// The terminal is as a shell wants it: its first screen, a cursor, and no reports of the mouse or of pastes.
    pub fn assert_given_back(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "still on the second screen:\n{}", self.text());
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are reported");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }
}

impl Drop for Session {
    /// Leaves no program behind when a test fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is left when a program has ended.
pub struct Ended {
    /// Its exit status.
    pub status: i32,
    /// What stands on the first screen.
    pub text: String,
    /// Everything that was sent to the terminal.
    pub raw: Vec<u8>,
}
