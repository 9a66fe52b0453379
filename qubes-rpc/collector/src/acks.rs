//! Tells the caller what is on disk, without ever waiting for one that does not listen.

use std::time::Duration;

use logvm_wire::ack;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio;

/// How long the last acknowledgement waits for room at the caller's end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The acknowledgements of one session.
pub struct Acks {
    wanted: bool,
    sent: u64,
    durable: u64,
}

impl Acks {
    /// Acknowledges if the caller asked for it.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, sent: 0, durable: 0 }
    }

    /// The first `bytes` bytes of the input are on disk.
    pub fn advance(&mut self, bytes: u64) {
        self.durable = bytes;
    }

    /// Whether everything up to `bytes` is known to be on disk.
    pub fn covers(&self, bytes: u64) -> bool {
        self.durable >= bytes
    }

    /// Whether there is something to say.
    pub fn is_pending(&self) -> bool {
        self.wanted && self.durable > self.sent
    }

    /// Says it if the caller can take it now; a later acknowledgement says it as well.
    pub fn send(&mut self) {
        self.send_within(Duration::ZERO);
    }

    /// Says it at the end of the session.
    pub fn send_last(&mut self) {
        self.send_within(PATIENCE);
    }

    fn send_within(&mut self, patience: Duration) {
        if !self.is_pending() || !is_writable(patience) {
            return;
        }
        match rustix::io::write(stdio::stdout(), ack::format(self.durable).as_bytes()) {
            Ok(_) => self.sent = self.durable,
            Err(Errno::INTR | Errno::AGAIN) => {}
            // The caller does not listen any more. What it sends is stored all the same.
            Err(_) => self.wanted = false,
        }
    }
}

fn is_writable(patience: Duration) -> bool {
    let timeout = Timespec::try_from(patience).ok();
    let mut fds = [PollFd::from_borrowed_fd(stdio::stdout(), PollFlags::OUT)];
    poll(&mut fds, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}
