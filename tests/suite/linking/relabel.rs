//! The same recording under other names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use logvm::record::{FiveTuple, Timestamp};
use logvm::store::column::{Column, MISSING_TIME, TimeColumn};
use logvm::store::segment::{EntryColumns, NftColumns};
use logvm::store::{Columns, Segment, Snapshot, Table};

/// What becomes of a recording.
#[derive(Clone, Copy)]
struct Change {
    address: fn(IpAddr) -> IpAddr,
    port: fn(u16) -> u16,
    origin: fn(&str) -> String,
    /// Nanoseconds that all clocks are moved by.
    shift: i64,
}

const NONE: Change = Change { address: |address| address, port: |port| port, origin: str::to_owned, shift: 0 };

/// The recording with other addresses, ports, names and times.
pub fn variants(snapshot: &Snapshot) -> Vec<(&'static str, Snapshot)> {
    let all = [
        ("addresses", Change { address: other_address, ..NONE }),
        ("ports", Change { port: |port| if port == 0 { 0 } else { (0xffff - port) ^ 0x0550 }, ..NONE }),
        (
            "names",
            Change { origin: |name| format!("{:x}", name.bytes().fold(7u64, |n, b| n * 31 + u64::from(b))), ..NONE },
        ),
        ("times", Change { shift: 12_345_000_000_000, ..NONE }),
    ];
    all.into_iter().map(|(name, change)| (name, changed(snapshot, change))).collect()
}

fn other_address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits().rotate_left(8) ^ 0x1234_5678).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits().rotate_left(16) ^ 0x1234_5678 << 64).into(),
    }
}

fn changed(snapshot: &Snapshot, change: Change) -> Snapshot {
    let mut other = Snapshot::default();
    for table in snapshot.tables() {
        let mut table = Table::clone(table);
        Arc::make_mut(&mut table.info).origin = (change.origin)(&table.info.origin).into();
        table.segments = table.segments.iter().map(|segment| Arc::new(segment_of(segment, change))).collect();
        other.insert(table);
    }
    other
}

fn segment_of(segment: &Segment, change: Change) -> Segment {
    let mut segment = segment.clone();
    let rows = segment.rows;
    match &mut segment.columns {
        Columns::Entries(entries) => entries_of(entries, rows, change),
        Columns::Packets(packets) => packets.time = times(&packets.time, rows, change.shift),
        Columns::Flows(flows) => {
            for flow in Arc::make_mut(flows) {
                flow.tuple = tuple(&flow.tuple, change);
                (flow.start.0, flow.end.0) = (flow.start.0 + change.shift, flow.end.0 + change.shift);
            }
        }
        Columns::Dns(_) => {}
    }
    segment
}

fn entries_of(entries: &mut EntryColumns, rows: usize, change: Change) {
    entries.claimed = entries.claimed.as_ref().map(|claimed| times(claimed, rows, change.shift));
    if let Some(nft) = &mut entries.nft {
        nft_of(nft, change);
    }
}

fn nft_of(nft: &mut NftColumns, change: Change) {
    nft.addresses.iter_mut().for_each(|address| *address = (change.address)(*address));
    nft.source_port.iter_mut().for_each(|port| *port = (change.port)(*port));
    let ports = (0..nft.len()).map(|place| (change.port)(nft.destination_port.get(place)));
    nft.destination_port = Column::Each(ports.collect());
}

fn tuple(tuple: &FiveTuple, change: Change) -> FiveTuple {
    FiveTuple {
        protocol: tuple.protocol,
        source: (change.address)(tuple.source),
        destination: (change.address)(tuple.destination),
        source_port: (change.port)(tuple.source_port),
        destination_port: (change.port)(tuple.destination_port),
    }
}

fn times(column: &TimeColumn, rows: usize, shift: i64) -> TimeColumn {
    let time = |row| column.get(row).map_or(MISSING_TIME, |Timestamp(time)| time + shift);
    TimeColumn::from_nanoseconds(&(0..rows).map(time).collect::<Vec<i64>>())
}
