//! Plain types that every layer shares: times, addresses, levels, identifiers.

use std::fmt;
use std::net::IpAddr;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, from 1677 to 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The earliest moment that can be told from "no time".
    pub const MIN: Self = Self(i64::MIN + 1);
    /// The latest moment.
    pub const MAX: Self = Self(i64::MAX);

    /// A moment from whole seconds and nanoseconds; saturates at the ends of the range.
    #[must_use]
    pub const fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds as i64))
    }

    /// A moment from microseconds since the epoch; saturates.
    #[must_use]
    pub const fn from_micros(microseconds: i64) -> Self {
        Self(microseconds.saturating_mul(1_000))
    }

    /// This moment moved by `nanoseconds`; saturates.
    #[must_use]
    pub const fn offset(self, nanoseconds: i64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }

    /// Nanoseconds from `earlier` to this moment; saturates.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How finely a time was written down. A time of [`Precision::Second`] stands for the interval `[t, t + 1 s)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// Whole seconds.
    #[default]
    Second,
    /// Thousandths.
    Millisecond,
    /// Millionths.
    Microsecond,
    /// Thousand-millionths.
    Nanosecond,
}

impl Precision {
    /// Digits after the decimal point: 0, 3, 6 or 9.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Second => 0,
            Self::Millisecond => 3,
            Self::Microsecond => 6,
            Self::Nanosecond => 9,
        }
    }
}

/// A time as a record gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// The moment.
    pub at: Timestamp,
    /// How finely it was written.
    pub precision: Precision,
    /// Whether the year or the zone was not written and had to be inferred.
    pub inferred: bool,
}

/// Severity of an entry, as syslog numbers it (RFC 5424, section 6.2.1); lower is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// 0: the system is unusable.
    Emergency = 0,
    /// 1: act at once.
    Alert = 1,
    /// 2: critical.
    Critical = 2,
    /// 3: error.
    Error = 3,
    /// 4: warning.
    Warning = 4,
    /// 5: normal but significant.
    Notice = 5,
    /// 6: informational.
    Info = 6,
    /// 7: debug.
    Debug = 7,
    /// No severity was given.
    #[default]
    Unknown = 255,
}

impl Level {
    /// All levels that syslog knows, the worst first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Info,
        Self::Debug,
    ];

    /// The level of a syslog severity number; anything above 7 is unknown.
    #[must_use]
    pub fn from_severity(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Unknown)
    }

    /// syslog's short name (`emerg` … `debug`); empty when unknown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emergency => "emerg",
            Self::Alert => "alert",
            Self::Critical => "crit",
            Self::Error => "err",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Unknown => "",
        }
    }
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A line of a text log.
    Text = 0,
    /// A line that the kernel's nf_log wrote, in whatever wrapper.
    Nft = 1,
    /// An entry of a journal export.
    Journal = 2,
    /// A packet of a capture.
    Packet = 3,
    /// A flow, assembled from packets of one vantage.
    Flow = 4,
    /// A DNS query with its answer, from packets of one vantage.
    Dns = 5,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Text, Self::Nft, Self::Journal, Self::Packet, Self::Flow, Self::Dns];

    /// The word that filters, output and panes use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Nft => "nft",
            Self::Journal => "journal",
            Self::Packet => "packet",
            Self::Flow => "flow",
            Self::Dns => "dns",
        }
    }
}

/// Protocol number (IANA), source and destination of a packet or flow. Ports are 0 where the protocol has none;
/// for ICMP echo the source port is the echo identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiveTuple {
    /// IANA protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6.
    pub protocol: u8,
    /// Sender's address.
    pub source: IpAddr,
    /// Receiver's address.
    pub destination: IpAddr,
    /// Sender's port.
    pub source_port: u16,
    /// Receiver's port.
    pub destination_port: u16,
}

impl FiveTuple {
    /// The same tuple seen from the other side. The echo identifier of ICMP is the source port of both directions.
    #[must_use]
    pub const fn reversed(&self) -> Self {
        let (source_port, destination_port) = match self.protocol {
            protocol::ICMP | protocol::ICMPV6 => (self.source_port, self.destination_port),
            _ => (self.destination_port, self.source_port),
        };
        let (source, destination) = (self.destination, self.source);
        Self { protocol: self.protocol, source, destination, source_port, destination_port }
    }
}

/// IANA protocol numbers that are told apart by name.
pub mod protocol {
    /// Internet Control Message Protocol.
    pub const ICMP: u8 = 1;
    /// Transmission Control Protocol.
    pub const TCP: u8 = 6;
    /// User Datagram Protocol.
    pub const UDP: u8 = 17;
    /// ICMP for IPv6.
    pub const ICMPV6: u8 = 58;

    /// Names by number, for parsing and printing.
    pub const NAMES: &[(u8, &str)] = &[
        (1, "ICMP"),
        (2, "IGMP"),
        (4, "IPIP"),
        (6, "TCP"),
        (17, "UDP"),
        (33, "DCCP"),
        (41, "IPv6"),
        (47, "GRE"),
        (50, "ESP"),
        (51, "AH"),
        (58, "ICMPv6"),
        (89, "OSPF"),
        (103, "PIM"),
        (112, "VRRP"),
        (132, "SCTP"),
        (136, "UDPLITE"),
    ];

    /// Whether its headers have ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
    #[must_use]
    pub const fn has_ports(number: u8) -> bool {
        matches!(number, TCP | UDP | 33 | 132 | 136)
    }

    /// Whether it is ICMP of either IP version.
    #[must_use]
    pub const fn is_icmp(number: u8) -> bool {
        matches!(number, ICMP | ICMPV6)
    }

    /// The name of a protocol number, if it has one here.
    #[must_use]
    pub fn name(number: u8) -> Option<&'static str> {
        NAMES.iter().find(|(n, _)| *n == number).map(|(_, name)| *name)
    }
}

/// The place of a table in a store: one for each source, and one for each derived table (flows, DNS) of a vantage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// Identifies a record for the life of a store: a table (24 bits) and a row in it (40 bits), so that ids sort by
/// table and then in input order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u64);

impl RecordId {
    /// Rows a table can have.
    pub const MAX_ROWS: u64 = 1 << 40;
    /// Tables a store can have.
    pub const MAX_TABLES: u32 = 1 << 24;

    /// The id of row `row` of `table`. Rows and tables beyond the limits do not occur: the store refuses them.
    #[must_use]
    pub const fn new(table: TableId, row: u64) -> Self {
        Self(((table.0 as u64) << 40) | (row & (Self::MAX_ROWS - 1)))
    }

    /// The table.
    #[must_use]
    pub const fn table(self) -> TableId {
        TableId((self.0 >> 40) as u32)
    }

    /// The row in the table, from 0.
    #[must_use]
    pub const fn row(self) -> u64 {
        self.0 & (Self::MAX_ROWS - 1)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.table().0, self.row())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_beyond_32_bits_keep_table_and_row() {
        for row in [0, (1 << 27) + 1, (1 << 32) + 5, RecordId::MAX_ROWS - 1] {
            let id = RecordId::new(TableId(77), row);
            assert_eq!((id.table(), id.row()), (TableId(77), row));
        }
    }

    #[test]
    fn ids_sort_in_input_order() {
        let id = |table, row| RecordId::new(TableId(table), row);
        assert!(id(1, RecordId::MAX_ROWS - 1) < id(2, 0));
        assert!(id(2, 1 << 32) < id(2, (1 << 32) + 1));
    }

    #[test]
    fn times_saturate() {
        assert_eq!(Timestamp::from_parts(i64::MAX, 0), Timestamp::MAX);
        assert_eq!(Timestamp::from_micros(i64::MIN).since(Timestamp::MAX), i64::MIN);
    }
}
