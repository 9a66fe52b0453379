//! Compares whole columns of entries and packets.

use super::ast::Test;
use super::eval::Scope;
use super::header::Header;
use super::row::{directed, flow_at, flow_values, says_new};
use super::schema::{DnsField, Ends, FlowField, FrameField, HeaderField, Id, RecordField, TupleField};
use super::{sets, tuple};
use crate::record::{FiveTuple, Level};
use crate::store::column::{Column, TimeColumn};
use crate::store::segment::{KeyTime, NO_FLOW, NftColumns, PacketColumns};
use crate::store::{Bitmap, Columns, Flow, Rows};

/// The largest number of flows for which the answers of a segment are kept while its packets are looked at.
const MAX_KEPT_ANSWERS: usize = 1 << 20;

/// The rows of the segment that pass, where the field has columns. May answer for more than the candidates.
pub fn select(scope: &Scope<'_>, id: Id, test: &Test, candidates: &Rows) -> Option<Rows> {
    if let Id::Record(field) = id {
        return record(scope, field, test);
    }
    match &scope.segment.columns {
        Columns::Entries(entries) => {
            entries.nft.as_ref().map_or(Some(Rows::None), |nft| select_nft(scope, nft, id, test))
        }
        Columns::Packets(packets) => select_packets(scope, packets, id, test, candidates),
        Columns::Flows(_) | Columns::Dns(_) => None,
    }
}

fn record(scope: &Scope<'_>, field: RecordField, test: &Test) -> Option<Rows> {
    match (field, &scope.segment.columns) {
        (RecordField::Key, _) => key_times(scope, test),
        (RecordField::Received, Columns::Entries(entries)) => {
            if let KeyTime::Received = scope.segment.key {
                return key_times(scope, test);
            }
            Some(times(scope, entries.received.as_ref(), test))
        }
        (RecordField::Claimed, columns) => {
            if let KeyTime::Claimed = scope.segment.key {
                return key_times(scope, test);
            }
            match columns {
                Columns::Entries(entries) => Some(times(scope, entries.claimed.as_ref(), test)),
                _ => None,
            }
        }
        (RecordField::Kind, Columns::Entries(entries)) => {
            Some(values(scope, &entries.kind, |kind| test.accepts_number(kind as i64)))
        }
        (RecordField::Level, Columns::Entries(entries)) => {
            Some(values(scope, &entries.level, |level| level != Level::Unknown && test.accepts_number(level as i64)))
        }
        (RecordField::Kind, _) => Some(sets::all_if(test.accepts_number(scope.segment.kind(0) as i64))),
        _ => None,
    }
}

/// Compares the times by which the segment sorts; its span often tells without a look at them.
fn key_times(scope: &Scope<'_>, test: &Test) -> Option<Rows> {
    let (low, high) = scope.segment.span;
    match test {
        Test::Exists => return Some(Rows::All),
        Test::Number(ranges) if ranges.covers(low.0, high.0) => return Some(Rows::All),
        Test::Number(ranges) if !ranges.touches(low.0, high.0) => return Some(Rows::None),
        _ => {}
    }
    match (&scope.segment.key, &scope.segment.columns) {
        (KeyTime::Own(own), _) => Some(times(scope, Some(own), test)),
        (KeyTime::Received, Columns::Entries(entries)) => Some(times(scope, entries.received.as_ref(), test)),
        (KeyTime::Claimed, Columns::Entries(entries)) => Some(times(scope, entries.claimed.as_ref(), test)),
        (_, Columns::Packets(packets)) => Some(times(scope, Some(&packets.time), test)),
        _ => None,
    }
}

fn times(scope: &Scope<'_>, column: Option<&TimeColumn>, test: &Test) -> Rows {
    let Some(column) = column else { return Rows::None };
    scope.count(scope.rows());
    let passed = Bitmap::from_test(scope.rows(), |row| column.get(row).is_some_and(|time| test.accepts_number(time.0)));
    Rows::from_bitmap(passed, scope.rows())
}

/// Compares a column that has a value for each row of the segment.
fn values<T: Copy + PartialEq>(scope: &Scope<'_>, column: &Column<T>, passes: impl Fn(T) -> bool) -> Rows {
    match column {
        Column::Uniform(value) => sets::all_if(passes(*value)),
        Column::Each(values) => {
            scope.count(scope.rows());
            let passed = Bitmap::from_test(scope.rows(), |row| values.get(row).is_some_and(|value| passes(*value)));
            Rows::from_bitmap(passed, scope.rows())
        }
    }
}

fn select_nft(scope: &Scope<'_>, nft: &NftColumns, id: Id, test: &Test) -> Option<Rows> {
    let number = |value: u16| test.accepts_number(i64::from(value));
    let passed = match id {
        Id::NftMark { new: false } => nft_rows(scope, nft, |_| true),
        Id::NftMark { new: true } => by_prefix(scope, nft, says_new),
        Id::NftPrefix => by_prefix(scope, nft, |prefix| test.accepts_text(prefix)),
        Id::Header(HeaderField::Id) => nft_rows(scope, nft, |at| number(nft.ip_id[at]) && nft.has_ip_id.get(at)),
        Id::Header(HeaderField::Length) => nft_rows(scope, nft, |at| number(nft.ip_length.get(at))),
        Id::Header(field) => nft_rows(scope, nft, |at| Header::of_nft(nft, at).get(field).is_some_and(number)),
        Id::Tuple(field) => nft_tuples(scope, nft, field, test),
        Id::Dns(DnsField::Any) => nft_rows(scope, nft, |at| tuple::is_dns(&nft.tuple(at))),
        _ => return None,
    };
    Some(passed)
}

/// The rows of the nft lines at whose places `passes` holds.
fn nft_rows(scope: &Scope<'_>, nft: &NftColumns, passes: impl Fn(usize) -> bool) -> Rows {
    scope.count(nft.len());
    let passed = match &nft.rows {
        None => Bitmap::from_test(scope.rows(), passes),
        Some(rows) => {
            let mut passed = Bitmap::empty(scope.rows());
            let chosen = rows.iter().enumerate().filter(|(at, _)| passes(*at));
            chosen.for_each(|(_, row)| passed.insert(usize::from(*row)));
            passed
        }
    };
    Rows::from_bitmap(passed, scope.rows())
}

/// Asks once for each different prefix.
fn by_prefix(scope: &Scope<'_>, nft: &NftColumns, passes: impl Fn(&[u8]) -> bool) -> Rows {
    let answers: Vec<bool> = nft.prefixes.iter().map(|prefix| passes(prefix)).collect();
    match answers.iter().any(|answer| *answer) {
        true => nft_rows(scope, nft, |at| answers[nft.prefix.get(at)]),
        false => Rows::None,
    }
}

fn nft_tuples(scope: &Scope<'_>, nft: &NftColumns, field: TupleField, test: &Test) -> Rows {
    let number = |value: u16| test.accepts_number(i64::from(value));
    let has_ports = |at: usize, wanted| tuple::has_ports(nft.protocol.get(at), wanted);
    match field {
        TupleField::Source => by_address(scope, nft, test, |answers, at| answers[nft.source.get(at)]),
        TupleField::Destination => by_address(scope, nft, test, |answers, at| answers[nft.destination.get(at)]),
        TupleField::Address => {
            by_address(scope, nft, test, |answers, at| answers[nft.source.get(at)] || answers[nft.destination.get(at)])
        }
        TupleField::Port(Ends::Source, wanted) => {
            nft_rows(scope, nft, |at| number(nft.source_port[at]) && has_ports(at, wanted))
        }
        TupleField::Port(Ends::Destination, wanted) => {
            nft_rows(scope, nft, |at| number(nft.destination_port.get(at)) && has_ports(at, wanted))
        }
        TupleField::Port(Ends::Both, wanted) => nft_rows(scope, nft, |at| {
            (number(nft.source_port[at]) || number(nft.destination_port.get(at))) && has_ports(at, wanted)
        }),
        field => nft_rows(scope, nft, |at| tuple_passes(field, &nft.tuple(at), test)),
    }
}

/// Asks once for each different address.
fn by_address(scope: &Scope<'_>, nft: &NftColumns, test: &Test, passes: impl Fn(&[bool], usize) -> bool) -> Rows {
    let answers: Vec<bool> = nft.addresses.iter().map(|address| test.accepts_address(*address)).collect();
    match answers.iter().any(|answer| *answer) {
        true => nft_rows(scope, nft, |at| passes(&answers, at)),
        false => Rows::None,
    }
}

fn tuple_passes(field: TupleField, tuple: &FiveTuple, test: &Test) -> bool {
    let mut passed = false;
    tuple::values(field, tuple, &mut |value| passed |= test.accepts(&value));
    passed
}

fn select_packets(scope: &Scope<'_>, packets: &PacketColumns, id: Id, test: &Test, candidates: &Rows) -> Option<Rows> {
    let flows = |passes: &dyn Fn(&Flow, bool) -> bool| Some(by_flow(scope, packets, candidates, passes));
    match id {
        Id::Frame(FrameField::Length) => {
            Some(values(scope, &packets.original, |length| test.accepts_number(i64::from(length))))
        }
        Id::Frame(FrameField::Captured) => {
            Some(values(scope, &packets.captured, |length| test.accepts_number(i64::from(length))))
        }
        Id::Header(field) => Some(headers(scope, packets, field, test)),
        Id::Tuple(field) => flows(&|flow, reversed| tuple_passes(field, &directed(flow, reversed), test)),
        Id::Dns(DnsField::Any) => flows(&|flow, _| tuple::is_dns(&flow.tuple)),
        Id::Flow(FlowField::CommunityId) => flows(&|flow, _| test.accepts_text(flow.community_id().as_bytes())),

        Id::Flow(field) => flows(&|flow, _| {
            let mut passed = false;
            flow_values(field, flow, &mut |value| passed |= test.accepts(&value));
            passed
        }),
        _ => None,
    }
}

fn headers(scope: &Scope<'_>, packets: &PacketColumns, field: HeaderField, test: &Test) -> Rows {
    scope.count(scope.rows());
    let passed = Bitmap::from_test(scope.rows(), |row| {
        let value = Header::of_packet(packets, row).get(field);
        value.is_some_and(|value| test.accepts_number(i64::from(value)))
    });
    Rows::from_bitmap(passed, scope.rows())
}

/// The candidates whose flow passes; it is asked once for each flow and direction.
fn by_flow(
    scope: &Scope<'_>,
    packets: &PacketColumns,
    candidates: &Rows,
    passes: &dyn Fn(&Flow, bool) -> bool,
) -> Rows {
    scope.count(candidates.count(scope.rows()));
    let mut answers = Answers::of(packets);
    sets::filtered(candidates, scope.rows(), |row| {
        let (flow, reversed) = (packets.flow[row], packets.reversed.get(row));
        answers.get(flow, reversed, || flow_at(scope.snapshot, scope.table, flow).is_some_and(|f| passes(f, reversed)))
    })
}

/// Answers for the flows of a segment and both directions, as they become known.
struct Answers {
    first: u32,
    known: Vec<Option<bool>>,
}

impl Answers {
    fn of(packets: &PacketColumns) -> Self {
        let flows = || packets.flow.iter().copied().filter(|flow| *flow != NO_FLOW);
        let (first, last) = (flows().min().unwrap_or(0), flows().max().unwrap_or(0));
        let count = (last - first) as usize + 1;
        let kept = if count <= MAX_KEPT_ANSWERS { count * 2 } else { 0 };
        Self { first, known: vec![None; kept] }
    }

    fn get(&mut self, flow: u32, reversed: bool, ask: impl FnOnce() -> bool) -> bool {
        let place = (flow.wrapping_sub(self.first) as usize).saturating_mul(2) + usize::from(reversed);
        match self.known.get_mut(place) {
            Some(known) => *known.get_or_insert_with(ask),
            None => ask(),
        }
    }
}
