//! Collects the headers of packets.

use crate::decode::Packet;
use crate::record::Timestamp;
use crate::store::column::{ColumnBuilder, Offsets, TimeColumn};
use crate::store::segment::{NO_FLOW, PacketColumns};

/// Packets of one segment.
#[derive(Debug, Default)]
pub struct Packets {
    /// Where their bytes start in the source.
    pub offsets: Vec<u64>,
    /// Their times in nanoseconds.
    pub time: Vec<i64>,
    captured: ColumnBuilder<u32>,
    original: ColumnBuilder<u32>,
    nanoseconds: bool,
    flow: Vec<u32>,
    reversed: ColumnBuilder<bool>,
    ip_id: Vec<u16>,
    ip_length: ColumnBuilder<u16>,
    ttl: ColumnBuilder<u8>,
    tcp_flags: ColumnBuilder<u8>,
    flow_label: ColumnBuilder<u32>,
}

impl Packets {
    /// Adds a packet with its flow, and whether it goes from responder to originator.
    pub fn push(&mut self, packet: &Packet<'_>, flow: Option<(u32, bool)>) {
        let ip = packet.ip.as_ref();
        self.offsets.push(packet.offset);
        self.captured.push(packet.captured);
        self.original.push(packet.original);
        self.time.push(packet.time.0.max(Timestamp::MIN.0));
        self.nanoseconds |= packet.nanoseconds;
        self.flow.push(flow.map_or(NO_FLOW, |f| f.0));
        self.reversed.push(flow.is_some_and(|f| f.1));
        self.ip_id.push(ip.and_then(|ip| ip.ip_id).unwrap_or(0));
        self.ip_length.push(ip.map_or(0, |ip| ip.ip_length));
        self.ttl.push(ip.map_or(0, |ip| ip.ttl));
        self.tcp_flags.push(ip.and_then(|ip| ip.tcp).map_or(0, |tcp| tcp.flags));
        self.flow_label.push(ip.and_then(|ip| ip.flow_label).unwrap_or(0));
    }

    /// The columns of the packets, if there are any; starts again without packets.
    pub fn finish(&mut self) -> Option<PacketColumns> {
        let mut packets = std::mem::take(self);
        let base = *packets.offsets.first()?;
        let offsets: Vec<u32> = packets.offsets.iter().map(|offset| (offset - base) as u32).collect();
        Some(PacketColumns {
            base,
            offsets: Offsets::new(&offsets),
            captured: packets.captured.finish()?,
            original: packets.original.finish()?,
            time: TimeColumn::from_nanoseconds(&packets.time),
            nanoseconds: packets.nanoseconds,
            flow: packets.flow.into_boxed_slice(),
            reversed: packets.reversed.finish()?,
            ip_id: packets.ip_id.into_boxed_slice(),
            ip_length: packets.ip_length.finish()?,
            ttl: packets.ttl.finish()?,
            tcp_flags: packets.tcp_flags.finish()?,
            flow_label: packets.flow_label.finish()?,
        })
    }
}
