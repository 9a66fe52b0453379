//! Calls a service as qrexec does: its file run by a shell, sockets for standard input and output, the argument in the
//! environment and, when it is not empty, on the command line.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_logvm-archive");

/// A call that goes on.
pub struct Call {
    pub child: Child,
    pub input: UnixStream,
    pub output: UnixStream,
}

/// How a call ended.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub output: Vec<u8>,
    pub errors: String,
}

fn service(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// PATH with the program under test in it.
fn path() -> OsString {
    let mut path = Path::new(PROGRAM).parent().unwrap().as_os_str().to_owned();
    path.push(":/usr/bin:/bin");
    path
}

/// Starts a call of `name` with `argument`, in the home directory `home`.
pub fn start(home: &Path, name: &str, argument: &str) -> Call {
    let ((input, theirs_in), (output, theirs_out)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    let mut command = Command::new(service(name));
    command.args((!argument.is_empty()).then_some(argument)).current_dir(home).env_clear();
    command.env("HOME", home).env("PATH", path()).env("QREXEC_REMOTE_DOMAIN", "disp1");
    command.env("QREXEC_SERVICE_ARGUMENT", argument).stderr(Stdio::piped());
    let child = command.stdin(OwnedFd::from(theirs_in)).stdout(OwnedFd::from(theirs_out)).spawn().unwrap();
    Call { child, input, output }
}

impl Call {
    /// Sends the input with its end, and waits for all that comes.
    pub fn answer(mut self, input: &[u8]) -> Answer {
        // A service that refuses may not read it.
        let _sent = self.input.write_all(input);
        let _ended = self.input.shutdown(Shutdown::Write);
        let mut output = Vec::new();
        self.output.read_to_end(&mut output).unwrap();
        let result = self.child.wait_with_output().unwrap();
        Answer { code: result.status.code(), output, errors: String::from_utf8(result.stderr).unwrap() }
    }
}

/// Calls a service to its end.
pub fn call(home: &Path, name: &str, argument: &str, input: &str) -> Answer {
    start(home, name, argument).answer(input.as_bytes())
}

/// Runs the program on the command line.
pub fn run(home: &Path, arguments: &[&str]) -> Answer {
    let mut command = Command::new(PROGRAM);
    let result = command.args(arguments).env("HOME", home).env("PATH", path()).stdin(Stdio::null()).output().unwrap();
    Answer { code: result.status.code(), output: result.stdout, errors: String::from_utf8(result.stderr).unwrap() }
}
