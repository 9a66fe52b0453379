//! The program on a plain terminal and in pipes: what goes in as arguments, and what comes out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

mod damage;
mod grep;
mod output;
mod recordings;

/// What a run of the program gave.
#[derive(Debug)]
struct Run {
    stdout: String,
    stderr: String,
    status: i32,
}

impl Run {
    /// The lines of standard output as JSON.
    fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts standard output and status, and that nothing was complained about.
    fn assert(&self, stdout: &str, status: i32) {
        assert_eq!((self.stdout.as_str(), self.stderr.as_str(), self.status), (stdout, "", status));
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logvm"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(mut command: Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { stdout: text(output.stdout), stderr: text(output.stderr), status: output.status.code().unwrap() }
}

fn logvm(arguments: &[&str]) -> Run {
    finish(program(arguments))
}

/// Runs the program in a folder, so that names in the output are short.
fn logvm_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = program(arguments);
    command.current_dir(folder);
    finish(command)
}

/// Runs the program with `input` on its standard input.
fn logvm_with(input: &[u8], arguments: &[&str]) -> Run {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let mut command = program(arguments);
    command.stdin(file);
    finish(command)
}
