//! One call of `qubes.logs.PlainTextLines`, `qubes.logs.JournaldExport` or `qubes.Syslog`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use logvm_collector::cli::{self, Request};
use logvm_collector::session;

fn main() -> ExitCode {
    // Standard error goes to the caller, a qube that is not trusted: not even a panic may say anything there.
    std::panic::set_hook(Box::new(|_| {}));
    match cli::request() {
        Ok(Request::Collect(settings)) => ExitCode::from(session::run(&settings)),
        Ok(Request::Help) => cli::help(),
        Err(code) => ExitCode::from(code),
    }
}
