//! Why a session ends before its input does.

use std::io;

use logvm_wire::exit;

/// What ends a session early. Whatever was stored until then is synced and acknowledged.
#[derive(Debug)]
pub enum Stop {
    /// The store cannot be written.
    Io(io::Error),
    /// The quota is used up, and the caller, who gets acknowledgements, can send the rest again later.
    Quota,
}

impl Stop {
    /// What the service exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(_) => exit::IO,
            Self::Quota => exit::QUOTA,
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rustix::io::Errno> for Stop {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Io(error.into())
    }
}
