//! Streams a tar into a service of another qube: dom0's policy decides whether that may be.

use std::io;
use std::process::{Child, ChildStdin, Command, Stdio};

use logvm_wire::QubeName;

/// The program that makes qrexec calls.
const CLIENT: &str = "qrexec-client-vm";

/// Calls the service, and gives what becomes its standard input.
///
/// # Errors
/// When there is no qrexec here.
pub fn call(to: &QubeName, service: &str) -> io::Result<(Child, ChildStdin)> {
    let mut child = Command::new(CLIENT).arg(to.as_str()).arg(service).stdin(Stdio::piped()).spawn()?;
    let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    Ok((child, input))
}
