//! Deterministic test data of any size: the same kind, seed and size give the same bytes on every machine.
//!
//! The firewall's lines and the capture come from one simulated stream of packets, so their 5-tuples correspond.

pub mod capture;
pub mod clock;
pub mod dns;
pub mod journal;
pub mod message;
pub mod nft;
pub mod pack;
pub mod random;
pub mod text;
pub mod traffic;

use std::io::{self, Write};

/// Microseconds of simulated time for a byte of data: 1 GiB is about a day.
const PACE: u64 = 80;

/// A kind of data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text log with RFC 3339 times.
    Text,
    /// The same with a LogVM's time of receipt before each line.
    Relayed,
    /// Lines of the kernel's nf_log, as `journalctl -k -o short-iso` prints them.
    Nft,
    /// Capture (pcap, LINUX_SLL2, cut at 96 bytes).
    Capture,
    /// Journal export format.
    Journal,
}

impl Kind {
    /// Name and extension of its files.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "log"),
            Self::Relayed => ("relayed", "log"),
            Self::Nft => ("nft", "log"),
            Self::Capture => ("capture", "pcap"),
            Self::Journal => ("journal", "export"),
        }
    }

    /// Writes about `bytes` of it: the record that reaches the size is the last.
    pub fn write(self, seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Facts> {
        match self {
            Self::Text => text::write(text::Style::Plain, seed, bytes, out),
            Self::Relayed => text::write(text::Style::Relayed, seed, bytes, out),
            Self::Nft => nft::write(seed, bytes, out),
            Self::Capture => capture::write(seed, bytes, out),
            Self::Journal => journal::write(seed, bytes, out),
        }
    }
}

/// What the data holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Lines, entries or packets.
    pub records: u64,
    /// Connections among the packets; 0 where there are none.
    pub flows: u64,
}
