//! Link layer: finds the network layer in a captured frame.
//!
//! Link types are the `LINKTYPE_` numbers of <https://www.tcpdump.org/linktypes.html>.

use super::bytes::{be16, be32, byte};

/// `LINKTYPE_NULL`: BSD loopback, an address family in the byte order of the capturing machine.
pub const NULL: u16 = 0;
/// `LINKTYPE_ETHERNET`.
pub const ETHERNET: u16 = 1;
/// `DLT_RAW` of most systems, as some programs wrote it to files: starts with an IP header.
pub const RAW_BSD: u16 = 12;
/// `DLT_RAW` of OpenBSD, as some programs wrote it to files: starts with an IP header.
pub const RAW_OPENBSD: u16 = 14;
/// `LINKTYPE_RAW`: starts with an IP header.
pub const RAW: u16 = 101;
/// `LINKTYPE_LOOP`: OpenBSD loopback, an address family in network byte order.
pub const LOOP: u16 = 108;
/// `LINKTYPE_LINUX_SLL`: Linux "cooked" capture.
pub const LINUX_SLL: u16 = 113;
/// `LINKTYPE_IPV4`: starts with an IPv4 header.
pub const IPV4: u16 = 228;
/// `LINKTYPE_IPV6`: starts with an IPv6 header.
pub const IPV6: u16 = 229;
/// `LINKTYPE_LINUX_SLL2`: Linux "cooked" capture, version 2, as `tcpdump -i any` writes it.
pub const LINUX_SLL2: u16 = 276;

/// EtherType numbers (IEEE 802) that are followed.
pub mod ether_type {
    /// Internet Protocol version 4.
    pub const IPV4: u16 = 0x0800;
    /// Address Resolution Protocol.
    pub const ARP: u16 = 0x0806;
    /// Internet Protocol version 6.
    pub const IPV6: u16 = 0x86dd;
    /// PPPoE session (RFC 2516).
    pub const PPPOE: u16 = 0x8864;
    /// MPLS unicast (RFC 3032).
    pub const MPLS: u16 = 0x8847;
    /// VLAN tags: IEEE 802.1Q, 802.1ad (QinQ), and the numbers used for QinQ before that.
    pub const VLAN: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];
    /// Below this an EtherType field is the length of an IEEE 802.3 frame.
    pub const LEAST: u16 = 1536;
}

/// The most tags and labels that are followed in a frame; no real network stacks so many.
const MAX_TAGS: usize = 16;

/// The names of the link types that are decoded.
#[must_use]
pub const fn name(link_type: u16) -> Option<&'static str> {
    Some(match link_type {
        NULL => "BSD loopback",
        ETHERNET => "Ethernet",
        RAW | RAW_BSD | RAW_OPENBSD => "Raw IP",
        LOOP => "OpenBSD loopback",
        LINUX_SLL => "Linux cooked v1",
        IPV4 => "Raw IPv4",
        IPV6 => "Raw IPv6",
        LINUX_SLL2 => "Linux cooked v2",
        _ => return None,
    })
}

/// EtherType and offset of the network layer of a frame: behind VLAN tags, MPLS labels and PPPoE.
///
/// `None` when the link type is not known, the frame was cut before the network layer, or it has none.
#[must_use]
pub fn network(link_type: u16, frame: &[u8]) -> Option<(u16, usize)> {
    match link_type {
        ETHERNET => follow(frame, be16(frame, 12)?, 14),
        LINUX_SLL2 => follow(frame, be16(frame, 0)?, 20),
        LINUX_SLL => follow(frame, be16(frame, 14)?, 16),
        RAW | RAW_BSD | RAW_OPENBSD | IPV4 | IPV6 => by_version(frame, 0),
        NULL | LOOP => family(be32(frame, 0)?).map(|ether_type| (ether_type, 4)),
        _ => None,
    }
}

/// The EtherType of an address family number, in either byte order: 2 is IPv4 everywhere, IPv6 differs by system.
pub(crate) const fn family(number: u32) -> Option<u16> {
    let number = if number > 0xffff { number.swap_bytes() } else { number };
    match number {
        2 => Some(ether_type::IPV4),
        10 | 24 | 28 | 30 => Some(ether_type::IPV6),
        _ => None,
    }
}

/// What IP version a header says.
pub(crate) fn by_version(frame: &[u8], at: usize) -> Option<(u16, usize)> {
    match byte(frame, at)? >> 4 {
        4 => Some((ether_type::IPV4, at)),
        6 => Some((ether_type::IPV6, at)),
        _ => None,
    }
}

/// Follows tags from an EtherType and the offset behind it to the network layer.
fn follow(frame: &[u8], mut ether_type: u16, mut at: usize) -> Option<(u16, usize)> {
    for _ in 0..MAX_TAGS {
        if ether_type == ether_type::IPV4 || ether_type == ether_type::IPV6 {
            return Some((ether_type, at));
        }
        (ether_type, at) = next(frame, ether_type, at)?;
    }
    None
}

/// One step of [`follow`]: the EtherType behind the tag, label or LLC header at `at`, and its offset.
pub(crate) fn next(frame: &[u8], ether_type: u16, at: usize) -> Option<(u16, usize)> {
    match ether_type {
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => Some((be16(frame, at + 2)?, at + 4)),
        ether_type::MPLS => {
            let bottom = be32(frame, at)? & 0x100 != 0;
            if bottom { by_version(frame, at + 4) } else { Some((ether_type, at + 4)) }
        }
        ether_type::PPPOE => match be16(frame, at + 6)? {
            0x0021 => Some((ether_type::IPV4, at + 8)),
            0x0057 => Some((ether_type::IPV6, at + 8)),
            _ => None,
        },
        length if length < ether_type::LEAST => {
            let snap = frame.get(at..at + 6)? == [0xaa, 0xaa, 3, 0, 0, 0];
            let inner = be16(frame, at + 6).filter(|inner| snap && *inner >= ether_type::LEAST)?;
            Some((inner, at + 8))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_tags_are_passed() {
        let mut frame = vec![0; 12];
        frame.extend([0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 0x08, 0, 0x45]);
        assert_eq!(network(ETHERNET, &frame), Some((ether_type::IPV4, 22)));
    }

    #[test]
    fn endless_tags_end() {
        let frame = [0x81, 0].repeat(4096);
        assert_eq!(network(ETHERNET, &frame), None);
    }

    #[test]
    fn loopback_families_come_in_both_byte_orders() {
        for frame in [[2, 0, 0, 0], [0, 0, 0, 2]] {
            assert_eq!(network(NULL, &frame), Some((ether_type::IPV4, 4)));
        }
        assert_eq!(network(LOOP, &[0, 0, 0, 24]), Some((ether_type::IPV6, 4)));
    }

    #[test]
    fn snap_carries_ip() {
        let mut frame = vec![0; 12];
        frame.extend([0, 60, 0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0, 0x45]);
        assert_eq!(network(ETHERNET, &frame), Some((ether_type::IPV4, 22)));
    }
}
