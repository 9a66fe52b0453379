//! Matches DNS answers to queries.
//!
//! An answer belongs to the earliest query that has none yet, of the same client, server, ports, transaction id and
//! name, at most [`IDLE`] before it. Where the capture cut a name, its beginning counts. A query that is sent again is
//! an exchange of its own; so is an answer without a query. Multicast DNS (RFC 6762) answers go to everybody and are
//! never matched.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use super::IDLE;
use super::chunks::Chunks;
use super::key::Key;
use super::names::Names;
use super::recent::Recent;
use crate::decode::IpPacket;
use crate::decode::dns::{self, Data, Message, Name};
use crate::record::{FiveTuple, RecordId, TableId, Timestamp, protocol};
use crate::store::dns::{DnsAnswer, DnsExchange};
use crate::store::segment::Segment;

/// DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795).
const PORTS: [u16; 3] = [53, 5353, 5355];
/// The most transactions that are waiting for answers; older ones are forgotten.
const MAX_PENDING: usize = 65_536;
/// The most queries of one transaction that are waiting.
const MAX_REPEATS: usize = 8;

/// The DNS exchanges of a vantage, and the names that they gave to addresses.
#[derive(Debug)]
pub(super) struct Exchanges {
    rows: Chunks<DnsExchange>,
    pending: Recent<(Key, u16), VecDeque<u32>>,
    names: Names,
}

/// A message with what its packet says.
struct Seen<'a> {
    packet: RecordId,
    time: Timestamp,
    tuple: &'a FiveTuple,
    message: Message,
}

impl Default for Exchanges {
    fn default() -> Self {
        Self { rows: Chunks::default(), pending: Recent::new(MAX_PENDING), names: Names::default() }
    }
}

impl Exchanges {
    /// Takes the DNS messages of a packet, if it has any.
    pub(super) fn packet(&mut self, packet: RecordId, time: Timestamp, ip: &IpPacket<'_>) {
        let tuple = &ip.tuple;
        if !PORTS.contains(&tuple.source_port) && !PORTS.contains(&tuple.destination_port) {
            return;
        }
        let mut take = |bytes: &[u8]| {
            if let Some(message) = Message::read(bytes) {
                self.message(&Seen { packet, time, tuple, message });
            }
        };
        match tuple.protocol {
            protocol::UDP => take(ip.payload),
            protocol::TCP => dns::over_tcp(ip.payload, ip.payload_length).for_each(|(_, bytes)| take(bytes)),
            _ => {}
        }
    }

    /// The name that a DNS answer gave for an address, preferably to this client.
    pub(super) fn name_of(&mut self, client: IpAddr, address: IpAddr) -> Option<Arc<str>> {
        self.names.name_of(client, address)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &DnsExchange> {
        self.rows.iter()
    }

    pub(super) fn publish(&mut self, table: TableId) -> Vec<Arc<Segment>> {
        self.rows.publish(table)
    }

    fn message(&mut self, seen: &Seen<'_>) {
        if seen.message.is_response() {
            self.answer(seen);
        } else {
            self.query(seen);
        }
    }

    fn query(&mut self, seen: &Seen<'_>) {
        let exchange = seen.exchange(*seen.tuple, Some(seen.packet), None);
        let Some(row) = self.add(exchange) else { return };
        let key = (Key::of(seen.tuple, None), seen.message.id);
        match self.pending.get(key) {
            Some(rows) => {
                if rows.len() >= MAX_REPEATS {
                    rows.pop_front();
                }
                rows.push_back(row);
            }
            None => self.pending.insert(key, VecDeque::from([row])),
        }
    }

    fn answer(&mut self, seen: &Seen<'_>) {
        let answer = seen.answer();
        let client = seen.tuple.destination;
        let name = match self.take_pending(seen).and_then(|row| self.rows.get_mut(row)) {
            Some(exchange) => {
                exchange.answer = Some(answer);
                Arc::clone(&exchange.name)
            }
            None => {
                let exchange = seen.exchange(seen.tuple.reversed(), None, Some(answer));
                let name = Arc::clone(&exchange.name);
                self.add(exchange);
                name
            }
        };
        self.learn(client, &name, &seen.message);
    }

    fn add(&mut self, exchange: DnsExchange) -> Option<u32> {
        let row = u32::try_from(self.rows.len()).ok()?;
        self.rows.push(exchange);
        Some(row)
    }

    /// The row of the query that a message answers; it waits no longer.
    fn take_pending(&mut self, seen: &Seen<'_>) -> Option<u32> {
        let rows = &self.rows;
        let pending = self.pending.get((Key::of(seen.tuple, None), seen.message.id))?;
        let asked = |row: &u32| rows.get(*row).is_some_and(|exchange| seen.answers(exchange));
        pending.iter().position(asked).and_then(|place| pending.remove(place))
    }

    fn learn(&mut self, client: IpAddr, asked: &Arc<str>, message: &Message) {
        let question = message.questions.first().is_some_and(|question| !question.name.cut);
        for record in message.answers() {
            let Data::Address(address) = record.data else { continue };
            let name = if question { Arc::clone(asked) } else { Arc::from(record.name.text.as_str()) };
            self.names.learn(client, address, &name);
        }
    }
}

impl Seen<'_> {
    /// The name that the message is about: that of its question, else that of its first record.
    fn name(&self) -> Name {
        let question = self.message.questions.first().map(|question| &question.name);
        question.or_else(|| self.message.records.first().map(|record| &record.name)).cloned().unwrap_or_default()
    }

    fn exchange(&self, tuple: FiveTuple, query: Option<RecordId>, answer: Option<DnsAnswer>) -> DnsExchange {
        let name = self.name();
        DnsExchange {
            time: self.time,
            tuple,
            id: self.message.id,
            name: name.text.into(),
            name_cut: name.cut,
            query_type: self.message.questions.first().and_then(|question| question.kind),
            query,
            answer,
        }
    }

    fn answer(&self) -> DnsAnswer {
        let address = |record: &dns::Record| match record.data {
            Data::Address(address) => Some(address),
            _ => None,
        };
        let answers = self.message.answers().count();
        DnsAnswer {
            time: self.time,
            packet: self.packet,
            response_code: self.message.response_code(),
            addresses: self.message.answers().filter_map(address).collect(),
            cut: self.message.cut && answers < usize::from(self.message.counts[1])
                || self.message.answers().any(|record| record.data == Data::Cut),
        }
    }

    /// Whether the message is about what an exchange asked for, and soon enough.
    fn answers(&self, exchange: &DnsExchange) -> bool {
        let name = self.name();
        let (asked, told) = (exchange.name.as_bytes(), name.text.as_bytes());
        let common = asked.len().min(told.len());
        let same_start = asked.iter().zip(told).all(|(a, b)| a.eq_ignore_ascii_case(b));
        let same_end =
            asked.len() == told.len() || exchange.name_cut && common == asked.len() || name.cut && common == told.len();
        self.message.questions.is_empty() || same_start && same_end && self.time.since(exchange.time) <= IDLE
    }
}
