//! The collector as qubes meet it: through the installed service files, with a stand-in for qrexec.

mod acks;
mod common;
mod dependencies;
mod faults;
mod load;
mod quota;
mod real;
mod stored;
