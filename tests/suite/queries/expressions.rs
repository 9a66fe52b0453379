//! What the language takes and refuses.

use std::time::{Duration, Instant};

use super::{context, refuse};
use logvm::query::Filter;

const ACCEPTED: &[&str] = &[
    "",
    "  ",
    "curl",
    "www.example.com",
    "\"two words\"",
    "/re+/i",
    "nft.prefix == \"SYSFW:new\" && port == 443",
    "!(ip.addr in {10.137.0.0/16, 10.139.0.0/16})",
    "dns",
    "ip.addr == 203.0.113.42",
    "qube == work && dns.qry.name ~ \"mozilla\\.org$\"",
    "_COMM == \"curl\" && PRIORITY <= 4",
    "t in @-2s..@+500ms",
    "received - claimed > 5s",
    "not not tcp",
    "tcp.flags == 0x12 or tcp.flags.syn == True",
    "port in {80, 443, 8000..8100}",
    "port in {80 443}",
    "port in {}",
    "ip.src in 10.0.0.1..10.0.0.9",
    "ipv6.addr == fd09:24ef:4179::/48",
    "ip.addr == ::1",
    "text == /usr/bin/x",
    "frame.len >= 1.5k",
    "t >= \"2025-08-05 18:54\"",
    "claimed lt 2025-08-05T18:54:10.25+02:00",
    "proto == tcp or ip.proto == 200",
    "level <= Warning",
    "tls.sni contains example",
    "nft.mac ~ /^fe:ff/",
    "dns.qry.type in {A, AAAA, 65}",
    "tcp.port==443||udp.port==443",
    "CAPITALS",
];

/// Expressions with the columns (from 0) of the error and a part of its message.
const REFUSED: &[(&str, std::ops::Range<usize>, &str)] = &[
    ("prot == 443", 0..4, "did you mean port?"),
    ("tcp && ip.adr == 1.2.3.4", 7..13, "did you mean ip.addr?"),
    ("dns.qry.nmae", 0..12, "did you mean dns.qry.name?"),
    ("link == @", 0..4, "unknown field"),
    ("port == http", 8..12, "expected a number"),
    ("port == 80x", 8..11, "expected a number"),
    ("port ==", 7..7, "expected a number"),
    ("ip.addr == 10.0.0", 11..17, "expected an address"),
    ("ip.addr == 10.0.0.0/33", 11..22, "more bits"),
    ("ip.addr == 10.0.0.0/-1", 11..22, "expected an address"),
    ("ip.addr in {10.0.0.1..::1}", 12..25, "different IP versions"),
    ("port in {9..1}", 9..13, "empty"),
    ("port in {1, 2", 13..13, "expected , or }"),
    ("qube < work", 7..11, "no order"),
    ("port contains 4", 0..4, "no text"),
    ("tcp == 1", 0..3, "no value to compare"),
    ("a = b", 2..3, "use =="),
    ("a & b", 2..3, "use &&"),
    ("a b", 2..3, "expected \"and\" or \"or\""),
    ("(a", 2..2, "or )"),
    ("a)", 1..2, "no ("),
    ("a and", 5..5, "expected a field"),
    ("and a", 0..3, "expected a field"),
    ("not", 3..3, "expected a field"),
    ("== 5", 0..2, "expected a field"),
    ("\"abc", 0..4, "does not end"),
    ("/abc", 0..4, "does not end"),
    ("/usr/lib", 0..5, "quotes"),
    ("text ~ \"a(\"", 7..11, "no regular expression"),
    ("/a{99999}{99999}/", 0..17, "regular expression"),
    ("t > yesterday", 4..13, "expected a time"),
    ("t > @+5", 4..7, "expected @"),
    ("received - claimed > 5", 21..22, "expected a duration"),
    ("received - claimed", 18..18, "expected =="),
    ("level == bad", 9..12, "expected a level"),
    ("kind == 3", 8..9, "expected text, nft"),
    ("dns.flags.rcode == NO", 19..21, "expected a DNS response code"),
    ("text in {a..b}", 9..13, "no ranges"),
    ("port == 1 == 2", 10..12, "expected \"and\""),
];

#[test]
fn expressions_are_accepted() {
    for expression in ACCEPTED {
        if let Err(error) = Filter::compile(expression, &context()) {
            panic!("{expression}: {error}");
        }
    }
}

#[test]
fn errors_point_at_their_columns() {
    for (expression, at, message) in REFUSED {
        let error = refuse(expression);
        assert_eq!(error.at, *at, "{expression}: {error}");
        assert!(error.message.contains(message), "{expression}: {error}");
    }
}

#[test]
fn hostile_expressions_are_refused_at_once() {
    let start = Instant::now();
    let hostile = [
        "(".repeat(8_000),
        "!".repeat(8_000),
        "not ".repeat(2_000),
        "a ".repeat(500_000),
        format!("/{}/", "(a{500}){500}"),
        format!("/{}/", "[^a]".repeat(1_500) + "{1000}"),
        format!("a{}", " or /\\w{20}/".repeat(600)),
        format!("{}x{}", "(".repeat(100), ")".repeat(100)),
        "\u{202e}\u{0}=".to_owned(),
        format!("ip.addr == {}", "1".repeat(8_000)),
        format!("port == {}", "9".repeat(100)),
    ];
    for expression in &hostile {
        refuse(expression);
    }
    assert!(start.elapsed() < Duration::from_secs(60), "an expression took far too long to refuse");
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered_with_a_place_inside(expression in "[a-z.@\"/!=<>&|(){},~ 0-9\\\\é-]{0,40}") {
        if let Err(error) = Filter::compile(&expression, &context()) {
            assert!(error.at.start <= error.at.end && error.at.end <= expression.len());
            assert!(expression.is_char_boundary(error.at.start) && expression.is_char_boundary(error.at.end));
        }
    }
}
