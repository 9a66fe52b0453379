//! Pipes to child processes that never block.

use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::Child;

/// What a read came to.
pub enum Got {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// The end.
    End,
}

/// Makes reads and writes of a pipe return instead of waiting.
pub fn nonblocking(pipe: &impl AsFd) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(pipe, true)?)
}

/// Reads what is there. An error is an end: no more will come.
pub fn read(pipe: &mut impl Read, buffer: &mut [u8]) -> Got {
    match pipe.read(buffer) {
        Ok(0) => Got::End,
        Ok(count) => Got::Bytes(count),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Got::Nothing,
        Err(_) => Got::End,
    }
}

/// Ends a process and collects it.
pub fn kill(child: &mut Child) {
    _ = child.kill();
    _ = child.wait();
}
