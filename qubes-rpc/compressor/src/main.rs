//! `logvm-compressor`: see `logvm-compressor --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(logvm_compressor::run::main())
}
