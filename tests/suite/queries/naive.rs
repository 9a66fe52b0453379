//! A filter equals the naive scan: each record's fields, looked at one after another.

use std::net::IpAddr;

use logvm::query::{Filter, Value, fields};
use logvm::record::{FiveTuple, Level, RecordId, Timestamp};
use logvm::store::{DnsAnswer, DnsExchange, Outcome, Snapshot};
use proptest::prelude::*;

use super::world::{self, Line, OnePacket, Records, START, What};
use super::{context, selected};

/// An expression, built independently of the language's own tree.
#[derive(Clone, Debug)]
enum Expression {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Number(&'static str, &'static str, i64),
    Between(&'static str, i64, i64),
    Time(&'static str, &'static str, i64),
    Delay(i64),
    Address(&'static str, IpAddr, usize),
    Equal(&'static str, &'static str),
    Contains(&'static str, &'static str),
    Has(&'static str),
    Word(&'static str),
}

use Expression::*;

type Record = Vec<(String, Value<'static>)>;

impl Expression {
    /// As a user writes it.
    fn text(&self) -> String {
        match self {
            And(a, b) => format!("({} and {})", a.text(), b.text()),
            Or(a, b) => format!("({} || {})", a.text(), b.text()),
            Not(inner) => format!("!({})", inner.text()),
            Number(field, operator, number) => format!("{field} {operator} {number}"),
            Between(field, low, high) => format!("{field} in {{{low}..{high}}}"),
            Time(field, operator, offset) => format!("{field} {operator} @{offset:+}s"),
            Delay(seconds) => format!("received - claimed >= {seconds}s"),
            Address(field, address, length) => format!("{field} == {address}/{length}"),
            Equal(field, value) => format!("{field} == \"{value}\""),
            Contains(field, value) => format!("{field} contains \"{value}\""),
            Has(field) => (*field).to_owned(),
            Word(word) => format!("\"{word}\""),
        }
    }

    fn holds(&self, record: &Record) -> bool {
        match self {
            And(a, b) => a.holds(record) && b.holds(record),
            Or(a, b) => a.holds(record) || b.holds(record),
            Not(inner) => !inner.holds(record),
            Number(field, "!=", number) => !values(record, field).any(|value| as_number(value) == Some(*number)),
            Number(field, operator, number) => values(record, field).any(|v| compare(as_number(v), operator, *number)),
            Between(field, low, high) => {
                values(record, field).any(|value| as_number(value).is_some_and(|n| (*low..=*high).contains(&n)))
            }
            Time(field, operator, offset) => {
                let moment = START.0 + offset * 1_000_000_000;
                values(record, field).any(|value| compare(as_number(value), operator, moment))
            }
            Delay(seconds) => {
                let time = |field| values(record, field).find_map(as_number);
                let delay = time("received").zip(time("claimed")).map(|(received, claimed)| received - claimed);
                delay.is_some_and(|delay| delay >= seconds * 1_000_000_000)
            }
            Address(field, network, length) => values(record, field).any(|value| match value {
                Value::Address(address) => bits(*address).get(..*length) == bits(*network).get(..*length),
                _ => false,
            }),
            Equal(field, wanted) => values(record, field).any(|value| as_text(value) == wanted.as_bytes()),
            Contains(field, part) => values(record, field).any(|value| has_part(as_text(value), part.as_bytes())),
            Has(field) => values(record, field).next().is_some(),
            Word(word) => values(record, "text").any(|text| {
                let lower = word.chars().all(|c| !c.is_uppercase());
                let text = if lower { as_text(text).to_ascii_lowercase() } else { as_text(text).to_vec() };
                has_part(&text, word.as_bytes())
            }),
        }
    }
}

fn values<'r>(record: &'r Record, field: &'r str) -> impl Iterator<Item = &'r Value<'static>> {
    let wanted: &[&str] = match field {
        "ip.addr" => &["ip.src", "ip.dst"],
        "port" => &["srcport", "dstport"],
        field => {
            return Box::new(record.iter().filter(move |(name, _)| name == field).map(|(_, value)| value))
                as Box<dyn Iterator<Item = _>>;
        }
    };
    Box::new(record.iter().filter(move |(name, _)| wanted.contains(&name.as_str())).map(|(_, value)| value))
}

fn as_number(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Number(number) | Value::Named(number, _) => i64::try_from(*number).ok(),
        Value::Time(time) => Some(time.0),
        Value::Duration(nanoseconds) => Some(*nanoseconds),
        Value::Boolean(truth) => Some(i64::from(*truth)),
        Value::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

fn as_text<'v>(value: &'v Value<'_>) -> &'v [u8] {
    match value {
        Value::Text(text) => text,
        _ => b"\0not text",
    }
}

fn has_part(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

fn compare(value: Option<i64>, operator: &str, with: i64) -> bool {
    let Some(value) = value else { return false };
    match operator {
        "==" => value == with,
        "<" => value < with,
        "<=" => value <= with,
        ">" => value > with,
        ">=" => value >= with,
        other => panic!("{other}"),
    }
}

/// The bits of an address; the family is in front, so that no IPv4 address is in an IPv6 network.
fn bits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.octets().iter().map(|octet| format!("{octet:08b}")).collect(),
        IpAddr::V6(address) => address.octets().iter().map(|octet| format!("{octet:08b}")).collect(),
    }
}

const ADDRESSES: [&str; 5] = ["10.137.0.17", "10.137.0.23", "10.138.0.1", "203.0.113.242", "198.51.100.7"];
const WORDS: [&str; 6] = ["curl", "Trying", "example", "443", "a\u{e9}b", "SYSFW"];

fn address() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&ADDRESSES[..])
}

fn tuple() -> impl Strategy<Value = FiveTuple> {
    let protocol = prop::sample::select(vec![1, 6, 6, 6, 17, 17, 58, 132, 200]);
    let port = || prop::sample::select(vec![0, 53, 80, 443, 35_801]);
    (protocol, address(), port(), address(), port()).prop_map(|(protocol, source, sport, destination, dport)| {
        world::tuple(protocol, (source, sport), (destination, dport))
    })
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-5_000..5_000i64).prop_map(|ms| START.offset(ms * 1_000_000))
}

fn line() -> impl Strategy<Value = Line> {
    let words = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..5).prop_map(|words| words.join(" "));
    let level = (0..9u8).prop_map(Level::from_severity);
    let times = (prop::option::of(moment()), prop::option::of(moment()));
    (0..3, words, level, times, tuple(), any::<(u16, u8, u8)>()).prop_map(
        |(kind, words, level, (received, claimed), tuple, (id, ttl, flags))| {
            let (text, what) = match kind {
                0 => (format!("Aug  5 18:54:06 work {words}: {words}\n"), What::Text),
                1 => (format!("_COMM=curl\nPRIORITY={}\nMESSAGE={words}\n\n", ttl % 8), What::Journal),
                _ => {
                    let prefix = if flags & 1 == 0 { "SYSFW:new" } else { "SYSFW:dns" }.to_owned();
                    let text = format!("{prefix} IN=vif{} OUT= WINDOW={id} {words}\n", ttl % 3);
                    let ip_id = (id % 2 == 0).then_some(id % 7);
                    (
                        text,
                        What::Nft { prefix, tuple, ip_id, ip_length: id % 100, ttl: ttl % 64, tcp_flags: flags & 31 },
                    )
                }
            };
            Line { text: text.into_bytes(), received, claimed, level, what }
        },
    )
}

fn packet() -> impl Strategy<Value = OnePacket> {
    let flow = prop::option::of((0..6u32, any::<bool>()));
    (prop::sample::select(&WORDS[..]), moment(), flow, any::<(u16, u8, u8)>()).prop_map(
        |(word, time, flow, (id, ttl, flags))| OnePacket {
            bytes: word.as_bytes().to_vec(),
            original: u32::from(id % 100),
            time,
            flow,
            ip_id: id % 7,
            ip_length: id % 100,
            ttl: ttl % 64,
            flags: flags & 31,
        },
    )
}

fn exchange() -> impl Strategy<Value = DnsExchange> {
    let answer =
        (moment(), 0..4u8, prop::collection::vec(address(), 0..3)).prop_map(|(time, response_code, addresses)| {
            let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
            DnsAnswer { time, packet: RecordId::new(world::PACKETS, 0), response_code, addresses, cut: false }
        });
    (moment(), tuple(), prop::sample::select(&WORDS[..]), any::<u16>(), prop::option::of(answer)).prop_map(
        |(time, tuple, name, id, answer)| DnsExchange {
            time,
            tuple,
            id: id % 7,
            name: name.into(),
            name_cut: id % 3 == 0,
            query_type: (id % 5 > 0).then_some(id % 5),
            query: (id % 2 == 0).then_some(RecordId::new(world::PACKETS, 0)),
            answer,
        },
    )
}

fn records() -> impl Strategy<Value = Records> {
    let flow = (tuple(), 0..8usize, prop::option::of(prop::sample::select(&WORDS[..])))
        .prop_map(|(tuple, outcome, name)| world::flow(tuple, Outcome::ALL[outcome], name));
    (
        prop::collection::vec(line(), 0..12),
        prop::collection::vec(packet(), 0..8),
        prop::collection::vec(flow, 0..5),
        prop::collection::vec(exchange(), 0..4),
        1..5usize,
    )
        .prop_map(|(lines, packets, flows, exchanges, per_segment)| Records {
            lines,
            packets,
            flows,
            exchanges,
            per_segment,
        })
}

fn leaf() -> impl Strategy<Value = Expression> {
    let numbers = vec![
        "ip.id",
        "ip.len",
        "ip.ttl",
        "port",
        "srcport",
        "tcp.dstport",
        "udp.port",
        "tcp.flags",
        "frame.len",
        "PRIORITY",
        "nft.window",
        "dns.id",
        "dns.qry.type",
        "dns.flags.rcode",
        "level",
        "flow.packets",
        "ip.proto",
        "icmp.ident",
        "frame.cap_len",
        "flow.bytes",
    ];
    let operators = vec!["==", "!=", "<", "<=", ">", ">="];
    let number = prop_oneof![0..10i64, prop::sample::select(vec![53, 60, 80, 443, 35_801])];
    let texts =
        vec!["message", "app", "qube", "nft.prefix", "nft.in", "_COMM", "MESSAGE", "dns.qry.name", "tls.sni", "text"];
    let has =
        vec!["received", "claimed", "ip.addr", "port", "host", "nft.out", "dns.a", "tls.sni", "frame.len", "level"];
    let operator = || prop::sample::select(operators.clone());
    let length = prop::sample::select(vec![0, 8, 15, 16, 24, 32]);
    let time_operator = prop::sample::select(vec!["==", "<", "<=", ">", ">="]);
    prop_oneof![
        (prop::sample::select(numbers.clone()), operator(), number).prop_map(|(f, o, n)| Number(f, o, n)),
        (prop::sample::select(numbers), 0..50i64, 0..400i64).prop_map(|(f, low, more)| Between(f, low, low + more)),
        (prop::sample::select(vec!["t", "received", "claimed"]), time_operator, -6..6i64)
            .prop_map(|(f, o, n)| Time(f, o, n)),
        (-3..3i64).prop_map(Delay),
        (prop::sample::select(vec!["ip.addr", "ip.src", "ip.dst", "dns.a"]), address(), length)
            .prop_map(|(field, address, length)| Address(field, address.parse().unwrap(), length)),
        (
            prop::sample::select(texts.clone()),
            prop::sample::select(vec!["curl", "work", "SYSFW:new", "vif1", "sys-vpn"])
        )
            .prop_map(|(field, value)| Equal(field, value)),
        (prop::sample::select(texts), prop::sample::select(&WORDS[..]))
            .prop_map(|(field, value)| Contains(field, value)),
        prop::sample::select(has).prop_map(Has),
        prop::sample::select(&WORDS[..]).prop_map(Word),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    leaf().prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| And(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Or(Box::new(a), Box::new(b))),
            inner.prop_map(|inner| Not(Box::new(inner))),
        ]
    })
}

fn all_ids(snapshot: &Snapshot) -> Vec<RecordId> {
    let segments = snapshot.tables().flat_map(|table| &table.segments);
    segments.flat_map(|segment| (0..segment.rows).map(|row| segment.id(row))).collect()
}

proptest! {
    #[test]
    fn a_filter_equals_the_naive_scan(records in records(), expressions in prop::collection::vec(expression(), 1..6)) {
        let world = records.store();
        let ids = all_ids(&world.snapshot);
        let looked_up: Vec<Record> = ids
            .iter()
            .map(|id| fields(&world.snapshot, *id).into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
            .collect();
        for expression in expressions {
            let naive: Vec<RecordId> =
                ids.iter().zip(&looked_up).filter(|(_, record)| expression.holds(record)).map(|(id, _)| *id).collect();
            prop_assert_eq!(selected(&world, &expression.text()), naive.clone(), "{}", expression.text());
            let filter = Filter::compile(&expression.text(), &context()).unwrap();
            let one_by_one: Vec<RecordId> = ids.iter().copied().filter(|id| filter.matches(&world.snapshot, *id)).collect();
            prop_assert_eq!(one_by_one, naive, "matches: {}", expression.text());
        }
    }

    #[test]
    fn de_morgan_holds(records in records(), a in expression(), b in expression()) {
        let world = records.store();
        let (a, b) = (a.text(), b.text());
        prop_assert_eq!(selected(&world, &format!("!({a} and {b})")), selected(&world, &format!("!({a}) or !({b})")));
        prop_assert_eq!(selected(&world, &format!("!({a} or {b})")), selected(&world, &format!("!({a}) && !({b})")));
    }
}
