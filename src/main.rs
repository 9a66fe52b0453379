//! The `logvm` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    logvm::cli::main()
}
