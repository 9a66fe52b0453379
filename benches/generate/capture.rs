//! A capture as `tcpdump -i any -s 96` writes it: classic pcap in microseconds, link type LINUX_SLL2.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use super::Facts;
use super::traffic::{ACK, Packet, SYN, Tcp, Traffic};

const LINUX_SLL2: u32 = 276;
const SNAPLEN: usize = 96;
const LINK_HEADER: usize = 20;

/// Writes whole packets until `bytes` are reached.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Facts> {
    out.write_all(&file_header())?;
    let (mut written, mut facts) = (24, Facts { records: 0, flows: 0 });
    let mut traffic = Traffic::new(seed);
    while written < bytes
        && let Some(packet) = traffic.next()
    {
        let record = record(&packet);
        out.write_all(&record)?;
        written += record.len() as u64;
        facts.records += 1;
        facts.flows += u64::from(opens(&packet));
    }
    Ok(facts)
}

/// Whether a flow begins here: a SYN which is no repetition (those of dropped connections are), or a DNS query.
fn opens(packet: &Packet) -> bool {
    packet.from_client && packet.tcp.is_none_or(|tcp| tcp.flags == SYN && !packet.repeated)
}

fn file_header() -> Vec<u8> {
    let mut header = Vec::with_capacity(24);
    header.extend(0xa1b2_c3d4_u32.to_le_bytes());
    header.extend([2, 0, 4, 0]);
    header.extend([0; 8]);
    header.extend((SNAPLEN as u32).to_le_bytes());
    header.extend(LINUX_SLL2.to_le_bytes());
    header
}

fn record(packet: &Packet) -> Vec<u8> {
    let mut frame = link_header(packet);
    frame.extend(ip_header(packet));
    match &packet.tcp {
        Some(tcp) => frame.extend(tcp_header(packet, tcp)),
        None => frame.extend(udp_header(packet)),
    }
    frame.extend(&packet.payload);
    frame.truncate(SNAPLEN);
    let mut record = Vec::with_capacity(16 + SNAPLEN);
    let original = LINK_HEADER as u32 + u32::from(packet.ip_length());
    for number in [(packet.time / 1_000_000) as u32, (packet.time % 1_000_000) as u32, frame.len() as u32, original] {
        record.extend(number.to_le_bytes());
    }
    record.extend(frame);
    record
}

/// The 20 bytes of <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>.
fn link_header(packet: &Packet) -> Vec<u8> {
    let (interface, kind) = if packet.from_client { (5, 0) } else { (2, 4) };
    let mut header = vec![0x08, 0x00, 0, 0, 0, 0, 0, interface, 0, 1, kind, 6];
    header.extend([0x00, 0x16, 0x3e, 0x5e, 0x6c, packet.tuple.client.octets()[3], 0, 0]);
    header
}

fn ip_header(packet: &Packet) -> [u8; 20] {
    let (source, destination) = ends(packet, packet.tuple.client, packet.tuple.server);
    let mut header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 63, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    header[2..4].copy_from_slice(&packet.ip_length().to_be_bytes());
    header[4..6].copy_from_slice(&packet.ip_id.to_be_bytes());
    if packet.tcp.is_some() {
        header[9] = 6;
    }
    header[12..16].copy_from_slice(&Ipv4Addr::octets(&source));
    header[16..20].copy_from_slice(&Ipv4Addr::octets(&destination));
    let checksum = checksum(&header);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    header
}

/// RFC 1071, of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !(((folded & 0xffff) + (folded >> 16)) as u16)
}

/// A TCP header with the time stamp option; its checksum is left to the network card, as captures show it.
fn tcp_header(packet: &Packet, tcp: &Tcp) -> Vec<u8> {
    let (source, destination) = ends(packet, packet.tuple.client_port, packet.tuple.server_port);
    let mut header = Vec::with_capacity(32);
    header.extend(source.to_be_bytes());
    header.extend(destination.to_be_bytes());
    header.extend(tcp.sequence.to_be_bytes());
    header.extend(tcp.acknowledgement.to_be_bytes());
    header.extend([0x80, tcp.flags]);
    header.extend(tcp.window.to_be_bytes());
    header.extend([0, 0, 0, 0, 1, 1, 8, 10]);
    let now = (packet.time / 1_000) as u32;
    header.extend(now.to_be_bytes());
    header.extend(if tcp.flags & ACK == 0 { [0; 4] } else { now.wrapping_sub(20).to_be_bytes() });
    header
}

fn udp_header(packet: &Packet) -> Vec<u8> {
    let (source, destination) = ends(packet, packet.tuple.client_port, packet.tuple.server_port);
    [source, destination, packet.payload_length + 8, 0].into_iter().flat_map(u16::to_be_bytes).collect()
}

/// The two in the order of the packet's direction.
fn ends<T>(packet: &Packet, client: T, server: T) -> (T, T) {
    if packet.from_client { (client, server) } else { (server, client) }
}
