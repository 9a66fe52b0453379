//! The flows and DNS exchanges of one vantage, across its capture files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::decode::Packet;
use crate::record::{Kind, RecordId, TableId};
use crate::store::flows::FlowTable;
use crate::store::{Content, Segment, Store, TableIds, TableInfo};

/// Packets after which flows are published for the first time; then whenever their number has grown by half, so that
/// publishing costs no more than a share of assembling.
const FIRST_PUBLICATION: u64 = 4_096;

/// Assembles flows from the packets of one vantage and publishes them as tables of their own.
#[derive(Debug)]
pub struct Vantage {
    origin: Arc<str>,
    flows: FlowTable,
    tables: Option<Tables>,
    packets: u64,
    publish_at: u64,
}

#[derive(Clone, Copy, Debug)]
struct Tables {
    flows: TableId,
    dns: TableId,
}

/// All vantages of a reading, by origin.
#[derive(Debug, Default)]
pub struct Vantages {
    by_origin: Mutex<HashMap<String, Arc<Mutex<Vantage>>>>,
}

impl Vantages {
    /// The vantage of `origin`.
    pub fn get(&self, origin: &str) -> Arc<Mutex<Vantage>> {
        let mut by_origin = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Mutex::new(Vantage::new(origin)));
        Arc::clone(by_origin.entry(origin.to_owned()).or_insert_with(new))
    }

    /// Marks the tables of all vantages as complete: all captures have been read.
    pub fn complete(&self, store: &Store) {
        for vantage in self.by_origin.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let tables = vantage.lock().unwrap_or_else(PoisonError::into_inner).tables;
            for id in tables.iter().flat_map(|tables| [tables.flows, tables.dns]) {
                store.update(id, |table| Arc::make_mut(&mut table.info).complete = true);
            }
        }
    }
}

impl Vantage {
    fn new(origin: &str) -> Self {
        let flows = FlowTable::new();
        Self { origin: origin.into(), flows, tables: None, packets: 0, publish_at: FIRST_PUBLICATION }
    }

    /// The table of this vantage's flows, made on first use; `None` when the store can take no further table.
    pub fn flow_table(&mut self, store: &Store, ids: &mut TableIds) -> Option<TableId> {
        if self.tables.is_none() {
            let mut add = |what: &str, format| {
                let info = TableInfo {
                    name: format!("{what} of {}", self.origin).into(),
                    origin: Arc::clone(&self.origin),
                    format,
                    reason: "derived from the packets of this vantage".to_owned(),
                    derived: true,
                    ..TableInfo::default()
                };
                store.add_table(ids, info, Content::None, None)
            };
            let (flows, dns) = (add("flows", "flows")?, add("dns", "dns")?);
            self.tables = Some(Tables { flows, dns });
        }
        self.tables.map(|tables| tables.flows)
    }

    /// Counts a packet into its flow: row of the flow, and whether the packet goes from responder to originator.
    pub fn packet(&mut self, id: RecordId, packet: &Packet<'_>) -> Option<(u32, bool)> {
        self.packets += 1;
        self.flows.packet(id, packet)
    }

    /// Publishes flows and exchanges, when `now` or when enough packets came since the last time.
    pub fn publish(&mut self, store: &Store, now: bool) {
        let Some(tables) = self.tables else { return };
        if !now && self.packets < self.publish_at {
            return;
        }
        self.publish_at = self.packets + (self.packets / 2).max(FIRST_PUBLICATION);
        let flows = self.flows.publish_flows(tables.flows);
        replace(store, tables.flows, Kind::Flow, flows);
        let exchanges = self.flows.publish_exchanges(tables.dns);
        replace(store, tables.dns, Kind::Dns, exchanges);
    }
}

fn replace(store: &Store, table: TableId, kind: Kind, segments: Vec<Arc<Segment>>) {
    store.update(table, |table| {
        let info = Arc::make_mut(&mut table.info);
        info.counts[kind as usize] = segments.iter().map(|segment| segment.rows as u64).sum();
        table.segments = segments;
    });
}
