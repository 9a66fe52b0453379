//! Link layers, VLAN tags and MPLS labels.

use super::{Content, Dissection, Fields, Rest, decimal, hex, named};
use crate::decode::bytes::{be16, be32};
use crate::decode::link::{self, ether_type};

/// Reads the link layer.
pub(super) fn link(packet: &mut Dissection<'_>, link_type: u16) -> Rest {
    match link_type {
        link::ETHERNET => ethernet(packet, 0, packet.original),
        link::LINUX_SLL => cooked(packet),
        link::LINUX_SLL2 => cooked2(packet),
        link::NULL | link::LOOP => loopback(packet, link_type),
        _ => {
            let known = link::name(link_type).and_then(|_| link::by_version(packet.bytes, 0));
            let content = known.map_or(Content::Payload, |(kind, _)| Content::EtherType(kind));
            Rest::new(content, 0, packet.original)
        }
    }
}

/// Reads an Ethernet header at `at`.
pub(super) fn ethernet(packet: &mut Dissection<'_>, at: usize, end: usize) -> Rest {
    let mut fields = Fields::new(packet, "Ethernet", at);
    fields.bytes("Destination", 0, 6, hex);
    fields.bytes("Source", 6, 6, hex);
    let kind = fields.be16("Type", 12, ether_type_text);
    fields.finish(packet, 14);
    after(kind, at + 14, end)
}

fn cooked(packet: &mut Dissection<'_>) -> Rest {
    let mut fields = Fields::new(packet, "Linux cooked v1", 0);
    fields.be16("Packet type", 0, |kind| named(kind.into(), packet_type(kind)));
    fields.be16("ARPHRD type", 2, |kind| named(kind.into(), hardware_type(kind)));
    let length = fields.be16("Address length", 4, decimal).unwrap_or(0);
    fields.bytes("Address", 6, usize::from(length.min(8)), hex);
    let kind = fields.be16("Protocol", 14, ether_type_text);
    fields.finish(packet, 16);
    after(kind, 16, packet.original)
}

fn cooked2(packet: &mut Dissection<'_>) -> Rest {
    let mut fields = Fields::new(packet, "Linux cooked v2", 0);
    let kind = fields.be16("Protocol", 0, ether_type_text);
    fields.be32("Interface index", 4, decimal);
    fields.be16("ARPHRD type", 8, |kind| named(kind.into(), hardware_type(kind)));
    fields.byte("Packet type", 10, |kind| named(kind.into(), packet_type(kind.into())));
    let length = fields.byte("Address length", 11, decimal).unwrap_or(0);
    fields.bytes("Address", 12, usize::from(length.min(8)), hex);
    fields.finish(packet, 20);
    after(kind, 20, packet.original)
}

fn loopback(packet: &mut Dissection<'_>, link_type: u16) -> Rest {
    let name = link::name(link_type).unwrap_or("Loopback");
    let kind = be32(packet.bytes, 0).and_then(link::family);
    let mut fields = Fields::new(packet, name, 0);
    fields.bytes("Family", 0, 4, hex);
    fields.finish(packet, 4);
    let content = kind.map_or(Content::Payload, Content::EtherType);
    Rest::new(content, 4, packet.original)
}

fn after(kind: Option<u16>, at: usize, end: usize) -> Rest {
    Rest::new(kind.map_or(Content::Payload, Content::EtherType), at, end)
}

/// Reads a VLAN tag, an MPLS label, a PPPoE or an LLC header; anything else is payload.
pub(super) fn tag(packet: &mut Dissection<'_>, rest: &Rest, kind: u16) -> Option<Rest> {
    let next = link::next(packet.bytes, kind, rest.at);
    let name = match kind {
        kind if ether_type::VLAN.contains(&kind) => "VLAN",
        ether_type::MPLS => "MPLS",
        ether_type::PPPOE => "PPPoE",
        kind if kind < ether_type::LEAST && next.is_some() => "LLC",
        _ => return Some(Rest::new(Content::Payload, rest.at, rest.end)),
    };
    let mut fields = Fields::new(packet, name, rest.at);
    match name {
        "VLAN" => vlan(&mut fields),
        "MPLS" => mpls(&mut fields),
        "PPPoE" => drop(fields.be16("Session", 2, |id| format!("{id:#06x}"))),
        _ => fields.bytes("LLC", 0, 8, hex),
    }
    let length = if matches!(name, "VLAN" | "MPLS") { 4 } else { 8 };
    fields.finish(packet, length);
    let content = next.map_or(Content::Payload, |(kind, _)| Content::EtherType(kind));
    Some(Rest::new(content, next.map_or(rest.at + length, |(_, at)| at), rest.end))
}

fn vlan(fields: &mut Fields<'_>) {
    let tag = be16(fields.rest(), 0);
    fields.add("Priority", 0, 1, tag.map(|tag| (tag >> 13).to_string()));
    fields.add("VLAN", 0, 2, tag.map(|tag| (tag & 0xfff).to_string()));
    fields.be16("Type", 2, ether_type_text);
}

fn mpls(fields: &mut Fields<'_>) {
    let entry = be32(fields.rest(), 0);
    fields.add("Label", 0, 3, entry.map(|entry| (entry >> 12).to_string()));
    fields.add("Bottom of stack", 2, 1, entry.map(|entry| (entry & 0x100 != 0).to_string()));
    fields.add("TTL", 3, 1, entry.map(|entry| (entry & 0xff).to_string()));
}

/// An EtherType, or the length that stands in its place in IEEE 802.3 frames.
pub(super) fn ether_type_text(kind: u16) -> String {
    let name = match kind {
        ether_type::IPV4 => "IPv4",
        ether_type::ARP => "ARP",
        ether_type::IPV6 => "IPv6",
        ether_type::PPPOE => "PPPoE session",
        ether_type::MPLS => "MPLS",
        kind if ether_type::VLAN.contains(&kind) => "VLAN",
        0x88cc => "LLDP",
        0x888e => "802.1X",
        kind if kind < ether_type::LEAST => return format!("{kind} (length)"),
        _ => return format!("{kind:#06x}"),
    };
    format!("{kind:#06x} ({name})")
}

/// Linux's `PACKET_` numbers (packet(7)).
const fn packet_type(kind: u16) -> Option<&'static str> {
    Some(match kind {
        0 => "to us",
        1 => "broadcast",
        2 => "multicast",
        3 => "to another host",
        4 => "sent by us",
        _ => return None,
    })
}

/// Linux's `ARPHRD_` numbers, the common ones.
const fn hardware_type(kind: u16) -> Option<&'static str> {
    Some(match kind {
        1 => "Ethernet",
        512 => "PPP",
        768 => "IPIP tunnel",
        772 => "loopback",
        776 => "SIT tunnel",
        778 => "GRE",
        65534 => "none",
        _ => return None,
    })
}
