//! Lines for narrow panes: whom a connection went to comes first, since that is what is cut off last.

use std::net::SocketAddr;

use crate::record::{FiveTuple, RecordId, protocol};
use crate::store::segment::EntryColumns;
use crate::store::{Columns, Flow, Snapshot};

/// Columns of a pane below which lines of connections are shortened.
pub const NARROW: usize = 64;

/// The short line of an nft line, flow or packet; other records have none. It may hold any character.
#[must_use]
pub fn brief(snapshot: &Snapshot, id: RecordId) -> Option<String> {
    let (_, segment, row) = snapshot.find(id)?;
    match &segment.columns {
        Columns::Entries(entries) => nft(entries, row),
        Columns::Flows(flows) => flows.get(row).map(flow),
        Columns::Packets(packets) => {
            let tuple = snapshot.flow(snapshot.flow_of(id)?)?.tuple;
            let tuple = if packets.reversed.get(row) { tuple.reversed() } else { tuple };
            Some(format!("→ {} {} B from {}", target(&tuple), packets.original.get(row), origin(&tuple)))
        }
        Columns::Dns(_) => None,
    }
}

fn nft(entries: &EntryColumns, row: usize) -> Option<String> {
    let lines = entries.nft.as_ref()?;
    let index = lines.index(row)?;
    let prefix = String::from_utf8_lossy(lines.prefix(index));
    let verdict = prefix.rsplit(':').find(|word| !word.is_empty()).unwrap_or_default();
    let tuple = lines.tuple(index);
    Some(format!("{verdict} → {} {} from {}", target(&tuple), name(&tuple), origin(&tuple)))
}

fn flow(flow: &Flow) -> String {
    let name = flow.server_name.as_ref().map(|server| &server.name).or(flow.name.as_ref());
    let name = name.map_or_else(String::new, |name| format!(" {name}"));
    format!("→ {}{name} {} from {}", target(&flow.tuple), flow.outcome.name(), origin(&flow.tuple))
}

fn target(tuple: &FiveTuple) -> String {
    endpoint(SocketAddr::new(tuple.destination, tuple.destination_port))
}

fn origin(tuple: &FiveTuple) -> String {
    endpoint(SocketAddr::new(tuple.source, tuple.source_port))
}

/// Address and port, without a port where there is none.
fn endpoint(at: SocketAddr) -> String {
    if at.port() == 0 { at.ip().to_string() } else { at.to_string() }
}

fn name(tuple: &FiveTuple) -> String {
    protocol::name(tuple.protocol).map_or_else(|| format!("protocol {}", tuple.protocol), str::to_owned)
}
