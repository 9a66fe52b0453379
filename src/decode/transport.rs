//! Transport layer: ports, TCP header fields and ICMP types, as far as they were captured.

use super::bytes::{be16, be32, byte};
use super::{Icmp, Tcp};
use crate::record::protocol;

/// Datagram Congestion Control Protocol (RFC 4340): starts with ports.
const DCCP: u8 = 33;
/// Stream Control Transmission Protocol (RFC 9260): starts with ports.
const SCTP: u8 = 132;
/// Lightweight UDP (RFC 3828): starts with ports.
const UDP_LITE: u8 = 136;

/// What the transport header of a packet says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transport<'a> {
    /// Source port or ICMP echo identifier; 0 where there is none.
    pub source_port: u16,
    /// Destination port; 0 where there is none.
    pub destination_port: u16,
    /// Whether the ports could be read, or the protocol has none.
    pub ports_known: bool,
    /// TCP header, if its first 16 bytes were captured.
    pub tcp: Option<Tcp>,
    /// ICMP or ICMPv6 type and code.
    pub icmp: Option<Icmp>,
    /// The captured part of the payload.
    pub payload: &'a [u8],
    /// Length of the payload on the wire.
    pub payload_length: u32,
}

/// Whether packets of this protocol start with two ports.
#[must_use]
pub const fn has_ports(protocol: u8) -> bool {
    matches!(protocol, protocol::TCP | protocol::UDP | DCCP | SCTP | UDP_LITE)
}

/// Reads the transport header at the start of `bytes`, which were `length` bytes on the wire.
#[must_use]
pub fn decode(protocol: u8, bytes: &[u8], length: u32) -> Transport<'_> {
    match protocol {
        protocol::TCP => tcp(bytes, length),
        protocol::UDP => udp(bytes, length),
        protocol::ICMP | protocol::ICMPV6 => icmp(protocol, bytes, length),
        _ => other(protocol, bytes, length),
    }
}

/// What is known of a later fragment: it has no transport header.
#[must_use]
pub const fn fragment(protocol: u8, length: u32) -> Transport<'static> {
    Transport {
        source_port: 0,
        destination_port: 0,
        ports_known: !has_ports(protocol),
        tcp: None,
        icmp: None,
        payload: &[],
        payload_length: length,
    }
}

fn ports(bytes: &[u8]) -> Option<(u16, u16)> {
    Some((be16(bytes, 0)?, be16(bytes, 2)?))
}

fn with_ports<'a>(bytes: &'a [u8], header: usize, length: u32) -> Transport<'a> {
    let ports = ports(bytes);
    let (source_port, destination_port) = ports.unwrap_or_default();
    Transport {
        source_port,
        destination_port,
        ports_known: ports.is_some(),
        payload: bytes.get(header..).unwrap_or_default(),
        payload_length: length.saturating_sub(header as u32),
        ..Transport::default()
    }
}

fn tcp(bytes: &[u8], length: u32) -> Transport<'_> {
    let header = byte(bytes, 12).map_or(20, |offset| usize::from(offset >> 4) * 4);
    // A data offset below 5 is malformed: such a segment has no payload to speak of.
    let header = if header < 20 { bytes.len().max(length as usize) } else { header };
    Transport { tcp: tcp_header(bytes), ..with_ports(bytes, header, length) }
}

fn tcp_header(bytes: &[u8]) -> Option<Tcp> {
    let header = bytes.first_chunk::<16>()?;
    Some(Tcp {
        flags: header[13],
        sequence: be32(header, 4)?,
        acknowledgement: be32(header, 8)?,
        window: be16(header, 14)?,
    })
}

fn udp(bytes: &[u8], length: u32) -> Transport<'_> {
    // A length of 0 is that of a jumbogram (RFC 2675) or of segmentation offload: the IP length counts.
    let stated = be16(bytes, 4).map(u32::from).filter(|stated| *stated >= 8).unwrap_or(length).min(length);
    let within = bytes.get(..stated as usize).unwrap_or(bytes);
    with_ports(within, 8, stated)
}

fn icmp(protocol: u8, bytes: &[u8], length: u32) -> Transport<'_> {
    let icmp = byte(bytes, 0).zip(byte(bytes, 1)).map(|(kind, code)| Icmp { kind, code });
    let echo = icmp.is_some_and(|icmp| icmp.is_echo(protocol));
    let identifier = be16(bytes, 4).filter(|_| echo);
    Transport {
        source_port: identifier.unwrap_or(0),
        ports_known: icmp.is_some() && echo == identifier.is_some(),
        icmp,
        payload: bytes.get(8..).unwrap_or_default(),
        payload_length: length.saturating_sub(8),
        ..Transport::default()
    }
}

fn other(protocol: u8, bytes: &[u8], length: u32) -> Transport<'_> {
    if has_ports(protocol) {
        let header = if protocol == SCTP { 12 } else { 8 };
        return with_ports(bytes, header, length);
    }
    Transport { ports_known: true, payload: bytes, payload_length: length, ..Transport::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_tcp_header_still_gives_ports() {
        let cut = decode(protocol::TCP, &[0x01, 0xbb, 0xc0, 0x01, 0, 0], 40);
        assert_eq!((cut.source_port, cut.destination_port, cut.ports_known), (443, 49153, true));
        assert_eq!((cut.tcp, cut.payload_length), (None, 20));
        assert!(!decode(protocol::TCP, &[1, 2, 3], 40).ports_known);
    }

    #[test]
    fn udp_lengths_beyond_the_packet_do_not_count() {
        let udp = decode(protocol::UDP, &[0, 53, 0, 54, 0xff, 0xff, 0, 0, 9], 9);
        assert_eq!((udp.payload, udp.payload_length), (&[9][..], 1));
    }

    #[test]
    fn echo_identifiers_stand_for_ports() {
        let echo = decode(protocol::ICMP, &[8, 0, 0, 0, 0x12, 0x34, 0, 1], 64);
        assert_eq!((echo.source_port, echo.ports_known), (0x1234, true));
        let unreachable = decode(protocol::ICMP, &[3, 1, 0, 0, 0x12, 0x34, 0, 1], 64);
        assert_eq!((unreachable.source_port, unreachable.ports_known), (0, true));
        assert!(!decode(protocol::ICMP, &[8, 0, 0, 0], 64).ports_known);
    }

    #[test]
    fn a_malformed_data_offset_leaves_no_payload() {
        let mut header = [0u8; 24];
        header[12] = 0x10;
        let tcp = decode(protocol::TCP, &header, 24);
        assert_eq!((tcp.payload.len(), tcp.payload_length), (0, 0));
    }
}
