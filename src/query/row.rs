//! One record, and the values of its fields one by one.

use std::borrow::Cow;

use super::ast::{Condition, Moment};
use super::header::Header;
use super::schema::{DnsField, FieldName, FlowField, FrameField, HeaderField, Id, Known, LineField, RecordField};
use super::stored::{needs_bytes, values_in};
use super::tuple;
use super::value::{Value, query_type, response_code};
use crate::decode::MAX_RECORD;
use crate::record::{FiveTuple, Kind, Level, RecordId, Timestamp};
use crate::store::segment::{NO_FLOW, NftColumns, PacketColumns};
use crate::store::{Columns, DnsExchange, Flow, Segment, Snapshot, Table};

/// A record of a segment.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub snapshot: &'a Snapshot,
    pub table: &'a Table,
    pub segment: &'a Segment,
    pub row: usize,
}

/// Takes the values of a field.
pub type Each<'e> = &'e mut dyn FnMut(Value<'_>);

impl<'a> Row<'a> {
    /// The record `id`.
    pub fn find(snapshot: &'a Snapshot, id: RecordId) -> Option<Self> {
        let (table, segment, row) = snapshot.find(id)?;
        Some(Self { snapshot, table, segment, row })
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.segment.kind(self.row)
    }

    /// The place among the nft lines of the segment.
    pub fn nft(&self) -> Option<(&'a NftColumns, usize)> {
        let Columns::Entries(entries) = &self.segment.columns else { return None };
        let nft = entries.nft.as_ref()?;
        Some((nft, nft.index(self.row)?))
    }

    /// The columns, if it is a packet.
    pub fn packet(&self) -> Option<&'a PacketColumns> {
        match &self.segment.columns {
            Columns::Packets(packets) => Some(packets),
            _ => None,
        }
    }

    /// The exchange that it is.
    pub fn dns(&self) -> Option<&'a DnsExchange> {
        match &self.segment.columns {
            Columns::Dns(exchanges) => exchanges.get(self.row),
            _ => None,
        }
    }

    /// The flow that it is, or that it belongs to.
    pub fn flow(&self) -> Option<&'a Flow> {
        match &self.segment.columns {
            Columns::Flows(flows) => flows.get(self.row),
            Columns::Packets(packets) => flow_at(self.snapshot, self.table, *packets.flow.get(self.row)?),
            _ => None,
        }
    }

    /// Addresses and ports, in the direction of the record.
    pub fn tuple(&self) -> Option<FiveTuple> {
        match &self.segment.columns {
            Columns::Entries(_) => self.nft().map(|(nft, place)| nft.tuple(place)),
            Columns::Packets(packets) => self.flow().map(|flow| directed(flow, packets.reversed.get(self.row))),
            Columns::Flows(flows) => flows.get(self.row).map(|flow| flow.tuple),
            Columns::Dns(exchanges) => exchanges.get(self.row).map(|exchange| exchange.tuple),
        }
    }

    /// Its bytes as they are stored, cut at [`MAX_RECORD`]; `None` when they cannot be read back or it has none.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let (offset, length) = self.segment.extent(self.row)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_RECORD);
        let mut bytes = Vec::new();
        self.table.content.read(offset, length, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Whether the condition holds.
    pub fn meets(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.meets(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.meets(part)),
            Condition::Not(inner) => !self.meets(inner),
            Condition::Difference(left, right, ranges) => {
                let both = self.moment(*left).zip(self.moment(*right));
                both.is_some_and(|(left, right)| ranges.contains(left.since(right)))
            }
            Condition::Field(field, test) => {
                let mut accepted = false;
                self.values(field, &mut |value| accepted |= test.accepts(&value));
                accepted
            }
        }
    }

    /// One of its times.
    pub fn moment(&self, moment: Moment) -> Option<Timestamp> {
        match moment {
            Moment::Key => Some(self.segment.key_time(self.row)),
            Moment::Received => self.segment.received(self.row),
            Moment::Claimed => self.segment.claimed(self.row),
        }
    }

    /// Calls `each` for every value of a field, with the bytes of the record where the field needs them.
    pub fn values(&self, field: &FieldName, each: Each<'_>) {
        if !field.kinds().contains(self.kind()) {
            return;
        }
        match field {
            FieldName::Known(Known(known)) if needs_bytes(known.id, self.kind()) => self.with_bytes(field, each),
            FieldName::Known(Known(known)) => self.own_values(known.id, each),
            FieldName::NftKey(_) | FieldName::Journal(_) => self.with_bytes(field, each),
        }
    }

    fn with_bytes(&self, field: &FieldName, each: Each<'_>) {
        if let Some(bytes) = self.bytes() {
            values_in(self.kind(), &bytes, field, each);
        }
    }

    /// Calls `each` for every value of a field that needs no stored bytes.
    pub fn own_values(&self, id: Id, each: Each<'_>) {
        match id {
            Id::Record(field) => self.record_values(field, each),
            Id::NftMark { new } => self.mark(new, each),
            Id::NftPrefix => {
                if let Some((nft, place)) = self.nft() {
                    each(Value::text(nft.prefix(place)));
                }
            }
            Id::Tuple(field) => {
                if let Some(tuple) = self.tuple() {
                    tuple::values(field, &tuple, each);
                }
            }
            Id::Header(field) => self.header_values(field, each),
            Id::Frame(field) => self.frame_values(field, each),
            Id::Flow(FlowField::CommunityId) => {
                let of_flow = || self.flow().map(Flow::community_id);
                let of_tuple = || self.tuple().and_then(|tuple| tuple::community_id(&tuple));
                if let Some(id) = of_flow().or_else(of_tuple) {
                    each(Value::Text(Cow::Owned(id.into_bytes())));
                }
            }
            Id::Flow(field) => {
                if let Some(flow) = self.flow() {
                    flow_values(field, flow, each);
                }
            }
            Id::Dns(DnsField::Any) => {
                if self.dns().is_some() || self.tuple().is_some_and(|tuple| tuple::is_dns(&tuple)) {
                    each(Value::Present);
                }
            }
            Id::Dns(field) => {
                if let Some(exchange) = self.dns() {
                    dns_values(field, exchange, each);
                }
            }
            Id::Line(LineField::Text) => each(Value::Text(Cow::Owned(super::summary::of(self).text.into_bytes()))),
            Id::Line(_) => {}
        }
    }

    fn mark(&self, new: bool, each: Each<'_>) {
        if let Some((nft, place)) = self.nft()
            && (!new || says_new(nft.prefix(place)))
        {
            each(Value::Present);
        }
    }

    fn record_values(&self, field: RecordField, each: Each<'_>) {
        let info = &self.table.info;
        match field {
            RecordField::Key => each(Value::Time(self.segment.key_time(self.row))),
            RecordField::Received => self.segment.received(self.row).into_iter().for_each(|t| each(Value::Time(t))),
            RecordField::Claimed => self.segment.claimed(self.row).into_iter().for_each(|t| each(Value::Time(t))),
            RecordField::Kind => each(Value::Named(self.kind() as u64, self.kind().name())),
            RecordField::Qube => each(Value::text(info.origin.as_bytes())),
            RecordField::Source => each(Value::text(info.name.as_bytes())),
            RecordField::Format => each(Value::text(info.format.as_bytes())),
            RecordField::Level => {
                if let Columns::Entries(entries) = &self.segment.columns
                    && let level = entries.level.get(self.row)
                    && level != Level::Unknown
                {
                    each(Value::Named(level as u64, level.name()));
                }
            }
        }
    }

    fn header_values(&self, field: HeaderField, each: Each<'_>) {
        if let Some(header) = self.header() {
            header.values(field, each);
        }
    }

    /// The header fields; of a flow those of its first packet.
    pub fn header(&self) -> Option<Header> {
        match &self.segment.columns {
            Columns::Entries(_) => self.nft().map(|(nft, place)| Header::of_nft(nft, place)),
            Columns::Packets(packets) => Some(Header::of_packet(packets, self.row)),
            Columns::Flows(flows) => flows.get(self.row).map(Header::of_flow),
            Columns::Dns(_) => None,
        }
    }

    fn frame_values(&self, field: FrameField, each: Each<'_>) {
        let Some(packets) = self.packet() else { return };
        match field {
            FrameField::Length => each(Value::Number(u64::from(packets.original.get(self.row)))),
            FrameField::Captured => each(Value::Number(u64::from(packets.captured.get(self.row)))),
            FrameField::Bytes => {}
        }
    }
}

/// The flow of a packet of `table`.
pub fn flow_at<'a>(snapshot: &'a Snapshot, table: &Table, flow: u32) -> Option<&'a Flow> {
    if flow == NO_FLOW {
        return None;
    }
    snapshot.flow(RecordId::new(table.flows?, u64::from(flow)))
}

/// The tuple of a flow in the direction of one of its packets.
pub const fn directed(flow: &Flow, reversed: bool) -> FiveTuple {
    if reversed { flow.tuple.reversed() } else { flow.tuple }
}

/// Whether a prefix such as `SYSFW:new` says that the connection is new.
pub fn says_new(prefix: &[u8]) -> bool {
    prefix.split(|b| !b.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case(b"new"))
}

/// Calls `each` for every value of a field of a flow.
pub fn flow_values(field: FlowField, flow: &Flow, each: Each<'_>) {
    match field {
        FlowField::Packets => each(Value::Number(flow.packets[0].saturating_add(flow.packets[1]))),
        FlowField::Bytes => each(Value::Number(flow.bytes[0].saturating_add(flow.bytes[1]))),
        FlowField::Duration => each(Value::Duration(flow.end.since(flow.start))),
        FlowField::Outcome => each(Value::Named(flow.outcome as u64, flow.outcome.name())),
        FlowField::Name => flow.name.iter().for_each(|name| each(Value::text(name.as_bytes()))),
        FlowField::ServerName => flow.server_name.iter().for_each(|server| each(Value::text(server.name.as_bytes()))),
        FlowField::Tls if flow.server_name.is_some() || tuple::is_https(&flow.tuple) => each(Value::Present),
        FlowField::Tls | FlowField::CommunityId => {}
    }
}

fn dns_values(field: DnsField, exchange: &DnsExchange, each: Each<'_>) {
    let answer = exchange.answer.as_ref();
    match field {
        DnsField::Any => each(Value::Present),
        DnsField::Name => each(Value::text(exchange.name.as_bytes())),
        DnsField::Id => each(Value::Number(u64::from(exchange.id))),
        DnsField::Type => exchange.query_type.iter().for_each(|number| each(query_type(*number))),
        DnsField::ResponseCode => {
            answer.iter().for_each(|answer| each(response_code(answer.response_code)));
        }
        DnsField::Address => {
            answer.iter().flat_map(|answer| &answer.addresses).for_each(|address| each(Value::Address(*address)));
        }
        DnsField::Time => {
            let both = answer.filter(|_| exchange.query.is_some());
            both.iter().for_each(|answer| each(Value::Duration(answer.time.since(exchange.time))));
        }
    }
}
