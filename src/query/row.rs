//! One record, and the values of its fields one by one.

use std::borrow::Cow;

use super::ast::{Condition, Moment};
use super::parse;
use super::schema::{DnsField, FieldName, FlowField, FrameField, HeaderField, Id, Known, LineField, RecordField, Type};
use super::tuple;
use super::value::{QUERY_TYPES, RESPONSE_CODES, Value, named};
use crate::decode::MAX_RECORD;
use crate::record::{FiveTuple, Kind, Level, RecordId, Timestamp, protocol};
use crate::store::community_id::community_id;
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

    pub fn kind(&self) -> Kind {
        self.segment.kind(self.row)
    }

    /// The place among the nft lines of the segment.
    pub fn nft(&self) -> Option<(&'a NftColumns, usize)> {
        let Columns::Entries(entries) = &self.segment.columns else { return None };
        let nft = entries.nft.as_ref()?;
        Some((nft, nft.index(self.row)?))
    }

    pub fn packet(&self) -> Option<&'a PacketColumns> {
        match &self.segment.columns {
            Columns::Packets(packets) => Some(packets),
            _ => None,
        }
    }

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
                if let Some(id) = self.community_id() {
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

    /// The Community ID; of what belongs to no flow only where ports make it, since for ICMP the type is needed.
    fn community_id(&self) -> Option<String> {
        let by_ports = || self.tuple().filter(|tuple| tuple::has_ports(tuple.protocol, None));
        let flow = self.flow().map(Flow::community_id);
        flow.or_else(|| by_ports().map(|tuple| community_id(&tuple, None)))
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

/// Fields of the IP and TCP headers that have columns; a length of 0 stands for "not IP".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: Option<u16>,
    pub length: Option<u16>,
    pub ttl: Option<u8>,
    pub flags: Option<u8>,
}

impl Header {
    pub fn of_nft(nft: &NftColumns, place: usize) -> Self {
        Self {
            id: nft.has_ip_id.get(place).then(|| nft.ip_id[place]),
            length: Some(nft.ip_length.get(place)),
            ttl: Some(nft.ttl.get(place)),
            flags: (nft.protocol.get(place) == protocol::TCP).then(|| nft.tcp_flags.get(place)),
        }
    }

    pub fn of_packet(packets: &PacketColumns, row: usize) -> Self {
        let length = Some(packets.ip_length.get(row)).filter(|length| *length > 0);
        Self {
            id: Some(packets.ip_id[row]).filter(|id| *id > 0),
            length,
            ttl: length.map(|_| packets.ttl.get(row)),
            flags: Some(packets.tcp_flags.get(row)).filter(|flags| *flags > 0),
        }
    }

    const fn of_flow(flow: &Flow) -> Self {
        Self { id: flow.ip_id, length: Some(flow.ip_length), ttl: Some(flow.ttl), flags: None }
    }

    /// The value of a field as a number; a flag is 0 or 1.
    pub fn get(&self, field: HeaderField) -> Option<u16> {
        match field {
            HeaderField::Id => self.id,
            HeaderField::Length => self.length,
            HeaderField::Ttl => self.ttl.map(u16::from),
            HeaderField::Flags => self.flags.map(u16::from),
            HeaderField::Flag(flag) => self.flags.map(|flags| u16::from(flags & flag != 0)),
        }
    }

    fn values(&self, field: HeaderField, each: Each<'_>) {
        let is_flag = matches!(field, HeaderField::Flag(_));
        if let Some(number) = self.get(field) {
            each(if is_flag { Value::Boolean(number != 0) } else { Value::Number(u64::from(number)) });
        }
    }
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
        DnsField::Type => exchange.query_type.iter().for_each(|number| each(named(u64::from(*number), QUERY_TYPES))),
        DnsField::ResponseCode => {
            answer.iter().for_each(|answer| each(named(u64::from(answer.response_code), RESPONSE_CODES)));
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

/// Whether the values of a field of a record of `kind` are found in its stored bytes.
pub fn needs_bytes(id: Id, kind: Kind) -> bool {
    match id {
        Id::Line(LineField::Text) => matches!(kind, Kind::Text | Kind::Nft | Kind::Journal),
        Id::Line(_) | Id::Frame(FrameField::Bytes) => true,
        _ => false,
    }
}

/// The text of a record: its bytes without the newline, or blank line, at the end.
pub fn text_of(kind: Kind, bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if kind == Kind::Journal { bytes.strip_suffix(b"\n").unwrap_or(bytes) } else { bytes }
}

/// Calls `each` for every value that a field has in the stored bytes of a record.
pub fn values_in(kind: Kind, bytes: &[u8], field: &FieldName, each: Each<'_>) {
    let text = text_of(kind, bytes);
    match field {
        FieldName::NftKey(key) => nft_values(text, key.as_bytes(), each),
        FieldName::Journal(name) => journal_values(bytes, name.as_bytes(), each),
        FieldName::Known(Known(known)) => match known.id {
            Id::Frame(FrameField::Bytes) => each(Value::text(bytes)),
            Id::Line(LineField::Text) => each(Value::text(text)),
            Id::Line(LineField::Key(key)) => nft_values(text, key.as_bytes(), each),
            Id::Line(LineField::Journal(name)) => journal_values(bytes, name.as_bytes(), each),
            Id::Line(part) if kind == Kind::Journal => journal_part(part, bytes, each),
            Id::Line(part) => line_part(part, text, each),
            _ => {}
        },
    }
}

fn nft_values(text: &[u8], key: &[u8], each: Each<'_>) {
    parse::nft_fields(text).filter(|(name, _)| *name == key).for_each(|(_, value)| each(Value::text(value)));
}

fn journal_values(entry: &[u8], wanted: &[u8], each: Each<'_>) {
    parse::journal_fields(entry).filter(|(name, _)| *name == wanted).for_each(|(_, value)| each(Value::text(value)));
}

fn line_part(part: LineField, text: &[u8], each: Each<'_>) {
    let line = parse::line(text);
    match part {
        LineField::Message => each(Value::text(line.message)),
        LineField::Host => line.host.into_iter().for_each(|host| each(Value::text(host))),
        LineField::App => line.identifier.into_iter().for_each(|identifier| each(Value::text(identifier))),
        LineField::Pid => line.pid.into_iter().for_each(|pid| each(Value::Number(u64::from(pid)))),
        LineField::Text | LineField::Key(_) | LineField::Journal(_) => {}
    }
}

/// The fields of a journal entry that hold a part of a line, the first of them that the entry has.
fn journal_part(part: LineField, entry: &[u8], each: Each<'_>) {
    let names: &[&[u8]] = match part {
        LineField::Message => &[b"MESSAGE"],
        LineField::Host => &[b"_HOSTNAME"],
        LineField::App => &[b"SYSLOG_IDENTIFIER", b"_COMM"],
        LineField::Pid => &[b"SYSLOG_PID", b"_PID"],
        LineField::Text | LineField::Key(_) | LineField::Journal(_) => &[],
    };
    let first = |name: &&[u8]| parse::journal_fields(entry).find(|(n, _)| n == name).map(|(_, value)| value);
    match (part, names.iter().find_map(first)) {
        (LineField::Pid, Some(pid)) => {
            parse::number(pid).into_iter().for_each(|pid| each(Value::Number(u64::from(pid))));
        }
        (_, Some(value)) => each(Value::text(value)),
        (_, None) => {}
    }
}

/// Whether a value of this type is shown as a field of its own: marks and whole frames are not.
pub fn is_shown(value_type: Type) -> bool {
    !matches!(value_type, Type::Presence | Type::Bytes)
}
