//! Layers of packets that are made by hand.

use super::*;
use crate::decode::link::{ETHERNET, LINUX_SLL2};
use crate::decode::tls;

/// A packet of a Linux cooked capture: TCP from port 50840 to 443 with a window scale option and `payload`.
fn cooked(payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x08\0\0\0\0\0\0\x02\0\x01\0\x06\xfe\xff\xff\xff\xff\xff\0\0".to_vec();
    let length = 20 + 24 + payload.len() as u16;
    bytes.extend([&b"\x45\0"[..], &length.to_be_bytes(), b"\x17\xa5\x40\0\x3f\x06\0\0"].concat());
    bytes.extend([10, 137, 0, 17, 203, 0, 113, 9]);
    bytes.extend(b"\xc6\x98\x01\xbb\0\0\0\x01\0\0\0\x02\x60\x18\x02\0\0\0\0\0\x01\x03\x03\x07");
    bytes.extend(payload);
    bytes
}

fn field<'a>(layers: &'a [Layer], layer: &str, name: &str) -> &'a str {
    let layer = layers.iter().find(|l| l.name == layer).unwrap();
    &layer.fields.iter().find(|field| field.name == name).unwrap().value
}

#[test]
fn a_client_hello_is_shown_down_to_its_server_name() {
    let packet = cooked(&tls::tests::hello("intranet.example"));
    let layers = layers(LINUX_SLL2, &packet, packet.len() as u32);
    let names: Vec<&str> = layers.iter().map(|layer| layer.name).collect();
    assert_eq!(names, ["Linux cooked v2", "IPv4", "TCP", "TLS record", "TLS ClientHello"]);
    assert_eq!(field(&layers, "Linux cooked v2", "Interface index"), "2");
    assert_eq!(field(&layers, "IPv4", "Identification"), "6053 (0x17a5)");
    assert_eq!(field(&layers, "TCP", "Flags"), "PSH ACK");
    assert_eq!(field(&layers, "TCP", "Option"), "window scale 7");
    assert_eq!(field(&layers, "TLS ClientHello", "Server name"), "intranet.example");
    assert!(layers.iter().all(|layer| !layer.truncated));
}

#[test]
fn what_was_not_captured_is_said() {
    let packet = cooked(&tls::tests::hello("intranet.example"));
    let layers = layers(LINUX_SLL2, &packet[..96], 589);
    assert_eq!(field(&layers, "TLS ClientHello", "Server name"), "not captured, 96 of 589 bytes");
    assert!(layers.last().unwrap().truncated);
    let layers = super::layers(LINUX_SLL2, &cooked(&[0xee; 500])[..96], 564);
    assert_eq!(field(&layers, "Payload", "Length"), "500 bytes, 32 captured");
}

#[test]
fn a_cut_header_gives_the_fields_that_are_there() {
    let packet = cooked(&[]);
    let layers = layers(LINUX_SLL2, &packet[..46], packet.len() as u32);
    let tcp = layers.iter().find(|layer| layer.name == "TCP").unwrap();
    assert!(tcp.truncated);
    assert_eq!(tcp.fields.iter().map(|field| field.name).collect::<Vec<_>>(), ["Source port", "Destination port"]);
}

#[test]
fn addresses_and_ports_are_those_of_an_independent_parser() {
    let mut packet = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x81\0\x20\x05".to_vec();
    let inner = cooked(b"hello");
    packet.extend(b"\x08\0");
    packet.extend(&inner[20..]);
    let layers = layers(ETHERNET, &packet, packet.len() as u32);
    let oracle = etherparse::SlicedPacket::from_ethernet(&packet).unwrap();
    let Some(etherparse::NetSlice::Ipv4(ip)) = oracle.net else { panic!("IPv4") };
    let Some(etherparse::TransportSlice::Tcp(tcp)) = oracle.transport else { panic!("TCP") };
    assert_eq!(field(&layers, "IPv4", "Source"), ip.header().source_addr().to_string());
    assert_eq!(field(&layers, "TCP", "Source port"), tcp.source_port().to_string());
    assert_eq!(field(&layers, "VLAN", "VLAN"), "5");
    assert_eq!(field(&layers, "Payload", "Length"), format!("{} bytes", tcp.payload().len()));
}

#[test]
fn every_cut_stays_within_the_capture() {
    let packet = cooked(&tls::tests::hello("intranet.example"));
    for end in 0..packet.len() {
        for layer in layers(LINUX_SLL2, &packet[..end], packet.len() as u32) {
            assert!(layer.range.end <= end && layer.fields.iter().all(|field| field.range.end <= end), "{end}");
        }
    }
}
