//! Values that come from addresses and ports.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use std::net::IpAddr;

use super::schema::{Ends, TupleField};
use super::value::{Value, named};
use crate::record::{FiveTuple, protocol};

/// Whether the ports of a protocol are meant by a field for `wanted`, or for any protocol.
pub fn has_ports(number: u8, wanted: Option<u8>) -> bool {
    wanted.map_or_else(|| protocol::has_ports(number), |wanted| wanted == number)
}

/// Whether it is to or from the port of DNS.
pub fn is_dns(tuple: &FiveTuple) -> bool {
    has_ports(tuple.protocol, None) && (tuple.source_port == 53 || tuple.destination_port == 53)
}

/// Whether it is to or from TCP port 443.
pub const fn is_https(tuple: &FiveTuple) -> bool {
    tuple.protocol == protocol::TCP && (tuple.source_port == 443 || tuple.destination_port == 443)
}

/// The name of a protocol by its number, as a value.
pub fn protocol_value(number: u8) -> Value<'static> {
    match protocol::name(number) {
        Some(name) => Value::Named(u64::from(number), name),
        None => named(u64::from(number), &[]),
    }
}

/// Calls `each` for every value of a field.
pub fn values(field: TupleField, tuple: &FiveTuple, each: &mut dyn FnMut(Value<'_>)) {
    match field {
        TupleField::Source => each(Value::Address(tuple.source)),
        TupleField::Destination => each(Value::Address(tuple.destination)),
        TupleField::Address => {
            each(Value::Address(tuple.source));
            each(Value::Address(tuple.destination));
        }
        TupleField::Protocol => each(protocol_value(tuple.protocol)),
        TupleField::Port(ends, wanted) if has_ports(tuple.protocol, wanted) => ports(ends, tuple, each),
        TupleField::EchoId if protocol::is_icmp(tuple.protocol) => each(Value::Number(u64::from(tuple.source_port))),
        TupleField::Has(wanted) if tuple.protocol == wanted => each(Value::Present),
        TupleField::Version4(wanted) if tuple.source.is_ipv4() == wanted => each(Value::Present),
        TupleField::Port(..) | TupleField::EchoId | TupleField::Has(_) | TupleField::Version4(_) => {}
    }
}

fn ports(ends: Ends, tuple: &FiveTuple, each: &mut dyn FnMut(Value<'_>)) {
    if ends != Ends::Destination {
        each(Value::Number(u64::from(tuple.source_port)));
    }
    if ends != Ends::Source {
        each(Value::Number(u64::from(tuple.destination_port)));
    }
}

/// The community id, version 1 with seed 0 (corelight/community-id-spec); none for protocols without ports.
pub fn community_id(tuple: &FiveTuple) -> Option<String> {
    if !has_ports(tuple.protocol, None) {
        return None;
    }
    let ends = |t: &FiveTuple| (t.source, t.source_port) > (t.destination, t.destination_port);
    let ordered = if ends(tuple) { tuple.reversed() } else { *tuple };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    for address in [ordered.source, ordered.destination] {
        match address {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
    }
    hash.update([ordered.protocol, 0]);
    hash.update(ordered.source_port.to_be_bytes());
    hash.update(ordered.destination_port.to_be_bytes());
    Some(format!("1:{}", STANDARD.encode(hash.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(protocol: u8, source: (&str, u16), destination: (&str, u16)) -> FiveTuple {
        let address = |text: &str| text.parse().unwrap();
        FiveTuple {
            protocol,
            source: address(source.0),
            destination: address(destination.0),
            source_port: source.1,
            destination_port: destination.1,
        }
    }

    #[test]
    fn community_ids_are_those_of_the_specification() {
        let tcp = tuple(6, ("128.232.110.120", 34_855), ("66.35.250.204", 80));
        assert_eq!(community_id(&tcp).as_deref(), Some("1:LQU9qZlK+B5F3KDmev6m5PMibrg="));
        assert_eq!(community_id(&tcp.reversed()), community_id(&tcp));
        let udp = tuple(17, ("192.168.1.52", 54_585), ("8.8.8.8", 53));
        assert_eq!(community_id(&udp).as_deref(), Some("1:d/FP5EW3wiY1vCndhwleRRKHowQ="));
    }
}
