//! What identifies a packet wherever it is seen: its key, and one sighting of it.

use crate::decode::tcp_flags::{ACK, FIN, RST, SYN};
use crate::record::FiveTuple;

/// TCP flags that no router changes.
const KEPT_FLAGS: u8 = FIN | SYN | RST | ACK;

/// Header fields that survive forwarding and address translation, as one number.
///
/// The two highest bits say which fields: two packets with different keys are different packets, two with the same may
/// be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

/// Which fields a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// IPv4 identification, total length and protocol.
    IpId,
    /// IPv6 flow label, length and protocol.
    FlowLabel,
    /// Protocol, destination port and length, where the packet has neither identification nor label.
    Length,
    /// Initial sequence number and destination port of a TCP connection.
    Sequence,
}

/// The fields of a header that keys are made of.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// IPv4 identification; 0 is none (RFC 6864 allows it for packets that are not fragmented).
    pub ip_id: u16,
    /// IPv6 flow label; 0 is none (RFC 6437).
    pub flow_label: u32,
    /// IP total length.
    pub ip_length: u16,
    /// TTL or hop limit.
    pub ttl: u8,
    /// TCP flags.
    pub tcp_flags: u8,
}

impl Key {
    /// The key of a packet.
    #[must_use]
    pub fn of(tuple: &FiveTuple, header: &Header) -> Self {
        let length = u64::from(header.ip_length);
        let protocol = u64::from(tuple.protocol) << 48;
        if header.ip_id != 0 {
            Self::new(Basis::IpId, protocol | u64::from(header.ip_id) << 16 | length)
        } else if header.flow_label != 0 {
            Self::new(Basis::FlowLabel, protocol | u64::from(header.flow_label & 0xf_ffff) << 16 | length)
        } else {
            Self::new(Basis::Length, protocol | u64::from(tuple.destination_port) << 16 | length)
        }
    }

    /// The key of a TCP connection.
    #[must_use]
    pub fn of_sequence(initial: u32, destination_port: u16) -> Self {
        Self::new(Basis::Sequence, u64::from(initial) << 16 | u64::from(destination_port))
    }

    /// Which fields it is made of.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self.0 >> 62 {
            0 => Basis::IpId,
            1 => Basis::FlowLabel,
            2 => Basis::Length,
            _ => Basis::Sequence,
        }
    }

    /// Evenly spread bits that depend on the key alone: what is sampled at one vantage is sampled at every other.
    #[must_use]
    pub const fn spread(self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
    }

    const fn new(basis: Basis, fields: u64) -> Self {
        Self((basis as u64) << 62 | fields)
    }
}

/// A packet seen at a qube, in a capture or in a line.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// What it is compared by.
    pub key: Key,
    /// When, in nanoseconds: by the qube's clock, later by the reference's.
    pub at: i64,
    /// The moment is in `[at, at + width]`.
    pub width: i64,
    /// Who saw it: a flow part, or a logged packet.
    pub node: u32,
    /// The qube.
    pub qube: u32,
    /// TTL or hop limit; 0 where it does not count.
    pub ttl: u8,
    /// TCP flags.
    pub tcp_flags: u8,
    /// The packet goes from its flow's responder to the originator.
    pub reversed: bool,
}

impl Sighting {
    /// Nanoseconds between two sightings: 0 where their intervals overlap.
    #[must_use]
    pub const fn gap(&self, other: &Self) -> i64 {
        let ahead = other.at.saturating_sub(self.at.saturating_add(self.width));
        let behind = self.at.saturating_sub(other.at.saturating_add(other.width));
        let gap = if ahead > behind { ahead } else { behind };
        if gap > 0 { gap } else { 0 }
    }

    /// Whether the TCP flags can be those of one packet.
    #[must_use]
    pub fn same_flags(&self, other: &Self) -> bool {
        self.key.basis() == Basis::Sequence || (self.tcp_flags ^ other.tcp_flags) & KEPT_FLAGS == 0
    }
}
