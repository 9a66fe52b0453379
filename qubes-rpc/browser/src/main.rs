//! `logvm-browser`: see `logvm-browser --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    logvm_browser::program::main()
}
