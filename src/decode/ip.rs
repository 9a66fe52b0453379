//! Network layer: IPv4 (RFC 791) and IPv6 (RFC 8200), down to the innermost packet of tunnels.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::bytes::{be16, be32, byte};
use super::link::{self, ether_type};
use super::{IpPacket, transport};
use crate::record::FiveTuple;

/// IPv4 in IP (RFC 2003).
const IP_IN_IP: u8 = 4;
/// IPv6 in IP (RFC 4213).
const IPV6_IN_IP: u8 = 41;
/// Generic Routing Encapsulation (RFC 2784).
const GRE: u8 = 47;
/// Fragment header of IPv6.
const FRAGMENT: u8 = 44;
/// Authentication Header (RFC 4302).
const AUTHENTICATION: u8 = 51;
/// IP packets within IP packets that are followed.
const MAX_TUNNELS: usize = 4;

/// What an IP header says, extension headers included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    source: IpAddr,
    destination: IpAddr,
    /// Protocol of what follows the header.
    pub protocol: u8,
    id: Option<u16>,
    flow_label: Option<u32>,
    total_length: u16,
    ttl: u8,
    /// Where the header ends.
    pub end: usize,
    /// Length on the wire of what follows.
    pub length: u32,
    /// Not the first fragment: what follows is no transport header.
    pub later_fragment: bool,
}

/// Reads the IP packet of the given EtherType that `bytes` start with; it was at most `wire` bytes on the wire.
///
/// Gives the innermost packet of IP-in-IP and GRE tunnels, as far as it was captured. `None` when not even the
/// addresses are there.
#[must_use]
pub fn decode(ether_type: u16, bytes: &[u8], wire: u32) -> Option<IpPacket<'_>> {
    packet(ether_type, bytes, wire, MAX_TUNNELS)
}

fn packet(ether_type: u16, bytes: &[u8], wire: u32, tunnels: usize) -> Option<IpPacket<'_>> {
    let header = header(ether_type, bytes, wire)?;
    let payload = payload(&header, bytes);
    if matches!(header.protocol, IP_IN_IP | IPV6_IN_IP | GRE) && tunnels > 0 && !header.later_fragment {
        let inner = inner(header.protocol, payload).and_then(|(ether_type, at)| {
            packet(ether_type, payload.get(at..)?, header.length.saturating_sub(at as u32), tunnels - 1)
        });
        if inner.is_some() {
            return inner;
        }
    }
    Some(assemble(&header, payload))
}

/// Reads an IP header with its extension headers.
pub(crate) fn header(ether_type: u16, bytes: &[u8], wire: u32) -> Option<Header> {
    match ether_type {
        ether_type::IPV4 => ipv4(bytes, wire),
        ether_type::IPV6 => ipv6(bytes, wire),
        _ => None,
    }
}

/// The captured bytes behind the header that belong to the packet: not the padding of a short Ethernet frame.
pub(crate) fn payload<'a>(header: &Header, bytes: &'a [u8]) -> &'a [u8] {
    let rest = bytes.get(header.end..).unwrap_or_default();
    rest.get(..header.length as usize).unwrap_or(rest)
}

fn assemble<'a>(header: &Header, payload: &'a [u8]) -> IpPacket<'a> {
    let transport = if header.later_fragment {
        transport::fragment(header.protocol, header.length)
    } else {
        transport::decode(header.protocol, payload, header.length)
    };
    IpPacket {
        tuple: FiveTuple {
            protocol: header.protocol,
            source: header.source,
            destination: header.destination,
            source_port: transport.source_port,
            destination_port: transport.destination_port,
        },
        ports_known: transport.ports_known,
        ip_id: header.id,
        flow_label: header.flow_label,
        ip_length: header.total_length,
        ttl: header.ttl,
        tcp: transport.tcp,
        icmp: transport.icmp,
        payload: transport.payload,
        payload_length: transport.payload_length,
    }
}

fn ipv4(bytes: &[u8], wire: u32) -> Option<Header> {
    let header = bytes.first_chunk::<20>()?;
    let end = usize::from(header[0] & 15) * 4;
    if header[0] >> 4 != 4 || end < 20 {
        return None;
    }
    let total_length = be16(header, 2)?;
    // Segmentation offload leaves the length at 0.
    let length = if total_length == 0 { wire } else { u32::from(total_length) };
    let mut header = Header {
        source: Ipv4Addr::from(be32(header, 12)?).into(),
        destination: Ipv4Addr::from(be32(header, 16)?).into(),
        protocol: header[9],
        id: be16(header, 4),
        flow_label: None,
        total_length,
        ttl: header[8],
        end,
        length: length.saturating_sub(end as u32),
        later_fragment: be16(header, 6)? & 0x1fff != 0,
    };
    if header.protocol == AUTHENTICATION && !header.later_fragment {
        pass_extensions(&mut header, bytes, length);
    }
    Some(header)
}

fn ipv6(bytes: &[u8], wire: u32) -> Option<Header> {
    let fixed = bytes.first_chunk::<40>()?;
    if fixed[0] >> 4 != 6 {
        return None;
    }
    let payload_length = be16(fixed, 4)?;
    // Jumbograms (RFC 2675) and segmentation offload leave the length at 0.
    let length = if payload_length == 0 { wire } else { u32::from(payload_length) + 40 };
    let address = |at: usize| Some(Ipv6Addr::from(*fixed.get(at..)?.first_chunk::<16>()?));
    let mut header = Header {
        source: address(8)?.into(),
        destination: address(24)?.into(),
        protocol: fixed[6],
        id: None,
        flow_label: Some(be32(fixed, 0)? & 0x000f_ffff),
        total_length: payload_length.saturating_add(40),
        ttl: fixed[7],
        end: 40,
        length: 0,
        later_fragment: false,
    };
    pass_extensions(&mut header, bytes, length);
    Some(header)
}

/// Moves the end of a header behind the extension headers that were captured; `length` is that of the whole packet.
fn pass_extensions(header: &mut Header, bytes: &[u8], length: u32) {
    while let Some((next, size)) = extension(header.protocol, bytes, header.end) {
        let fragment = header.protocol == FRAGMENT;
        header.later_fragment |= fragment && be16(bytes, header.end + 2).is_some_and(|field| field >> 3 != 0);
        header.protocol = next;
        header.end += size;
        if header.later_fragment {
            break;
        }
    }
    header.length = length.saturating_sub(header.end as u32);
}

/// What follows the extension header `kind` at `at`, and how long it is; `None` where it is none or was cut off.
pub(crate) fn extension(kind: u8, bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let next = byte(bytes, at)?;
    let units = usize::from(byte(bytes, at + 1)?);
    let length = match kind {
        // Hop-by-hop, routing, destination options, mobility, host identity, shim6.
        0 | 43 | 60 | 135 | 139 | 140 => (units + 1) * 8,
        FRAGMENT => 8,
        AUTHENTICATION => (units + 2) * 4,
        _ => return None,
    };
    (at + length <= bytes.len()).then_some((next, length))
}

/// EtherType and offset of the IP packet in the payload of a tunnel.
fn inner(protocol: u8, payload: &[u8]) -> Option<(u16, usize)> {
    match protocol {
        IP_IN_IP => Some((ether_type::IPV4, 0)),
        IPV6_IN_IP => Some((ether_type::IPV6, 0)),
        _ => gre(payload),
    }
}

fn gre(payload: &[u8]) -> Option<(u16, usize)> {
    /// Transparent Ethernet bridging (RFC 7637).
    const ETHERNET: u16 = 0x6558;
    let flags = be16(payload, 0).filter(|flags| flags & 7 == 0)?;
    // Checksum, key and sequence number (RFC 2890) take four bytes each.
    let options = [0x8000, 0x2000, 0x1000].iter().filter(|bit| flags & **bit != 0).count();
    let at = 4 + options * 4;
    match be16(payload, 2)? {
        ETHERNET => link::network(link::ETHERNET, payload.get(at..)?).map(|(kind, offset)| (kind, at + offset)),
        kind => Some((kind, at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_v4(protocol: u8, length: u16, fragment: u16) -> Vec<u8> {
        let mut bytes = vec![0x45, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend([0x12, 0x34]);
        bytes.extend(fragment.to_be_bytes());
        bytes.extend([64, protocol, 0, 0, 10, 137, 0, 17, 203, 0, 113, 9]);
        bytes
    }

    #[test]
    fn later_fragments_have_no_ports() {
        let mut bytes = header_v4(17, 36, 0x2001);
        bytes.extend([0, 53, 0, 54, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let packet = decode(ether_type::IPV4, &bytes, 36).unwrap();
        assert_eq!((packet.ports_known, packet.tuple.source_port, packet.payload_length), (false, 0, 16));
    }

    #[test]
    fn padding_is_no_payload() {
        let mut bytes = header_v4(17, 29, 0);
        bytes.extend([0, 53, 0, 54, 0, 9, 0, 0, 0xaa, 0, 0, 0]);
        assert_eq!(decode(ether_type::IPV4, &bytes, 46).unwrap().payload, [0xaa]);
    }

    #[test]
    fn the_innermost_packet_counts() {
        let mut bytes = header_v4(4, 48, 0);
        bytes.extend(header_v4(6, 28, 0));
        bytes.extend([0, 80, 0, 81, 0, 0, 0, 0]);
        let packet = decode(ether_type::IPV4, &bytes, 48).unwrap();
        assert_eq!((packet.tuple.protocol, packet.tuple.source_port), (6, 80));
        let cut = decode(ether_type::IPV4, &bytes[..30], 48).unwrap();
        assert_eq!(cut.tuple.protocol, 4);
    }

    #[test]
    fn extension_headers_are_passed() {
        let mut bytes = vec![0x60, 0, 0, 7, 0, 24, 0, 64];
        bytes.extend([0xfd; 16]);
        bytes.extend([0xfe; 16]);
        bytes.extend([60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 53, 0, 54, 0, 8, 0, 0]);
        let packet = decode(ether_type::IPV6, &bytes, 64).unwrap();
        assert_eq!((packet.tuple.protocol, packet.tuple.source_port, packet.flow_label), (17, 53, Some(7)));
        assert_eq!(packet.payload_length, 0);
    }
}
