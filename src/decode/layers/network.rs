//! IPv4, IPv6 with its extension headers, and ARP.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::link::ether_type_text;
use super::{Content, Dissection, Fields, Rest, decimal, hex, named, words};
use crate::decode::bytes::{be16, be32, byte};
use crate::decode::ip;
use crate::decode::link::ether_type;
use crate::record::protocol;

/// Names of the IPv4 fragmentation flags.
const FRAGMENT_FLAGS: &[(u32, &str)] = &[(0x4000, "don't fragment"), (0x2000, "more fragments")];

pub(super) fn ipv4(packet: &mut Dissection<'_>, rest: &Rest) -> Option<Rest> {
    let mut fields = Fields::new(packet, "IPv4", rest.at);
    let length = byte(fields.rest(), 0).map_or(20, |first| usize::from(first & 15) * 4).max(20);
    fields.add("Header length", 0, 1, Some(length.to_string()));
    fields.byte("DSCP and ECN", 1, |value| format!("{value:#04x}"));
    fields.be16("Total length", 2, decimal);
    fields.be16("Identification", 4, |id| format!("{id} ({id:#06x})"));
    let fragment = be16(fields.rest(), 6);
    fields.add("Flags", 6, 1, fragment.map(|value| words(value.into(), FRAGMENT_FLAGS)));
    fields.add("Fragment offset", 6, 2, fragment.map(|value| (u32::from(value & 0x1fff) * 8).to_string()));
    fields.byte("TTL", 8, decimal);
    fields.byte("Protocol", 9, protocol_text);
    fields.be16("Header checksum", 10, |sum| format!("{sum:#06x}"));
    fields.be32("Source", 12, |address| Ipv4Addr::from(address).to_string());
    fields.be32("Destination", 16, |address| Ipv4Addr::from(address).to_string());
    if length > 20 {
        fields.bytes("Options", 20, length - 20, hex);
    }
    fields.finish(packet, length);
    Some(after(packet, rest, ether_type::IPV4))
}

pub(super) fn ipv6(packet: &mut Dissection<'_>, rest: &Rest) -> Option<Rest> {
    let mut fields = Fields::new(packet, "IPv6", rest.at);
    let first = be32(fields.rest(), 0);
    fields.add("Traffic class", 0, 2, first.map(|first| format!("{:#04x}", first >> 20 & 0xff)));
    fields.add("Flow label", 1, 3, first.map(|first| format!("{:#07x}", first & 0x000f_ffff)));
    fields.be16("Payload length", 4, decimal);
    let next = fields.byte("Next header", 6, protocol_text);
    fields.byte("Hop limit", 7, decimal);
    fields.bytes("Source", 8, 16, ipv6_text);
    fields.bytes("Destination", 24, 16, ipv6_text);
    fields.finish(packet, 40);
    extensions(packet, rest.at + 40, next);
    Some(after(packet, rest, ether_type::IPV6))
}

fn extensions(packet: &mut Dissection<'_>, mut at: usize, mut kind: Option<u8>) {
    while packet.layers.len() < super::MAX_LAYERS {
        let Some((name, (next, length))) = kind.and_then(|kind| {
            let name = extension_name(kind)?;
            Some((name, ip::extension(kind, packet.bytes, at)?))
        }) else {
            return;
        };
        let mut fields = Fields::new(packet, name, at);
        fields.byte("Next header", 0, protocol_text);
        if kind == Some(44) {
            fields.be16("Fragment offset", 2, |value| (value & !7).to_string());
            fields.be32("Identification", 4, |id| format!("{id:#010x}"));
        }
        fields.finish(packet, length);
        (kind, at) = (Some(next), at + length);
    }
}

/// What follows an IP header.
fn after(packet: &Dissection<'_>, rest: &Rest, kind: u16) -> Rest {
    let bytes = packet.bytes.get(rest.at..).unwrap_or_default();
    let wire = u32::try_from(rest.end - rest.at.min(rest.end)).unwrap_or(u32::MAX);
    let Some(header) = ip::header(kind, bytes, wire) else {
        return Rest::new(Content::Payload, packet.bytes.len(), rest.end);
    };
    let at = rest.at + header.end;
    let end = at + header.length as usize;
    let content = if header.later_fragment { Content::Payload } else { Content::Protocol(header.protocol) };
    Rest::new(content, at, end)
}

pub(super) fn arp(packet: &mut Dissection<'_>, rest: &Rest) -> Option<Rest> {
    let mut fields = Fields::new(packet, "ARP", rest.at);
    fields.be16("Protocol", 2, ether_type_text);
    fields.be16("Operation", 6, |operation| {
        named(operation.into(), ["request", "reply"].get(usize::from(operation).wrapping_sub(1)).copied())
    });
    fields.bytes("Sender hardware address", 8, 6, hex);
    fields.be32("Sender address", 14, |address| Ipv4Addr::from(address).to_string());
    fields.bytes("Target hardware address", 18, 6, hex);
    fields.be32("Target address", 24, |address| Ipv4Addr::from(address).to_string());
    fields.finish(packet, 28);
    None
}

/// A protocol number with its name.
pub(super) fn protocol_text(number: u8) -> String {
    named(number.into(), protocol::name(number).or_else(|| extension_name(number)))
}

const fn extension_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "IPv6 hop-by-hop options",
        43 => "IPv6 routing",
        44 => "IPv6 fragment",
        51 => "AH",
        60 => "IPv6 destination options",
        135 => "IPv6 mobility",
        139 => "IPv6 host identity",
        140 => "IPv6 shim6",
        _ => return None,
    })
}

fn ipv6_text(bytes: &[u8]) -> String {
    <[u8; 16]>::try_from(bytes).map(|octets| Ipv6Addr::from(octets).to_string()).unwrap_or_default()
}
