//! Which records a pane shows, and the panes that suit an archive.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::record::{Kind, RecordId, TableId};
use crate::store::column::Column;
use crate::store::{Bitmap, Columns, Rows, Segment, Snapshot, Table};

/// What a pane is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contents {
    /// The firewall's lines.
    Nft,
    /// Flows.
    Flows,
    /// Text logs and journals.
    Logs,
    /// Packets.
    Packets,
    /// DNS queries with their answers.
    Dns,
    /// Everything but packets.
    All,
}

impl Contents {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Nft, Self::Flows, Self::Logs, Self::Packets, Self::Dns, Self::All];

    /// The word for titles and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nft => "nft",
            Self::Flows => "flows",
            Self::Logs => "logs",
            Self::Packets => "packets",
            Self::Dns => "dns",
            Self::All => "all",
        }
    }

    /// The contents of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contents| contents.name() == name)
    }

    /// The kinds of record that belong to it.
    #[must_use]
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Nft => &[Kind::Nft],
            Self::Flows => &[Kind::Flow],
            Self::Logs => &[Kind::Text, Kind::Journal],
            Self::Packets => &[Kind::Packet],
            Self::Dns => &[Kind::Dns],
            Self::All => &[Kind::Text, Kind::Nft, Kind::Journal, Kind::Flow, Kind::Dns],
        }
    }

    /// Whether its records can be warnings and errors.
    #[must_use]
    pub const fn has_levels(self) -> bool {
        matches!(self, Self::Logs | Self::All)
    }
}

/// The records that a pane shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What they are about.
    pub contents: Contents,
    /// Whose they are; `None` for all origins.
    pub origins: Option<BTreeSet<Arc<str>>>,
    /// The one source they come from, if only one is wanted.
    pub table: Option<TableId>,
    /// The one flow that its packets belong to, if only one is wanted.
    pub flow: Option<RecordId>,
}

impl Scope {
    /// Everything of `contents`, of all origins.
    #[must_use]
    pub const fn of(contents: Contents) -> Self {
        Self { contents, origins: None, table: None, flow: None }
    }

    /// The same of one origin.
    #[must_use]
    pub fn of_origin(contents: Contents, origin: &Arc<str>) -> Self {
        Self { origins: Some(BTreeSet::from([Arc::clone(origin)])), ..Self::of(contents) }
    }

    /// One source, whatever is in it.
    #[must_use]
    pub fn of_table(table: &Table) -> Self {
        let packets = table.info.counts[Kind::Packet as usize] > 0;
        let contents = if packets { Contents::Packets } else { Contents::All };
        Self { table: Some(table.id), ..Self::of(contents) }
    }

    /// The packets of one flow, seen at the vantage `origin`.
    #[must_use]
    pub fn of_flow(flow: RecordId, origin: &Arc<str>) -> Self {
        Self { flow: Some(flow), ..Self::of_origin(Contents::Packets, origin) }
    }

    /// Whether any record of the table may belong to it.
    #[must_use]
    pub fn takes(&self, table: &Table) -> bool {
        self.table.is_none_or(|id| id == table.id)
            && self.flow.is_none_or(|flow| table.flows == Some(flow.table()))
            && self.origins.as_ref().is_none_or(|origins| origins.contains(&table.info.origin))
    }

    /// The rows of a segment whose kind belongs to it.
    #[must_use]
    pub fn rows(&self, segment: &Segment) -> Rows {
        let wanted = |kind: Kind| self.contents.kinds().contains(&kind);
        match &segment.columns {
            Columns::Entries(entries) => match &entries.kind {
                Column::Uniform(kind) => all_or_none(wanted(*kind)),
                Column::Each(kinds) => {
                    let test = |row: usize| kinds.get(row).is_some_and(|kind| wanted(*kind));
                    Rows::from_bitmap(Bitmap::from_test(segment.rows, test), segment.rows)
                }
            },
            Columns::Packets(packets) => match self.flow {
                Some(flow) => {
                    let test = |row: usize| packets.flow.get(row).is_some_and(|of| u64::from(*of) == flow.row());
                    Rows::from_bitmap(Bitmap::from_test(segment.rows, test), segment.rows)
                }
                None => all_or_none(wanted(Kind::Packet)),
            },
            Columns::Flows(_) => all_or_none(wanted(Kind::Flow)),
            Columns::Dns(_) => all_or_none(wanted(Kind::Dns)),
        }
    }

    /// A title: what and whose.
    #[must_use]
    pub fn title(&self, snapshot: &Snapshot) -> String {
        if let Some(table) = self.table.and_then(|id| snapshot.table(id)) {
            return table.info.name.to_string();
        }
        if let Some(flow) = self.flow.and_then(|id| snapshot.flow(id)) {
            let ends =
                [(flow.tuple.source, flow.tuple.source_port), (flow.tuple.destination, flow.tuple.destination_port)];
            let [from, to] = ends.map(|(address, port)| SocketAddr::new(address, port));
            return format!("packets {from} → {to}");
        }
        let origins = self.origins.iter().flatten().map(|origin| &**origin);
        [self.contents.name()].into_iter().chain(origins).collect::<Vec<_>>().join(" ")
    }
}

const fn all_or_none(all: bool) -> Rows {
    if all { Rows::All } else { Rows::None }
}

/// How many records of some kinds each origin has.
#[must_use]
pub fn origins(snapshot: &Snapshot, contents: Contents) -> BTreeMap<Arc<str>, u64> {
    let mut counts = BTreeMap::new();
    for table in snapshot.tables() {
        let records: u64 = contents.kinds().iter().map(|kind| table.info.counts[*kind as usize]).sum();
        if records > 0 {
            *counts.entry(Arc::clone(&table.info.origin)).or_default() += records;
        }
    }
    counts
}

/// The panes that suit an archive: the firewall's lines, the flows of the busiest vantage, and the logs of the app
/// qubes, as far as there are any; everything in one pane where there is none of these.
#[must_use]
pub fn defaults(snapshot: &Snapshot) -> Vec<Scope> {
    let nft = origins(snapshot, Contents::Nft);
    let flows = origins(snapshot, Contents::Flows);
    let logs = origins(snapshot, Contents::Logs);
    let firewall = nft.iter().max_by_key(|(origin, count)| (origin.contains("firewall"), **count));
    let vantage = flows.iter().max_by_key(|(_, count)| **count);
    let scopes = [
        firewall.map(|(origin, _)| Scope::of_origin(Contents::Nft, origin)),
        vantage.map(|(origin, _)| Scope::of_origin(Contents::Flows, origin)),
        (!logs.is_empty())
            .then(|| app_logs(logs.into_keys().collect(), |o| nft.contains_key(o) || flows.contains_key(o))),
    ];
    let scopes: Vec<Scope> = scopes.into_iter().flatten().collect();
    if scopes.is_empty() { vec![Scope::of(fallback(snapshot))] } else { scopes }
}

/// The logs of the qubes that are no network qubes; of all where there is no other.
fn app_logs(all: BTreeSet<Arc<str>>, network: impl Fn(&Arc<str>) -> bool) -> Scope {
    let apps: BTreeSet<Arc<str>> = all.iter().filter(|origin| !network(origin)).cloned().collect();
    let origins = if apps.is_empty() || apps == all { None } else { Some(apps) };
    Scope { origins, ..Scope::of(Contents::Logs) }
}

/// What to show where there is nothing of the usual.
fn fallback(snapshot: &Snapshot) -> Contents {
    if origins(snapshot, Contents::Packets).is_empty() { Contents::All } else { Contents::Packets }
}
