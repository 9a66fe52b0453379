//! DNS exchanges: a query and its answer at one vantage.

use std::net::IpAddr;
use std::sync::Arc;

use crate::record::{FiveTuple, RecordId, Timestamp};

/// A DNS query with its answer, or either alone.
#[derive(Clone, Debug)]
pub struct DnsExchange {
    /// Time of the query, or of the answer where no query was captured.
    pub time: Timestamp,
    /// Client as source, server as destination.
    pub tuple: FiveTuple,
    /// Transaction id.
    pub id: u16,
    /// The name asked for, without the final dot; bytes outside printable ASCII are escaped as `\ddd` (RFC 4343).
    pub name: Arc<str>,
    /// Whether the capture cut the name: it is then only its beginning.
    pub name_cut: bool,
    /// Record type asked for (1 A, 28 AAAA, ...); absent where it was cut off.
    pub query_type: Option<u16>,
    /// The query packet.
    pub query: Option<RecordId>,
    /// The answer, if one was captured.
    pub answer: Option<DnsAnswer>,
}

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct DnsAnswer {
    /// Its time.
    pub time: Timestamp,
    /// The answer packet.
    pub packet: RecordId,
    /// Response code (0 NOERROR, 3 NXDOMAIN, ...).
    pub response_code: u8,
    /// Addresses in the answer section, as far as they were captured.
    pub addresses: Box<[IpAddr]>,
    /// Whether the capture cut the answer section: there may be more addresses.
    pub cut: bool,
}
