//! L2: bytes in, records out. Decoders do no I/O, read no clock, and never panic, whatever the bytes.
//!
//! A decoder is fed *windows*: consecutive stretches of one source. It hands complete records to a [`Sink`] and says
//! how many bytes it has used; the caller presents the rest again, with more behind it. Where the cuts fall changes
//! nothing in the records (a property test holds every decoder to that).

use crate::record::{FiveTuple, Level, Time, Timestamp, protocol};

mod bytes;
pub mod detect;
pub mod dns;
pub mod ip;
pub mod journal;
pub mod layers;
pub mod line;
pub mod link;
pub mod nft;
pub mod packet;
pub mod pcap;
mod scan;
pub mod text;
pub mod time;
pub mod tls;
pub mod transport;

/// A record must end within this many bytes of a window, or the decoder has to cut it: bounds memory.
pub const MAX_RECORD: usize = 1 << 20;

/// A stretch of a source that is presented to a decoder.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Offset of the first of them in the source.
    pub offset: u64,
    /// Whether the source ends with them.
    pub last: bool,
}

/// Takes what a decoder finds, in input order.
pub trait Sink {
    /// A line or journal entry.
    fn entry(&mut self, entry: Entry<'_>);
    /// A packet.
    fn packet(&mut self, packet: Packet<'_>);
    /// Bytes that are no valid record; they stay readable as raw bytes and are counted.
    fn reject(&mut self, reject: Reject);
}

/// Turns windows of one source into records.
pub trait Decoder {
    /// Decodes what is complete in `window` and returns how many of its bytes are used up.
    ///
    /// Uses at least one byte when the window is [`MAX_RECORD`] long or longer, and all of them when it is the last.
    fn decode(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize;

    /// Whether a fresh decoder of the same kind, from here on or from behind any later newline, would find the same.
    fn may_split_at_newlines(&self) -> bool {
        false
    }

    /// What the header of a capture said, once it has been read.
    fn capture(&self) -> Option<Capture> {
        None
    }
}

/// What the header of a capture says of all its packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Link type (`LINKTYPE_` number of the tcpdump.org registry).
    pub link_type: u16,
    /// The most bytes that were captured of a packet; 0 where the header names no limit.
    pub snaplen: u32,
    /// Whether its times are in nanoseconds (else microseconds).
    pub nanoseconds: bool,
}

/// A line of text, an nft line or a journal entry.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Where it starts in the source, in bytes.
    pub offset: u64,
    /// How many bytes of the source it takes, its newline or blank line included.
    pub length: u64,
    /// LogVM's time, where it wrote one.
    pub received: Option<Time>,
    /// The sender's time, where it gave one.
    pub claimed: Option<Time>,
    /// Severity.
    pub level: Level,
    /// What it is.
    pub body: Body<'a>,
}

/// What kind of entry, with what the store keeps in columns.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// A plain line; `has_time` on its [`Entry`] is false for continuation lines.
    Text,
    /// A line of the kernel's nf_log.
    Nft(Nft<'a>),
    /// A journal entry.
    Journal,
}

/// The fields of an nft line that are kept in columns. The others are parsed from the line when asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nft<'a> {
    /// The rule's prefix without blanks around it, such as `SYSFW:new`; may be empty.
    pub prefix: &'a [u8],
    /// Addresses and ports as logged.
    pub tuple: FiveTuple,
    /// IPv4 identification (`ID=`).
    pub ip_id: Option<u16>,
    /// Total length (`LEN=`, the first one).
    pub ip_length: u16,
    /// `TTL=` or `HOPLIMIT=`.
    pub ttl: u8,
    /// TCP flags as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128; 0 where not TCP.
    pub tcp_flags: u8,
    /// IPv6 flow label (`FLOWLBL=`).
    pub flow_label: Option<u32>,
    /// TCP sequence number (`SEQ=`), which a rule with `log flags tcp sequence` writes.
    pub sequence: Option<u32>,
}

/// A packet as the index needs it; the detail pane decodes the bytes again, in full.
#[derive(Clone, Debug)]
pub struct Packet<'a> {
    /// Where its captured bytes start in the source.
    pub offset: u64,
    /// How many bytes were captured.
    pub captured: u32,
    /// How many bytes were on the wire.
    pub original: u32,
    /// Capture time.
    pub time: Timestamp,
    /// Whether times in this capture are in nanoseconds (else microseconds).
    pub nanoseconds: bool,
    /// The innermost IP packet that could be read, if any.
    pub ip: Option<IpPacket<'a>>,
}

/// The network and transport layers of a packet.
#[derive(Clone, Debug)]
pub struct IpPacket<'a> {
    /// Addresses and ports; ports are 0 where they were cut off or the protocol has none.
    pub tuple: FiveTuple,
    /// Whether the ports (or the ICMP echo identifier) could be read, or the protocol has none.
    pub ports_known: bool,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// IPv6 flow label.
    pub flow_label: Option<u32>,
    /// Total length of the IP packet as its header says.
    pub ip_length: u16,
    /// TTL or hop limit.
    pub ttl: u8,
    /// TCP header, as far as it was captured.
    pub tcp: Option<Tcp>,
    /// ICMP or ICMPv6 type and code, where they were captured.
    pub icmp: Option<Icmp>,
    /// The captured part of the transport's payload.
    pub payload: &'a [u8],
    /// Length of that payload on the wire.
    pub payload_length: u32,
}

/// The TCP header fields that flows and links need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    pub flags: u8,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Window, unscaled.
    pub window: u16,
}

/// What kind of ICMP (RFC 792) or ICMPv6 (RFC 4443) message a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
}

impl Icmp {
    /// Whether it asks for an echo or answers one, given the IP protocol number.
    #[must_use]
    pub const fn is_echo(self, protocol: u8) -> bool {
        self.is_echo_request(protocol) || self.is_echo_reply(protocol)
    }

    /// Whether it asks for an echo, given the IP protocol number.
    #[must_use]
    pub const fn is_echo_request(self, protocol: u8) -> bool {
        matches!((protocol, self.kind), (protocol::ICMP, 8) | (protocol::ICMPV6, 128))
    }

    /// Whether it answers an echo request, given the IP protocol number.
    #[must_use]
    pub const fn is_echo_reply(self, protocol: u8) -> bool {
        matches!((protocol, self.kind), (protocol::ICMP, 0) | (protocol::ICMPV6, 129))
    }
}

/// TCP flag bits.
pub mod tcp_flags {
    /// Sender is done.
    pub const FIN: u8 = 1;
    /// Opens a connection.
    pub const SYN: u8 = 2;
    /// Refuses or aborts.
    pub const RST: u8 = 4;
    /// Pushes data up.
    pub const PSH: u8 = 8;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 16;
}

/// Bytes that a decoder could not read as a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where they start in the source.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
    /// What is wrong, where and how much, for a person.
    pub reason: String,
}
