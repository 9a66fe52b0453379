//! Where a record came from.

use serde::Serialize;

use crate::record::{Kind, RecordId};
use crate::store::{Columns, Snapshot};

/// The place of a record in what was read. For flows and DNS exchanges it is that of their first packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Path of the source, members of archives behind `!`.
    pub source: String,
    /// Line of a text, entry of a journal, or frame of a capture, from 1.
    #[serde(flatten)]
    pub place: Place,
    /// Offset of its bytes in the source, after decompression.
    pub offset: u64,
    /// Number of its bytes.
    pub length: u64,
}

/// The number of a record in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Of a text.
    Line(u64),
    /// Of a journal.
    Entry(u64),
    /// Of a capture.
    Frame(u64),
}

/// Where the record `id` came from.
#[must_use]
pub fn provenance(snapshot: &Snapshot, id: RecordId) -> Option<Provenance> {
    let (table, segment, row) = snapshot.find(id)?;
    match &segment.columns {
        Columns::Flows(flows) => provenance(snapshot, flows.get(row)?.first_packet),
        Columns::Dns(exchanges) => {
            let exchange = exchanges.get(row)?;
            provenance(snapshot, exchange.query.or_else(|| exchange.answer.as_ref().map(|answer| answer.packet))?)
        }
        _ => {
            let (offset, length) = segment.extent(row)?;
            let number = id.row() + 1;
            let place = match segment.kind(row) {
                Kind::Packet => Place::Frame(number),
                _ if table.info.is_journal() => Place::Entry(number),
                _ => Place::Line(number),
            };
            Some(Provenance { source: table.info.name.to_string(), place, offset, length })
        }
    }
}
