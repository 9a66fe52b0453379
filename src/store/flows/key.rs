//! What the packets of a flow have in common.

use std::net::IpAddr;

use crate::record::{FiveTuple, protocol};

/// Addresses, ports and protocol, the same for both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u64; 5]);

impl Key {
    pub(super) fn of(tuple: &FiveTuple) -> Self {
        let echo = is_icmp(tuple.protocol);
        let destination_port = if echo { tuple.source_port } else { tuple.destination_port };
        let a = (bits(tuple.source), tuple.source_port);
        let b = (bits(tuple.destination), destination_port);
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let family = u64::from(tuple.source.is_ipv6());
        let rest = u64::from(low.1) << 32 | u64::from(high.1) << 16 | u64::from(tuple.protocol) << 8 | family;
        let halves = |address: u128| [(address >> 64) as u64, address as u64];
        let ([a, b], [c, d]) = (halves(low.0), halves(high.0));
        Self([a, b, c, d, rest])
    }
}

/// The tuple as the other side would send it; an ICMP echo identifier is the same for both.
pub(super) const fn other_side(tuple: &FiveTuple) -> FiveTuple {
    let mut other = tuple.reversed();
    if is_icmp(tuple.protocol) {
        other.source_port = tuple.source_port;
        other.destination_port = tuple.destination_port;
    }
    other
}

const fn is_icmp(number: u8) -> bool {
    matches!(number, protocol::ICMP | protocol::ICMPV6)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}
