//! Calls the services through their installed files, and the program on its command line.

use std::path::Path;
use std::process::{Command, Stdio};

use logvm_testing::{Call, Qube};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_logvm-archive");

/// How a run ended.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub output: Vec<u8>,
    pub errors: String,
}

/// A qube with the services under test.
pub fn qube() -> Qube {
    let qube = Qube::new();
    qube.programs(Path::new(PROGRAM).parent().unwrap());
    for service in ["qubes.logs.List", "qubes.logs.Fetch"] {
        qube.install(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(service));
    }
    qube
}

/// Starts a call of a service with an argument.
pub fn start(qube: &Qube, name: &str, argument: &str) -> Call {
    qube.call("disp1", format!("{name}+{argument}")).unwrap()
}

/// Calls a service to its end.
pub fn call(qube: &Qube, name: &str, argument: &str, input: &str) -> Answer {
    let mut call = start(qube, name, argument);
    // A service that refuses may not read it.
    call.send(input.as_bytes());
    let end = call.finish();
    Answer { code: end.code, errors: end.stderr_text().to_owned(), output: end.stdout }
}

/// Runs the program on the command line.
pub fn run(home: &Path, arguments: &[&str]) -> Answer {
    let result = Command::new(PROGRAM).args(arguments).env("HOME", home).stdin(Stdio::null()).output().unwrap();
    Answer { code: result.status.code(), output: result.stdout, errors: String::from_utf8(result.stderr).unwrap() }
}
