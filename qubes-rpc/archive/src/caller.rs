//! Tells whether anybody still listens.
//!
//! A service that follows writes little, and qrexec tells it little: a caller that dies closes the service's standard
//! input and breaks its output, but one that closes only its own output is not noticed. So following ends when
//!
//! - standard input ends, if the selection was ended by an empty line before: a caller that keeps its end open can stop
//!   at any time by closing it;
//! - standard output is broken: seen at once by poll(2), or by the heartbeat's failing write;
//! - the lease runs out: so long after the last line from the caller (24 hours, or `follow <span>`).

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

/// The other end of a call.
#[derive(Debug)]
pub struct Caller<'a, I> {
    input: Option<I>,
    output: BorrowedFd<'a>,
    lease: Duration,
    heard: Instant,
}

impl<'a, I: AsFd + Read> Caller<'a, I> {
    /// A caller that was heard just now; `input` is `None` when it has already ended.
    pub fn new(input: Option<I>, output: BorrowedFd<'a>, lease: Duration) -> Self {
        Self { input, output, lease, heard: Instant::now() }
    }

    /// Waits, and tells whether the caller is still there. It returns at once when the caller goes.
    ///
    /// # Errors
    /// When poll(2) or reading fails.
    pub fn wait(&mut self, time: Duration) -> io::Result<bool> {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Some((input, output)) = self.poll(left)? else { return Ok(self.is_leased()) };
            if output || (input && !self.hear()?) {
                return Ok(false);
            }
            if left.is_zero() {
                return Ok(self.is_leased());
            }
        }
    }

    fn is_leased(&self) -> bool {
        self.heard.elapsed() < self.lease
    }

    /// What happened: there is input, the output is broken; `None` when neither did in time.
    fn poll(&self, time: Duration) -> io::Result<Option<(bool, bool)>> {
        let mut fds = vec![PollFd::from_borrowed_fd(self.output, PollFlags::empty())];
        if let Some(input) = &self.input {
            fds.push(PollFd::new(input, PollFlags::IN));
        }
        let time = Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() };
        match rustix::event::poll(&mut fds, Some(&time)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let happened = |at: usize| fds.get(at).is_some_and(|fd| !fd.revents().is_empty());
        Ok(Some((happened(1), happened(0))))
    }

    /// Takes what the caller said, whatever it was; `false` when it will say no more.
    fn hear(&mut self) -> io::Result<bool> {
        let Some(input) = &mut self.input else { return Ok(true) };
        let count = input.read(&mut [0; 4096])?;
        self.heard = Instant::now();
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_closed_input_ends_it() {
        let (input, theirs) = UnixStream::pair().unwrap();
        let (output, _keep) = UnixStream::pair().unwrap();
        let mut caller = Caller::new(Some(input), output.as_fd(), LONG);
        (&theirs).write_all(b"still here\n").unwrap();
        assert!(caller.wait(Duration::ZERO).unwrap());
        drop(theirs);
        assert!(!caller.wait(LONG).unwrap());
    }

    #[test]
    fn a_broken_output_ends_it() {
        let (output, theirs) = UnixStream::pair().unwrap();
        let mut caller = Caller::new(None::<UnixStream>, output.as_fd(), LONG);
        assert!(caller.wait(Duration::ZERO).unwrap());
        drop(theirs);
        assert!(!caller.wait(LONG).unwrap());
    }

    #[test]
    fn a_lease_ends_it() {
        let (output, _theirs) = UnixStream::pair().unwrap();
        let mut caller = Caller::new(None::<UnixStream>, output.as_fd(), Duration::ZERO);
        assert!(!caller.wait(Duration::ZERO).unwrap());
    }
}
