//! A full-screen program in a pseudo-terminal of 200 columns and 50 rows.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const ROWS: NonZeroU16 = NonZeroU16::new(50).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(200).unwrap();

/// Rows at the top that tell of the whole, such as a clock or the place in a file: no records are looked for there.
const TITLE: usize = 2;

/// The running program and its screen.
pub struct Terminal {
    /// When it was started.
    pub start: Instant,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// Keeps the terminal open.
    _master: Box<dyn MasterPty + Send>,
}

/// What came out of the program.
pub enum Output {
    /// The screen has changed; the time is when the bytes were read.
    Frame(Instant),
    /// Nothing for as long as was waited.
    Silence,
    /// It has closed the terminal.
    End,
}

impl Terminal {
    /// Starts the program.
    pub fn start(program: &Path, arguments: &[&str], environment: &[(&str, String)]) -> Result<Self> {
        let pair =
            native_pty_system().openpty(PtySize { rows: ROWS.get(), cols: COLUMNS.get(), ..PtySize::default() })?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let (keyboard, reader) = (pair.master.take_writer()?, pair.master.try_clone_reader()?);
        let (sender, output) = channel();
        std::thread::spawn(move || forward(reader, &sender));
        let start = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        Ok(Self { start, child, keyboard, output, screen, _master: pair.master })
    }

    /// Waits for output and shows it on the screen.
    pub fn wait(&mut self, limit: Duration) -> Output {
        match self.output.recv_timeout(limit) {
            Ok((time, bytes)) => {
                self.screen.process(&bytes);
                Output::Frame(time)
            }
            Err(RecvTimeoutError::Timeout) => Output::Silence,
            Err(RecvTimeoutError::Disconnected) => Output::End,
        }
    }

    /// Types the text.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }

    /// The screen's rows, as plain text.
    pub fn rows(&self) -> Vec<String> {
        self.screen.screen().rows(0, COLUMNS.get()).collect()
    }

    /// The rows below the title for which `wanted` is true, with their colours.
    pub fn painted(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let screen = self.screen.screen();
        let rows = screen.rows(0, COLUMNS.get()).zip(screen.rows_formatted(0, COLUMNS.get())).skip(TITLE);
        rows.filter(|(text, _)| wanted(text)).map(|(_, painted)| painted).collect()
    }

    /// Process id of the program.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap_or(0)
    }

    /// Asks the program to end with `q`; false when it has not done so after two seconds, or failed.
    pub fn quit(mut self) -> Result<bool> {
        let asked = Instant::now();
        self.press("q")?;
        while asked.elapsed() < Duration::from_secs(2) {
            self.wait(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
        }
        Ok(false)
    }
}

impl Drop for Terminal {
    /// Leaves no program behind; one that has ended is not touched.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn forward(mut reader: Box<dyn Read + Send>, sender: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        if sender.send((Instant::now(), buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}
