//! What the packets of a flow have in common.

use std::net::IpAddr;

use crate::decode::Icmp;
use crate::record::{FiveTuple, protocol};
use crate::store::community_id::counterpart;

/// Addresses, ports and protocol, the same for both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u64; 5]);

/// Which directions a flow has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Both,
    /// Both, of an ICMP type and the type that answers it.
    BothByType,
    /// One, of an ICMP type that nothing answers.
    OneByType,
}

impl Key {
    pub(super) fn of(tuple: &FiveTuple, icmp: Option<Icmp>) -> Self {
        let (source_port, destination_port, direction) = ends(tuple, icmp);
        let a = (bits(tuple.source), source_port);
        let b = (bits(tuple.destination), destination_port);
        let (low, high) = if direction == Direction::OneByType || a <= b { (a, b) } else { (b, a) };
        let marks = u64::from(tuple.source.is_ipv6()) | (direction as u64) << 1;
        let rest = u64::from(low.1) << 32 | u64::from(high.1) << 16 | u64::from(tuple.protocol) << 8 | marks;
        let halves = |address: u128| [(address >> 64) as u64, address as u64];
        let ([a, b], [c, d]) = (halves(low.0), halves(high.0));
        Self([a, b, c, d, rest])
    }
}

/// What tells flows between two addresses apart, and which directions they have.
///
/// For ICMP that is the echo identifier, or the type with its counterpart; a type without one has a flow in each
/// direction, as in the Community ID.
fn ends(tuple: &FiveTuple, icmp: Option<Icmp>) -> (u16, u16, Direction) {
    match icmp.filter(|_| is_icmp(tuple.protocol)) {
        Some(icmp) if icmp.is_echo(tuple.protocol) => (tuple.source_port, tuple.source_port, Direction::Both),
        Some(Icmp { kind, code }) => match counterpart(tuple.protocol, kind) {
            Some(other) => (kind.into(), other.into(), Direction::BothByType),
            None => (kind.into(), code.into(), Direction::OneByType),
        },
        None => (tuple.source_port, tuple.destination_port, Direction::Both),
    }
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
