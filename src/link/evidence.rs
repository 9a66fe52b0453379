//! What speaks for two sightings being of one packet, as a log-likelihood ratio.

use super::sighting::{Basis, Sighting};
use crate::record::FiveTuple;

/// Which header fields two sightings share. A set of the constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared(u16);

impl Shared {
    /// IPv4 identification, not 0.
    pub const IP_ID: Self = Self(1);
    /// IPv6 flow label, not 0.
    pub const FLOW_LABEL: Self = Self(1 << 1);
    /// TCP initial sequence number.
    pub const SEQUENCE: Self = Self(1 << 2);
    /// IP total length.
    pub const LENGTH: Self = Self(1 << 3);
    /// Source address.
    pub const SOURCE: Self = Self(1 << 4);
    /// Destination address.
    pub const DESTINATION: Self = Self(1 << 5);
    /// Source port or ICMP identifier.
    pub const SOURCE_PORT: Self = Self(1 << 6);
    /// Destination port.
    pub const DESTINATION_PORT: Self = Self(1 << 7);
    /// TTLs that a few hops explain.
    pub const TTL: Self = Self(1 << 8);

    /// All, with the names that output uses.
    pub const NAMES: [(Self, &'static str); 9] = [
        (Self::IP_ID, "ip.id"),
        (Self::FLOW_LABEL, "ip.flowlabel"),
        (Self::SEQUENCE, "tcp.seq"),
        (Self::LENGTH, "ip.len"),
        (Self::SOURCE, "ip.src"),
        (Self::DESTINATION, "ip.dst"),
        (Self::SOURCE_PORT, "srcport"),
        (Self::DESTINATION_PORT, "dstport"),
        (Self::TTL, "ttl"),
    ];

    /// Whether all of `other` are in it.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn with(self, other: Self, present: bool) -> Self {
        if present { Self(self.0 | other.0) } else { self }
    }
}

/// How two sightings compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The fields they share.
    pub shared: Shared,
    /// TTL of the second less that of the first.
    pub hops: i16,
    /// Time of the second less that of the first after correction, in nanoseconds; 0 where the intervals overlap.
    pub gap: i64,
    /// Log-likelihood ratio of "the same packet" against "another one that happens to look like it".
    pub weight: f64,
}

/// Few other packets come within so many nanoseconds.
const AT_ONCE: i64 = 200_000;

/// What is known of two clocks against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// They are one.
    Same,
    /// The times were corrected.
    Known,
    /// Nothing.
    Unknown,
    /// Nothing yet: times must not count, because the clocks are told from such pairs.
    Sought,
}

/// The most hops between two qubes.
const MOST_HOPS: i16 = 12;

/// Packets that a qube forwards are seen again within so many nanoseconds.
const FORWARDING: f64 = 1e6;

/// Compares two sightings with the same key, whose packets have these tuples. A difference in time counts by what is
/// known of the two clocks.
#[must_use]
pub fn compare(a: (&Sighting, &FiveTuple), b: (&Sighting, &FiveTuple), clocks: Clocks) -> Evidence {
    let basis = a.0.key.basis();
    let hops = if a.0.ttl == 0 || b.0.ttl == 0 { 0 } else { i16::from(b.0.ttl) - i16::from(a.0.ttl) };
    let shared = shared(basis, a.1, b.1).with(Shared::TTL, a.0.ttl != 0 && b.0.ttl != 0 && hops.abs() <= MOST_HOPS);
    let gap = a.0.gap(b.0);
    let scale = match (basis, clocks) {
        (_, Clocks::Sought) => f64::INFINITY,
        (Basis::Sequence, _) => 5e9,
        (_, Clocks::Same) => FORWARDING,
        (_, Clocks::Known) => 20e6,
        (_, Clocks::Unknown) => 60e9,
    };
    let mut weight = base(basis) + of_tuple(basis, shared) - (gap as f64 / scale).min(20.0);
    if clocks == Clocks::Same && gap < AT_ONCE {
        weight += 3.0;
    }
    if hops.abs() > MOST_HOPS || !a.0.same_flags(b.0) {
        weight -= 12.0;
    }
    let gap = if b.0.at < a.0.at { -gap } else { gap };
    Evidence { shared, hops, gap, weight }
}

fn shared(basis: Basis, a: &FiveTuple, b: &FiveTuple) -> Shared {
    Shared::default()
        .with(Shared::IP_ID, basis == Basis::IpId)
        .with(Shared::FLOW_LABEL, basis == Basis::FlowLabel)
        .with(Shared::SEQUENCE, basis == Basis::Sequence)
        .with(Shared::LENGTH, basis != Basis::Sequence)
        .with(Shared::SOURCE, a.source == b.source)
        .with(Shared::DESTINATION, a.destination == b.destination)
        .with(Shared::SOURCE_PORT, a.source_port == b.source_port)
        .with(Shared::DESTINATION_PORT, a.destination_port == b.destination_port)
}

/// How rare it is that another packet has the key within the time that is searched, in nats.
const fn base(basis: Basis) -> f64 {
    match basis {
        Basis::IpId => 7.0,
        Basis::FlowLabel => 5.0,
        Basis::Length => -3.0,
        Basis::Sequence => 14.0,
    }
}

/// What addresses and ports add. Translation changes the source (masquerade) or the destination, seldom both, and
/// keeps the destination port, and mostly the source port.
fn of_tuple(basis: Basis, shared: Shared) -> f64 {
    let mut weight = 0.0;
    weight += if shared.has(Shared::DESTINATION) { 3.0 } else { 0.0 };
    weight += if shared.has(Shared::SOURCE_PORT) { 4.0 } else { 0.0 };
    weight += if shared.has(Shared::SOURCE) { 1.5 } else { 0.0 };
    weight += if shared.has(Shared::DESTINATION_PORT) { 1.0 } else { -8.0 };
    let kept_nothing = !shared.has(Shared::DESTINATION) && !shared.has(Shared::SOURCE_PORT);
    // A label belongs to a flow, and some systems give all flows between two addresses the same.
    if basis == Basis::FlowLabel && !shared.has(Shared::SOURCE_PORT) {
        weight -= 2.0;
    }
    if kept_nothing && basis != Basis::Sequence { weight - 8.0 } else { weight }
}

/// The probability that goes with a log-likelihood ratio, at even odds.
#[must_use]
pub fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp())
}
