//! How fields are found in records.

/// How a field is found in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// A property that every record has in a column or from its table.
    Record(RecordField),
    /// Something in the bytes of a record.
    Line(LineField),
    /// The prefix of an nft line.
    NftPrefix,
    /// A mark of an nft line: any, or one whose prefix says `new`.
    NftMark { new: bool },
    /// From addresses and ports.
    Tuple(TupleField),
    /// From the IP or TCP header.
    Header(HeaderField),
    /// From the frame.
    Frame(FrameField),
    /// From the flow.
    Flow(FlowField),
    /// From a DNS exchange.
    Dns(DnsField),
}

/// A property that every record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordField {
    Key,
    Received,
    Claimed,
    Kind,
    Qube,
    Source,
    Format,
    Level,
}

/// Something in the bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineField {
    Text,
    Message,
    Host,
    App,
    Pid,
    /// A key of an nft line.
    Key(&'static str),
    /// A field of a journal entry.
    Journal(&'static str),
}

/// Something about addresses and ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TupleField {
    Source,
    Destination,
    Address,
    Protocol,
    /// A port at the given ends, of the given protocol or any that has ports.
    Port(Ends, Option<u8>),
    /// The echo identifier of ICMP.
    EchoId,
    /// Has this protocol.
    Has(u8),
    /// Has addresses of IP version 4 (else 6).
    Version4(bool),
}

/// Which side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    Source,
    Destination,
    Both,
}

/// A field of the IP or TCP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderField {
    Id,
    Length,
    Ttl,
    Flags,
    /// One flag of the TCP header.
    Flag(u8),
}

/// A property of a captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameField {
    Length,
    Captured,
    Bytes,
}

/// A property of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowField {
    Packets,
    Bytes,
    Duration,
    Outcome,
    Name,
    ServerName,
    CommunityId,
    Tls,
}

/// A property of a DNS exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsField {
    Any,
    Name,
    Type,
    ResponseCode,
    Address,
    Id,
    Time,
}
