//! Collects the fields of nft lines.

use std::net::IpAddr;

use super::dictionary::Dictionary;
use crate::decode::Nft;
use crate::store::column::{ColumnBuilder, Indices};
use crate::store::segment::NftColumns;

/// The nft lines among some entries.
#[derive(Debug, Default)]
pub struct NftLines {
    rows: Vec<u16>,
    prefixes: Dictionary<Box<[u8]>>,
    prefix: Vec<u32>,
    addresses: Dictionary<IpAddr>,
    source: Vec<u32>,
    destination: Vec<u32>,
    source_port: Vec<u16>,
    destination_port: ColumnBuilder<u16>,
    protocol: ColumnBuilder<u8>,
    ip_id: Vec<u16>,
    has_ip_id: ColumnBuilder<bool>,
    ip_length: ColumnBuilder<u16>,
    ttl: ColumnBuilder<u8>,
    tcp_flags: ColumnBuilder<u8>,
    flow_label: ColumnBuilder<u32>,
    sequence: ColumnBuilder<u32>,
}

impl NftLines {
    /// Adds the line of an entry.
    pub fn push(&mut self, row: usize, nft: &Nft<'_>) {
        self.rows.push(row as u16);
        self.prefix.push(self.prefixes.place(nft.prefix));
        self.source.push(self.addresses.place(&nft.tuple.source));
        self.destination.push(self.addresses.place(&nft.tuple.destination));
        self.source_port.push(nft.tuple.source_port);
        self.destination_port.push(nft.tuple.destination_port);
        self.protocol.push(nft.tuple.protocol);
        self.ip_id.push(nft.ip_id.unwrap_or(0));
        self.has_ip_id.push(nft.ip_id.is_some());
        self.ip_length.push(nft.ip_length);
        self.ttl.push(nft.ttl);
        self.tcp_flags.push(nft.tcp_flags);
        self.flow_label.push(nft.flow_label.unwrap_or(0));
        self.sequence.push(nft.sequence.unwrap_or(0));
    }

    /// Adds the lines of entries that follow `row` others.
    pub fn append(&mut self, row: usize, other: &Self) {
        self.rows.extend(other.rows.iter().map(|at| (row + usize::from(*at)) as u16));
        let prefixes: Vec<u32> = other.prefixes.values().iter().map(|prefix| self.prefixes.place(&**prefix)).collect();
        self.prefix.extend(other.prefix.iter().map(|place| prefixes[*place as usize]));
        let addresses: Vec<u32> = other.addresses.values().iter().map(|a| self.addresses.place(a)).collect();
        self.source.extend(other.source.iter().map(|place| addresses[*place as usize]));
        self.destination.extend(other.destination.iter().map(|place| addresses[*place as usize]));
        self.source_port.extend_from_slice(&other.source_port);
        self.destination_port.append(&other.destination_port);
        self.protocol.append(&other.protocol);
        self.ip_id.extend_from_slice(&other.ip_id);
        self.has_ip_id.append(&other.has_ip_id);
        self.ip_length.append(&other.ip_length);
        self.ttl.append(&other.ttl);
        self.tcp_flags.append(&other.tcp_flags);
        self.flow_label.append(&other.flow_label);
        self.sequence.append(&other.sequence);
    }

    /// The columns of the lines among `rows` entries, if there are any.
    pub fn finish(&mut self, rows: usize) -> Option<NftColumns> {
        let (prefixes, addresses) = (self.prefixes.values(), self.addresses.values());
        let columns = NftColumns {
            rows: (self.rows.len() != rows).then(|| self.rows.as_slice().into()),
            prefix: Indices::new(&self.prefix, prefixes.len()),
            prefixes: prefixes.into(),
            source: Indices::new(&self.source, addresses.len()),
            destination: Indices::new(&self.destination, addresses.len()),
            addresses: addresses.into(),
            source_port: self.source_port.as_slice().into(),
            destination_port: self.destination_port.finish()?,
            protocol: self.protocol.finish()?,
            ip_id: self.ip_id.as_slice().into(),
            has_ip_id: self.has_ip_id.finish()?,
            ip_length: self.ip_length.finish()?,
            ttl: self.ttl.finish()?,
            tcp_flags: self.tcp_flags.finish()?,
            flow_label: self.flow_label.finish()?,
            sequence: self.sequence.finish()?,
        };
        self.clear();
        Some(columns)
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.prefixes.clear();
        self.addresses.clear();
        for places in [&mut self.prefix, &mut self.source, &mut self.destination] {
            places.clear();
        }
        for numbers in [&mut self.rows, &mut self.source_port, &mut self.ip_id] {
            numbers.clear();
        }
        for bytes in [&mut self.protocol, &mut self.ttl, &mut self.tcp_flags] {
            bytes.clear();
        }
        self.destination_port.clear();
        self.has_ip_id.clear();
        self.ip_length.clear();
        self.flow_label.clear();
        self.sequence.clear();
    }
}
