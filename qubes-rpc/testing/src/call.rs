//! A call that goes on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process_group};

/// The caller's side of a call: its two directions, and the service at the other end.
pub struct Call {
    child: Child,
    stdin: Option<UnixStream>,
    stdout: Option<BufReader<UnixStream>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The exit code of the service; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote that was not read before.
    pub stdout: Vec<u8>,
    /// Everything it wrote to standard error, which the caller gets to see.
    pub stderr: Vec<u8>,
}

impl End {
    /// Standard output as text.
    pub fn stdout_text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("text on standard output")
    }

    /// Standard error as text.
    pub fn stderr_text(&self) -> &str {
        std::str::from_utf8(&self.stderr).expect("text on standard error")
    }
}

impl Call {
    pub(crate) fn new(mut child: Child, stdin: UnixStream, stdout: UnixStream) -> Self {
        let stderr = child.stderr.take().map(|stream| thread::spawn(move || read_all(stream)));
        Self { child, stdin: Some(stdin), stdout: Some(BufReader::new(stdout)), stderr }
    }

    /// The process id of the service.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends `bytes`, waiting until the service takes them; `false` where it no longer does.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stdin.as_mut().is_some_and(|stream| stream.write_all(bytes).is_ok())
    }

    /// A second handle to send with, for a thread of its own.
    pub fn sender(&self) -> Option<UnixStream> {
        self.stdin.as_ref()?.try_clone().ok()
    }

    /// The next line from the service, with its newline; empty at its end.
    pub fn read_line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        if let Some(stream) = &mut self.stdout {
            // A service that was killed with bytes unread resets the connection: the end as well.
            let _ = stream.read_until(b'\n', &mut line);
        }
        line
    }

    /// Fills `buffer` with what the service writes; `false` where it ends before.
    pub fn read_exact(&mut self, buffer: &mut [u8]) -> bool {
        self.stdout.as_mut().is_some_and(|stream| stream.read_exact(buffer).is_ok())
    }

    /// Says that nothing more will be sent.
    pub fn close_stdin(&mut self) {
        if let Some(stream) = self.stdin.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Does not want to read any more. This alone does not stop a service.
    pub fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// The caller dies: both directions are gone at once. What the service does then is for it to decide.
    pub fn die(&mut self) {
        self.close_stdout();
        self.stdin = None;
    }

    /// Kills the service, and what it has started, with SIGKILL.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    /// Sends a signal to the service and what it has started.
    pub fn signal(&mut self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.pid()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Whether the service still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the input, reads what there is still to read, and waits for the service.
    pub fn finish(mut self) -> End {
        self.close_stdin();
        self.wait()
    }

    /// Waits for a service that ends by itself; its input stays open.
    pub fn wait(&mut self) -> End {
        let stdout = self.stdout.take().map(read_all).unwrap_or_default();
        let status = self.child.wait().expect("the service's status");
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        End { code: status.code(), signal: status.signal(), stdout, stderr }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_running() {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

fn read_all(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}
