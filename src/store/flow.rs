//! Flows: the packets of one connection at one vantage, in both directions, the originator's first.

use std::sync::Arc;

use crate::decode::Icmp;
use crate::record::{FiveTuple, RecordId, Timestamp};

/// A flow at one vantage.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Addresses and ports, the originator as source.
    pub tuple: FiveTuple,
    /// Time of the earliest packet.
    pub start: Timestamp,
    /// Time of the latest packet.
    pub end: Timestamp,
    /// Packets sent by the originator and by the responder.
    pub packets: [u64; 2],
    /// Bytes on the wire (whole frames) sent by the originator and by the responder.
    pub bytes: [u64; 2],
    /// How far the connection came.
    pub outcome: Outcome,
    /// The name a DNS answer seen before at this vantage gave for the responder's address.
    pub name: Option<Arc<str>>,
    /// Server name of a TLS ClientHello (RFC 6066), as far as it was captured.
    pub server_name: Option<ServerName>,
    /// The first packet.
    pub first_packet: RecordId,
    /// TCP flags seen from the originator and from the responder.
    pub tcp_flags: [u8; 2],
    /// Initial sequence number of the originator, where its SYN or the SYN-ACK was captured.
    pub initial_sequence: Option<u32>,
    /// ICMP type and code of the first packet.
    pub icmp: Option<Icmp>,
    /// IPv4 identification of the first packet.
    pub ip_id: Option<u16>,
    /// IP total length of the first packet.
    pub ip_length: u16,
    /// TTL or hop limit of the first packet.
    pub ttl: u8,
}

/// A server name from a TLS ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName {
    /// The name, or its beginning; bytes outside printable ASCII are escaped.
    pub name: Arc<str>,
    /// Whether the capture cut it.
    pub cut: bool,
}

/// How far a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// TCP: a SYN without any answer.
    NoAnswer = 0,
    /// TCP: the SYN was answered with RST.
    Refused = 1,
    /// TCP: opened, not seen to close.
    Open = 2,
    /// TCP: both sides said FIN.
    Closed = 3,
    /// TCP: opened, then aborted with RST.
    Reset = 4,
    /// TCP: its beginning was not captured.
    Midstream = 5,
    /// Not TCP: packets in one direction only.
    OneWay = 6,
    /// Not TCP: packets in both directions.
    TwoWay = 7,
}

impl Outcome {
    /// All outcomes, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::NoAnswer,
        Self::Refused,
        Self::Open,
        Self::Closed,
        Self::Reset,
        Self::Midstream,
        Self::OneWay,
        Self::TwoWay,
    ];

    /// The word that filters and output use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::Refused => "refused",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Midstream => "midstream",
            Self::OneWay => "one-way",
            Self::TwoWay => "two-way",
        }
    }
}
