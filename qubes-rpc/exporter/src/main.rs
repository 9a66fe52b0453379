//! logvm-exporter: sends this qube's logs to a LogVM.
#![forbid(unsafe_code)]

use logvm_exporter::options::{self, Command};
use logvm_exporter::run;
use std::process::ExitCode;

/// A command line or a settings file that cannot be used.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match options::read(std::env::args_os()) {
        Ok(Command::Print(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Ok(Command::Check) => ExitCode::SUCCESS,
        Ok(Command::Export(settings)) => match run::run(&settings) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => fail(&error.to_string(), 1),
        },
        Err(message) => fail(&message, USAGE),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("logvm-exporter: {message}");
    ExitCode::from(code)
}
