//! Stands in for `qrexec-client-vm`: passes standard input and output on to a test, which makes the call.
//!
//! `stand-in-qrexec-client-vm SOCKET TARGET SERVICE`; the first line on the socket is the service.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, socket, _, service] = &arguments[..] else { return ExitCode::SUCCESS };
    let Ok(mut stream) = UnixStream::connect(socket) else { return ExitCode::from(126) };
    writeln!(stream, "{service}").expect("the test listens");
    let mut sender = stream.try_clone().expect("a second handle");
    let sending = std::thread::spawn(move || {
        pass(&mut io::stdin(), &mut sender);
        _ = sender.shutdown(Shutdown::Write);
    });
    pass(&mut stream, &mut io::stdout());
    if sending.is_finished() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn pass(from: &mut impl Read, to: &mut impl Write) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).and_then(|()| to.flush()).is_err() {
            break;
        }
    }
}
