//! Runs the exporter against a stand-in for the call, with the real journalctl.

mod collector;
mod files;
mod harness;
mod journal;
mod log_vm;
mod rsyslog;
mod stdin;
