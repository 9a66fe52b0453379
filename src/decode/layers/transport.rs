//! TCP with its options, UDP, ICMP, and what else IP carries.

use super::{Content, Dissection, Fields, Ports, Rest, decimal, hex, named, words};
use crate::decode::Icmp;
use crate::decode::bytes::{be16, be32, byte};
use crate::decode::link::ether_type;
use crate::decode::transport::has_ports;
use crate::record::protocol;

/// Names of the TCP flags, in the order in which people write them.
pub(super) const TCP_FLAGS: &[(u32, &str)] =
    &[(2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"), (64, "ECE"), (128, "CWR")];

pub(super) fn transport(packet: &mut Dissection<'_>, rest: &Rest, number: u8) -> Option<Rest> {
    match number {
        protocol::TCP => Some(tcp(packet, rest)),
        protocol::UDP => Some(udp(packet, rest)),
        protocol::ICMP | protocol::ICMPV6 => Some(icmp(packet, rest, number)),
        4 => Some(Rest::new(Content::EtherType(ether_type::IPV4), rest.at, rest.end)),
        41 => Some(Rest::new(Content::EtherType(ether_type::IPV6), rest.at, rest.end)),
        number if has_ports(number) => Some(with_ports(packet, rest, number)),
        _ => Some(Rest::new(Content::Payload, rest.at, rest.end)),
    }
}

fn ports(fields: &mut Fields<'_>, protocol: u8) -> Content {
    let source = fields.be16("Source port", 0, decimal);
    let destination = fields.be16("Destination port", 2, decimal);
    source
        .zip(destination)
        .map_or(Content::Payload, |(source, destination)| Content::Application(Ports { protocol, source, destination }))
}

fn tcp(packet: &mut Dissection<'_>, rest: &Rest) -> Rest {
    let mut fields = Fields::new(packet, "TCP", rest.at);
    let content = ports(&mut fields, protocol::TCP);
    fields.be32("Sequence number", 4, decimal);
    fields.be32("Acknowledgement number", 8, decimal);
    let length = fields.byte("Header length", 12, |offset| (offset >> 4 << 2).to_string());
    fields.byte("Flags", 13, |flags| words(flags.into(), TCP_FLAGS));
    fields.be16("Window", 14, decimal);
    fields.be16("Checksum", 16, |sum| format!("{sum:#06x}"));
    fields.be16("Urgent pointer", 18, decimal);
    let length = length.map_or(20, |offset| usize::from(offset >> 4) * 4).max(20);
    options(&mut fields, length.min(rest.end.saturating_sub(rest.at)));
    fields.finish(packet, length);
    Rest::new(content, rest.at + length, rest.end)
}

fn options(fields: &mut Fields<'_>, length: usize) {
    let mut at = 20;
    while at < length {
        let Some(kind) = byte(fields.rest(), at) else {
            fields.layer.truncated = true;
            return;
        };
        if kind == 0 {
            return;
        }
        if kind == 1 {
            at += 1;
            continue;
        }
        let size = byte(fields.rest(), at + 1).map(usize::from);
        let whole = size.filter(|size| *size >= 2 && at + size <= length);
        let Some(size) = whole else {
            let malformed = size.map(|size| format!("malformed: option {kind} with length {size}"));
            return fields.add("Option", at, 2, malformed);
        };
        let option = fields.rest().get(at..at + size).map(|option| option_text(kind, option));
        fields.add("Option", at, size, option);
        at += size;
    }
}

/// An option with its kind and length bytes (RFC 9293, RFC 7323, RFC 2018).
fn option_text(kind: u8, option: &[u8]) -> String {
    let known = match kind {
        2 => be16(option, 2).map(|size| format!("maximum segment size {size}")),
        3 => byte(option, 2).map(|shift| format!("window scale {shift}")),
        4 => Some("SACK permitted".to_owned()),
        5 => Some(format!("SACK, {} blocks", (option.len() - 2) / 8)),
        8 => be32(option, 2).zip(be32(option, 6)).map(|(value, echo)| format!("timestamp {value}, echo {echo}")),
        _ => None,
    };
    known.unwrap_or_else(|| format!("{kind}: {}", hex(option.get(2..).unwrap_or_default())))
}

fn udp(packet: &mut Dissection<'_>, rest: &Rest) -> Rest {
    let mut fields = Fields::new(packet, "UDP", rest.at);
    let content = ports(&mut fields, protocol::UDP);
    let length = fields.be16("Length", 4, decimal).map(usize::from).filter(|length| *length >= 8);
    fields.be16("Checksum", 6, |sum| format!("{sum:#06x}"));
    fields.finish(packet, 8);
    let end = length.map_or(rest.end, |length| rest.end.min(rest.at + length));
    Rest::new(content, rest.at + 8, end)
}

fn icmp(packet: &mut Dissection<'_>, rest: &Rest, number: u8) -> Rest {
    let name = if number == protocol::ICMP { "ICMP" } else { "ICMPv6" };
    let mut fields = Fields::new(packet, name, rest.at);
    let kind = fields.byte("Type", 0, |kind| named(kind.into(), icmp_name(number, kind)));
    let code = fields.byte("Code", 1, decimal);
    fields.be16("Checksum", 2, |sum| format!("{sum:#06x}"));
    let icmp = kind.zip(code).map(|(kind, code)| Icmp { kind, code });
    if icmp.is_some_and(|icmp| icmp.is_echo(number)) {
        fields.be16("Identifier", 4, decimal);
        fields.be16("Sequence number", 6, decimal);
    }
    fields.finish(packet, 8);
    Rest::new(quoted(number, kind), rest.at + 8, rest.end)
}

/// Errors carry the packet that they are about.
const fn quoted(number: u8, kind: Option<u8>) -> Content {
    match (number, kind) {
        (protocol::ICMP, Some(3 | 4 | 5 | 11 | 12)) => Content::EtherType(ether_type::IPV4),
        (protocol::ICMPV6, Some(1..=4)) => Content::EtherType(ether_type::IPV6),
        _ => Content::Payload,
    }
}

const fn icmp_name(number: u8, kind: u8) -> Option<&'static str> {
    Some(match (number, kind) {
        (protocol::ICMP, 0) | (protocol::ICMPV6, 129) => "echo reply",
        (protocol::ICMP, 8) | (protocol::ICMPV6, 128) => "echo request",
        (protocol::ICMP, 3) | (protocol::ICMPV6, 1) => "destination unreachable",
        (protocol::ICMP, 5) | (protocol::ICMPV6, 137) => "redirect",
        (protocol::ICMP, 11) | (protocol::ICMPV6, 3) => "time exceeded",
        (protocol::ICMP, 12) | (protocol::ICMPV6, 4) => "parameter problem",
        (protocol::ICMPV6, 2) => "packet too big",
        (protocol::ICMPV6, 133) => "router solicitation",
        (protocol::ICMPV6, 134) => "router advertisement",
        (protocol::ICMPV6, 135) => "neighbour solicitation",
        (protocol::ICMPV6, 136) => "neighbour advertisement",
        (protocol::ICMPV6, 143) => "multicast listener report",
        _ => return None,
    })
}

fn with_ports(packet: &mut Dissection<'_>, rest: &Rest, number: u8) -> Rest {
    let mut fields = Fields::new(packet, protocol::name(number).unwrap_or("Transport"), rest.at);
    ports(&mut fields, number);
    fields.finish(packet, 4);
    Rest::new(Content::Payload, rest.at + 4, rest.end)
}
