//! Runs the exporter against a stand-in for the call, with the real journalctl.

mod files;
mod harness;
mod journal;
mod rsyslog;
mod stdin;
