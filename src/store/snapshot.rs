//! The tables of a store, and snapshots of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content::Content;
use super::rows::Rows;
use super::segment::{Columns, Segment};
use super::timeline::{Run, Timeline};
use crate::decode::detect::Format;
use crate::decode::{Capture, Reject};
use crate::record::{Kind, RecordId, TableId, Timestamp};

/// The most rejects of a source that are kept in full; the others are only counted.
pub const KEPT_REJECTS: usize = 64;

/// What is known of a table besides its records.
#[derive(Clone, Debug, Default)]
pub struct TableInfo {
    /// Path of the source as the user gave or would find it, members of archives behind `!`; for a derived table
    /// `flows of VANTAGE` or `dns of VANTAGE`.
    pub name: Arc<str>,
    /// The qube whose records these are.
    pub origin: Arc<str>,
    /// The format, in a word or two.
    pub format: &'static str,
    /// Why that format was taken.
    pub reason: String,
    /// Bytes decoded so far, after decompression.
    pub bytes: u64,
    /// Whether all of it has been read.
    pub complete: bool,
    /// Records of each kind, in the order of [`Kind::ALL`].
    pub counts: [u64; Kind::ALL.len()],
    /// Bytes that were no record.
    pub rejected_bytes: u64,
    /// How many stretches of them there were.
    pub rejected: u64,
    /// The first of them.
    pub rejects: Vec<Reject>,
    /// What went wrong with the source as a whole (cannot be opened, archive damaged, limit reached).
    pub errors: Vec<String>,
    /// What the header of a capture says.
    pub capture: Option<Capture>,
    /// The table was derived from the packets of a vantage.
    pub derived: bool,
}

impl TableInfo {
    /// Records in all.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether its records are the entries of a journal, rather than lines.
    #[must_use]
    pub fn is_journal(&self) -> bool {
        self.format == Format::JournalExport.description()
    }

    /// Counts a stretch of bytes that is no record; keeps the first few of them.
    pub fn reject(&mut self, reject: Reject) {
        self.rejected += 1;
        self.rejected_bytes += reject.length;
        if self.rejects.len() < KEPT_REJECTS {
            self.rejects.push(reject);
        }
    }
}

/// A table: the records of a source or derived from a vantage's packets.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its place in the store.
    pub id: TableId,
    /// What is known of it.
    pub info: Arc<TableInfo>,
    /// Its records.
    pub segments: Vec<Arc<Segment>>,
    /// Its bytes; derived tables have none.
    pub content: Content,
    /// The table of flows that its packets refer to, for captures.
    pub flows: Option<TableId>,
}

impl Table {
    /// Smallest and largest key time of the records that have one.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let spans = || self.segments.iter().filter_map(|segment| segment.timed_span());
        Some((spans().map(|span| span.0).min()?, spans().map(|span| span.1).max()?))
    }

    /// The segment and row of `id`.
    #[must_use]
    pub fn find(&self, id: RecordId) -> Option<(&Arc<Segment>, usize)> {
        let after = self.segments.partition_point(|s| s.first_row <= id.row());
        let segment = self.segments.get(after.checked_sub(1)?)?;
        Some((segment, segment.row_of(id)?))
    }
}

/// A store at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    tables: BTreeMap<TableId, Arc<Table>>,
    /// Counts up with every change of the store.
    pub version: u64,
}

impl Snapshot {
    /// The tables, in the order of their ids.
    pub fn tables(&self) -> impl DoubleEndedIterator<Item = &Arc<Table>> + ExactSizeIterator {
        self.tables.values()
    }

    /// The table `id`.
    #[must_use]
    pub fn table(&self, id: TableId) -> Option<&Arc<Table>> {
        self.tables.get(&id)
    }

    /// Puts a table in the place of the one that has its id.
    pub fn insert(&mut self, table: Table) {
        self.tables.insert(table.id, Arc::new(table));
    }

    /// Table, segment and row of a record.
    #[must_use]
    pub fn find(&self, id: RecordId) -> Option<(&Arc<Table>, &Arc<Segment>, usize)> {
        let table = self.table(id.table())?;
        let (segment, row) = table.find(id)?;
        Some((table, segment, row))
    }

    /// The flow of a packet, if it has one: its table and row.
    #[must_use]
    pub fn flow_of(&self, id: RecordId) -> Option<RecordId> {
        let (table, segment, row) = self.find(id)?;
        let Columns::Packets(packets) = &segment.columns else { return None };
        let flow = packets.flow[row];
        (flow != super::segment::NO_FLOW).then_some(RecordId::new(table.flows?, u64::from(flow)))
    }

    /// A flow by its id.
    #[must_use]
    pub fn flow(&self, id: RecordId) -> Option<&super::flow::Flow> {
        let (_, segment, row) = self.find(id)?;
        match &segment.columns {
            Columns::Flows(flows) => flows.get(row),
            _ => None,
        }
    }

    /// All records of the tables that `wanted` takes, in the order of time.
    pub fn timeline(&self, wanted: impl Fn(&Table) -> bool) -> Timeline {
        let all = Arc::new(Rows::All);
        let tables = self.tables().filter(|table| wanted(table));
        Timeline::new(tables.flat_map(|table| {
            table.segments.iter().map(|segment| Run { segment: Arc::clone(segment), rows: Arc::clone(&all) })
        }))
    }
}

impl Snapshot {
    /// An id above all that are in use: for a source of which more came out than was expected.
    fn spare_id(&self) -> Option<TableId> {
        let last = self.tables.last_key_value().map_or(0, |(id, _)| id.0);
        last.max(RecordId::MAX_TABLES / 2).checked_add(1).filter(|id| *id < RecordId::MAX_TABLES).map(TableId)
    }
}

/// Table ids that were set aside, in order. Records of the same time sort by their tables' ids; so where several
/// threads read at once, each takes ids that do not depend on what the others do, and every run gives the same order.
#[derive(Clone, Debug)]
pub struct TableIds(Range<u32>);

impl TableIds {
    /// The ids of `range`, as far as there are such.
    #[must_use]
    pub fn new(range: Range<u32>) -> Self {
        let most = RecordId::MAX_TABLES / 2;
        Self(range.start.min(most)..range.end.min(most))
    }

    fn next(&mut self) -> Option<TableId> {
        self.0.next().map(TableId)
    }
}

/// Takes tables and segments from the threads that read, and gives snapshots to those that look.
#[derive(Debug, Default)]
pub struct Store {
    state: Mutex<Snapshot>,
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The store as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.lock().clone()
    }

    /// Counts up with every change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Adds a table without records, with the next id that `ids` gives; `None` when there is none left.
    pub fn add_table(
        &self,
        ids: &mut TableIds,
        info: TableInfo,
        content: Content,
        flows: Option<TableId>,
    ) -> Option<TableId> {
        let mut state = self.lock();
        let id = ids.next().or_else(|| state.spare_id())?;
        state.tables.insert(id, Arc::new(Table { id, info: Arc::new(info), segments: Vec::new(), content, flows }));
        state.version += 1;
        Some(id)
    }

    /// Changes a table: its info, content or segments.
    pub fn update(&self, id: TableId, change: impl FnOnce(&mut Table)) {
        let mut state = self.lock();
        state.version += 1;
        if let Some(table) = state.tables.get_mut(&id) {
            change(Arc::make_mut(table));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
