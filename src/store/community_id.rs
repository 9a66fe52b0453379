//! Community ID version 1 (<https://github.com/corelight/community-id-spec>): one short name for a flow in all tools.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::flow::Flow;
use crate::decode::Icmp;
use crate::record::{FiveTuple, protocol};

/// Stream Control Transmission Protocol, whose ports count too.
const SCTP: u8 = 132;

impl Flow {
    /// The flow's Community ID with seed 0, such as `1:YclH2P2NjIrHuq3+XyFFsI+Dpzw=`.
    #[must_use]
    pub fn community_id(&self) -> String {
        community_id(&self.tuple, self.icmp)
    }
}

/// The Community ID, with seed 0, of a packet or flow; for ICMP its type and code are needed.
#[must_use]
pub fn community_id(tuple: &FiveTuple, icmp: Option<Icmp>) -> String {
    let (source_port, destination_port, one_way) = endpoints(tuple, icmp);
    let source = (octets(tuple.source), source_port);
    let destination = (octets(tuple.destination), destination_port);
    let (low, high) = if one_way || source <= destination { (&source, &destination) } else { (&destination, &source) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    hash.update(&low.0);
    hash.update(&high.0);
    hash.update([tuple.protocol, 0]);
    if has_ports(tuple.protocol) {
        hash.update(low.1.to_be_bytes());
        hash.update(high.1.to_be_bytes());
    }
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

const fn has_ports(number: u8) -> bool {
    matches!(number, protocol::TCP | protocol::UDP | SCTP | protocol::ICMP | protocol::ICMPV6)
}

/// What stands for ports, and whether the tuple keeps its direction: ICMP has the type, and the type of its counterpart;
/// types without a counterpart have the code, and one direction.
fn endpoints(tuple: &FiveTuple, icmp: Option<Icmp>) -> (u16, u16, bool) {
    if !matches!(tuple.protocol, protocol::ICMP | protocol::ICMPV6) {
        return (tuple.source_port, tuple.destination_port, false);
    }
    let Some(Icmp { kind, code }) = icmp else { return (0, 0, true) };
    match counterpart(tuple.protocol, kind) {
        Some(other) => (kind.into(), other.into(), false),
        None => (kind.into(), code.into(), true),
    }
}

/// The message type that answers, or is answered by, an ICMP message type.
pub(super) fn counterpart(number: u8, kind: u8) -> Option<u8> {
    const ICMP: &[(u8, u8)] = &[(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)];
    const ICMPV6: &[(u8, u8)] = &[(128, 129), (133, 134), (135, 136), (130, 131), (139, 140), (144, 145)];
    let pairs = if number == protocol::ICMP { ICMP } else { ICMPV6 };
    pairs.iter().find_map(|(a, b)| match kind {
        kind if kind == *a => Some(*b),
        kind if kind == *b => Some(*a),
        _ => None,
    })
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(protocol: u8, source: &str, destination: &str, ports: (u16, u16)) -> FiveTuple {
        FiveTuple {
            protocol,
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            source_port: ports.0,
            destination_port: ports.1,
        }
    }

    /// From the specification's baseline.
    #[test]
    fn equals_the_baseline() {
        let tcp = tuple(protocol::TCP, "128.232.110.120", "66.35.250.204", (34855, 80));
        assert_eq!(community_id(&tcp, None), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        assert_eq!(community_id(&tcp.reversed(), None), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        let echo = tuple(protocol::ICMP, "192.168.0.89", "192.168.0.1", (77, 0));
        let request = Some(Icmp { kind: 8, code: 0 });
        assert_eq!(community_id(&echo, request), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
    }
}
