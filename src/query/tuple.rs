//! Values that come from addresses and ports.

use super::schema::{Ends, TupleField};
use super::value::{Value, named};
use crate::record::{FiveTuple, protocol};
use crate::store::community_id;

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
    named(u64::from(number), protocol::name(number))
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

/// The community id of something that is no flow; none for protocols without ports, whose id needs more than that.
pub fn community_id(tuple: &FiveTuple) -> Option<String> {
    has_ports(tuple.protocol, None).then(|| community_id::community_id(tuple, None))
}
