//! The filter language: what it takes and refuses, what it selects, and how much work that is.

mod expressions;
mod naive;
mod recordings;
mod scans;
mod world;

use logvm::query::{Context, Error, Filter, Pattern, fields, summary};
use logvm::record::{Kind, RecordId, TableId, Timestamp};

use world::{World, sample};

/// The context in which the tests' expressions are read: a cursor at the start of the tests' records.
fn context() -> Context {
    Context { cursor: Some(world::START), day: None }
}

fn refuse(expression: &str) -> Error {
    match Filter::compile(expression, &context()) {
        Ok(_) => panic!("accepted {expression}"),
        Err(error) => error,
    }
}

/// The ids that an expression selects.
fn selected(world: &World, expression: &str) -> Vec<RecordId> {
    let filter = Filter::compile(expression, &context()).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let snapshot = &world.snapshot;
    let mut ids = Vec::new();
    for table in snapshot.tables() {
        for segment in &table.segments {
            let rows = filter.select(snapshot, table, segment);
            ids.extend((0..segment.rows).filter(|row| rows.contains(*row)).map(|row| segment.id(row)));
        }
    }
    ids
}

fn rows(world: &World, table: TableId, expression: &str) -> Vec<u64> {
    selected(world, expression).into_iter().filter(|id| id.table() == table).map(RecordId::row).collect()
}

#[test]
fn text_lines_answer_by_their_parts() {
    let world = sample();
    let lines = |expression: &str| rows(&world, world::ENTRIES, expression);
    assert_eq!(lines("trying"), [0]);
    assert_eq!(lines("Trying"), [0]);
    assert_eq!(lines("TRYING"), Vec::<u64>::new());
    assert_eq!(lines("/^2025.*gone/"), [0]);
    assert_eq!(lines("kind == text && app == curl && pid == 1284 && host eq work"), [0]);
    assert_eq!(lines(r#"message matches "^\* trying""#), [0]);
    assert_eq!(lines("text contains \"curl[1284]\""), [0]);
}

#[test]
fn nft_lines_answer_by_columns_and_keys() {
    let world = sample();
    let lines = |expression: &str| rows(&world, world::ENTRIES, expression);
    assert_eq!(lines("nft"), [1, 2]);
    assert_eq!(lines("nft.new"), [1]);
    assert_eq!(lines(r#"nft.prefix == "SYSFW:new" && port == 443"#), [1]);
    assert_eq!(lines("ip.addr == 203.0.113.0/24 && tcp.flags.syn == 1 && tcp.flags.ack == false"), [1]);
    assert_eq!(lines("nft.in == vif11.0 and nft.window > 64k and nft.dpt == 443"), [1]);
    assert_eq!(lines("nft.df and nft.seq == 1"), [2]);
    assert_eq!(lines("icmp && icmp.ident == 0x1d84"), [2]);
    assert_eq!(lines("nft && port == 7556"), Vec::<u64>::new());
    assert_eq!(lines("ip.id in {35819, 20677} && ip.ttl < 64 && ip.len >= 76"), [2]);
}

#[test]
fn journal_entries_answer_by_their_own_fields() {
    let world = sample();
    let lines = |expression: &str| rows(&world, world::ENTRIES, expression);
    assert_eq!(lines(r#"_COMM == "curl" && PRIORITY <= 4"#), [3]);
    assert_eq!(lines("PRIORITY in {3..4}"), [3]);
    assert_eq!(lines("level <= warning"), [3]);
    assert_eq!(lines("_UID && app == curl && pid == 1285"), [3]);
    assert_eq!(lines("MESSAGE contains \"second line\""), [3]);
    assert_eq!(lines("_UID == \"01000\""), Vec::<u64>::new());
    assert_eq!(lines("_UID == 0x3e8"), [3]);
}

#[test]
fn packets_answer_by_their_flow() {
    let world = sample();
    let packets = |expression: &str| rows(&world, world::PACKETS, expression);
    assert_eq!(packets("ip.src == 203.0.113.242"), [1]);
    assert_eq!(packets("tcp.srcport == 443"), [1]);
    assert_eq!(packets("port == 443"), [0, 1]);
    assert_eq!(packets("tls.sni matches example"), [0, 1]);
    assert_eq!(packets("tls.handshake.extensions_server_name == www.example.com"), [0, 1]);
    assert_eq!(packets("flow.outcome == refused && flow.duration >= 1.5s"), [0, 1]);
    assert_eq!(packets("frame contains \"payload\""), [1]);
    assert_eq!(packets("kind == packet && !ip"), [2]);
    assert_eq!(packets("frame.len > 60"), [1, 2]);
    assert_eq!(rows(&world, world::FLOWS, "flow.bytes == 174 && tcp"), [0]);
}

#[test]
fn dns_answers_by_tshark_s_names() {
    let world = sample();
    let exchanges = |expression: &str| rows(&world, world::DNS, expression);
    assert_eq!(exchanges("dns"), [0, 1]);
    assert_eq!(exchanges(r#"dns.qry.name ~ "EXAMPLE\.com$""#), [0]);
    assert_eq!(exchanges("dns.a == 203.0.113.242 && dns.flags.rcode == 0 && dns.qry.type == A"), [0]);
    assert_eq!(exchanges("dns.flags.rcode == NXDOMAIN"), Vec::<u64>::new());
    assert_eq!(exchanges("dns.time > 20ms"), [0]);
    assert_eq!(exchanges("dns && !dns.a"), [1]);
}

#[test]
fn times_are_intervals_as_long_as_they_are_written() {
    let world = sample();
    let lines = |expression: &str| rows(&world, world::ENTRIES, expression);
    assert_eq!(lines("t == 18:54"), [0, 1, 2, 3]);
    assert_eq!(lines("t >= \"2025-08-05 18:54:11\""), [2, 3]);
    assert_eq!(lines("t <= 18:54:10"), [0, 1]);
    assert_eq!(lines("t < 18:54:11"), [0, 1]);
    assert_eq!(lines("t <= 18:54"), [0, 1, 2, 3]);
    assert_eq!(lines("t > 18:54"), Vec::<u64>::new());
    assert_eq!(lines("t > 18:54:11"), [3]);
    assert_eq!(lines("t in @-2s..@+1500ms"), [0, 1, 2]);
    assert_eq!(lines("received - claimed > 1s"), [0]);
    assert_eq!(lines("received-claimed in {0..1s}"), [1, 2]);
    assert_eq!(lines("claimed"), [0, 1, 2]);
}

#[test]
fn not_equal_means_that_no_value_is_equal() {
    let world = sample();
    let all = selected(&world, "");
    for (not_equal, equal) in [
        ("ip.addr != 10.137.0.17", "ip.addr == 10.137.0.17"),
        ("port ne 443", "port == 443"),
        ("level != err", "level == 3"),
    ] {
        let (left, right) = (selected(&world, not_equal), selected(&world, equal));
        assert!(left.iter().all(|id| !right.contains(id)), "{not_equal}");
        assert_eq!(left.len() + right.len(), all.len(), "{not_equal}");
    }
}

#[test]
fn records_read_well_in_a_line() {
    let world = sample();
    let line = |table, row| summary(&world.snapshot, RecordId::new(table, row)).text;
    assert_eq!(line(world::ENTRIES, 0), "curl[1284]: * Trying gone.example...");
    assert_eq!(line(world::ENTRIES, 1), "new TCP 10.137.0.17:35801 → 203.0.113.242:443 len 60 ttl 63 SYN");
    assert_eq!(line(world::ENTRIES, 2), "drop ICMP 10.137.0.17 → 203.0.113.36 id 7556 len 76 ttl 63");
    assert_eq!(line(world::ENTRIES, 3), "curl[1285]: it failed…");
    assert_eq!(line(world::PACKETS, 0), "TCP 10.137.0.17:35801 → 203.0.113.242:443 SYN len 60");
    assert_eq!(line(world::PACKETS, 1), "TCP 203.0.113.242:443 → 10.137.0.17:35801 RST+ACK len 40");
    assert_eq!(line(world::PACKETS, 2), "not IP, frame 1000 B");
    let flow = "TCP 10.137.0.17:35801 → 203.0.113.242:443 www.example.com… 2 pkts 174 B ↑60 B ↓114 B refused 1.5s";
    assert_eq!(line(world::FLOWS, 0), flow);
    assert_eq!(line(world::DNS, 0), "A www.example.com → 203.0.113.242 (2+ answers) NOERROR 23ms");
    assert_eq!(line(world::DNS, 1), "AAAA x9f2.bad… no answer");
    assert_eq!(line(TableId(77), 0), "");
}

#[test]
fn every_field_of_a_record_selects_it() {
    let world = sample();
    for id in selected(&world, "") {
        for (name, value) in fields(&world.snapshot, id) {
            let field = logvm::query::schema::FieldName::resolve(&name).unwrap_or_else(|| panic!("{name}"));
            let expression = format!("{name} == {}", logvm::query::complete::quoted(&value.to_string(), &field));
            assert!(selected(&world, &expression).contains(&id), "{expression} misses {id}");
        }
    }
}

#[test]
fn no_kind_of_record_lacks_fields() {
    let world = sample();
    for kind in Kind::ALL {
        let ids = selected(&world, &format!("kind == {}", kind.name()));
        assert!(!ids.is_empty(), "{}", kind.name());
        for id in ids {
            let names: Vec<_> = fields(&world.snapshot, id).into_iter().map(|(name, _)| name).collect();
            assert!(["t", "kind", "qube", "source"].iter().all(|name| names.iter().any(|n| n == name)), "{names:?}");
        }
    }
}

#[test]
fn values_are_completed_with_their_counts() {
    let world = sample();
    let expression = "nft.prefix == \"SYS";
    let completion = logvm::query::complete::complete(expression, expression.len(), &world.snapshot);
    let offered: Vec<_> = completion.candidates.iter().map(|c| (c.text.as_str(), c.doc.as_str())).collect();
    assert_eq!((completion.at, offered), (14..18, vec![("\"SYSFW:drop\"", "1 times"), ("\"SYSFW:new\"", "1 times")]));
}

#[test]
fn searching_finds_lines_and_places() {
    let world = sample();
    let pattern = Pattern::literal("trying", logvm::query::Case::Smart).unwrap();
    let table = world.snapshot.table(world::ENTRIES).unwrap();
    let found: Vec<usize> = table
        .segments
        .iter()
        .map(|segment| pattern.select(&world.snapshot, table, segment).count(segment.rows))
        .collect();
    assert_eq!(found.iter().sum::<usize>(), 1);
    assert_eq!(pattern.find_in("* Trying, trying"), [2..8, 10..16]);
}

#[test]
fn a_time_without_a_day_is_refused() {
    let error = Filter::compile("t > 18:54", &Context::default()).unwrap_err();
    assert_eq!(error.at, 4..9);
    let day = Context { cursor: None, day: Some(Timestamp::from_parts(0, 0)) };
    assert!(Filter::compile("t > 18:54", &day).is_ok());
}
