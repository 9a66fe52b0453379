//! `logvm-archive`: see `logvm-archive --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(logvm_archive::run::main())
}
