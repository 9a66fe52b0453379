//! Which stretch of time the captures of a vantage cover.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::record::{Kind, Timestamp};
use crate::store::{Snapshot, Table};

/// The captures of one vantage together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The qube that captured.
    pub qube: Arc<str>,
    /// Its capture files.
    pub captures: u64,
    /// Their packets.
    pub packets: u64,
    /// Time of the first and of the last packet; none where there is no packet.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The least that was captured of a long packet, in bytes; 0 where no limit is known.
    pub snaplen: u32,
}

impl Coverage {
    /// The vantages of a snapshot, by name.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Vec<Self> {
        let mut by_qube: BTreeMap<Arc<str>, Self> = BTreeMap::new();
        for table in snapshot.tables().filter(|table| table.info.capture.is_some()) {
            let qube = &table.info.origin;
            by_qube.entry(Arc::clone(qube)).or_insert_with(|| Self::new(qube)).add(table);
        }
        by_qube.into_values().collect()
    }

    fn new(qube: &Arc<str>) -> Self {
        Self { qube: Arc::clone(qube), captures: 0, packets: 0, span: None, snaplen: 0 }
    }

    fn add(&mut self, table: &Table) {
        self.captures += 1;
        self.packets += table.info.counts[Kind::Packet as usize];
        self.span = super::union(self.span, table.span());
        let snaplen = table.info.capture.map_or(0, |capture| capture.snaplen);
        if snaplen > 0 && (self.snaplen == 0 || snaplen < self.snaplen) {
            self.snaplen = snaplen;
        }
    }

    pub(super) fn object(&self) -> serde_json::Value {
        json!({
            "qube": &*self.qube,
            "captures": self.captures,
            "packets": self.packets,
            "first": self.span.map(|span| super::time(span.0)),
            "last": self.span.map(|span| super::time(span.1)),
            "snaplen": self.snaplen,
        })
    }
}
