//! A stand-in for qrexec: it runs installed service files as the agent of a Qubes OS qube does, so that tests call the
//! services in the only way in which they are ever called.
//!
//! As with the real one, standard input and output are sockets (so `/dev/stdin` cannot be opened), standard error goes
//! to the caller, the working directory is the user's home, the service is started by `/bin/sh -lc`, names and arguments
//! are made harmless byte by byte, and the caller may close either direction, or die.
//!
//! ```no_run
//! use logvm_testing::Qube;
//!
//! let log_vm = Qube::new();
//! log_vm.programs("target/debug");
//! log_vm.install("qubes-rpc/qubes.logs.PlainTextLines");
//! let mut call = log_vm.call("work", "qubes.logs.PlainTextLines+ack").expect("the service is installed");
//! call.send(b"a line\n");
//! let end = call.finish();
//! assert_eq!((end.code, end.stdout_text()), (Some(0), "ack 7\n"));
//! ```
#![forbid(unsafe_code)]

mod call;
mod descriptor;
mod qube;

pub use call::{Call, End};
pub use descriptor::{Descriptor, Protocol, sanitise};
pub use qube::{Qube, Refused};
