use proptest::prelude::*;

use super::*;

fn tuple(message: &str) -> Option<(u8, String, u16, String, u16)> {
    parse(message.as_bytes()).map(|nft| {
        let t = nft.tuple;
        (t.protocol, t.source.to_string(), t.source_port, t.destination.to_string(), t.destination_port)
    })
}

const TCP: &str = "SYSFW:new IN=vif11.0 OUT=eth0 MAC=fe:ff SRC=10.137.0.17 DST=203.0.113.242 LEN=60 TOS=0x00 PREC=0x00 \
     TTL=63 ID=35819 DF PROTO=TCP SPT=35801 DPT=443 WINDOW=64240 RES=0x00 CWR ECE SYN URGP=0 ";

#[test]
fn columns_of_a_tcp_line() {
    let nft = parse(TCP.as_bytes()).unwrap();
    assert_eq!(nft.prefix, b"SYSFW:new");
    assert_eq!((nft.ip_id, nft.ip_length, nft.ttl, nft.tcp_flags), (Some(35819), 60, 63, 2 | 64 | 128));
    assert_eq!(tuple(TCP), Some((6, "10.137.0.17".into(), 35801, "203.0.113.242".into(), 443)));
}

#[test]
fn prefixes_may_be_missing_glued_or_behind_an_uptime() {
    let rest = "IN=a OUT= SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=2";
    for (before, prefix) in [
        ("", ""),
        ("SYSFW:dns", "SYSFW:dns"),
        ("[   12.345678] ", ""),
        ("[12345.678901] DROP: ", "DROP:"),
        ("[FW] DROP ", "[FW] DROP"),
        ("IN=no ", "IN=no"),
        ("DROP-IN=", "DROP-IN="),
    ] {
        let message = format!("{before}{rest}");
        assert_eq!(parse(message.as_bytes()).map(|nft| nft.prefix), Some(prefix.as_bytes()), "{message}");
    }
    let long = "x".repeat(MAX_PREFIX + 1);
    assert_eq!(parse(format!("{long} {rest}").as_bytes()), None);
}

#[test]
fn udp_keeps_the_length_of_the_packet() {
    let udp = "IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=65 TTL=63 ID=3424 DF PROTO=UDP SPT=44999 DPT=53 LEN=45 ";
    assert_eq!(parse(udp.as_bytes()).map(|nft| nft.ip_length), Some(65));
    let lengths: Vec<_> = fields(udp.as_bytes()).filter(|(name, _)| name == b"LEN").map(|(_, value)| value).collect();
    assert_eq!(lengths, [b"65", b"45"]);
}

#[test]
fn an_echo_has_its_identifier_as_source_port() {
    let v4 = "IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=84 TTL=63 ID=636 DF PROTO=ICMP TYPE=8 CODE=0 ID=50804 SEQ=6";
    assert_eq!(tuple(v4), Some((1, "1.2.3.4".into(), 50804, "5.6.7.8".into(), 0)));
    assert_eq!(parse(v4.as_bytes()).and_then(|nft| nft.ip_id), Some(636));
    let v6 = "IN=a OUT=b SRC=fd09:24ef:4179:0000:0000:0000:0a89:0017 DST=2001:0db8:0001:0000:0000:0000:0000:0077 LEN=96 \
         TC=0 HOPLIMIT=63 FLOWLBL=901130 PROTO=ICMPv6 TYPE=128 CODE=0 ID=23293 SEQ=1 ";
    assert_eq!(tuple(v6), Some((58, "fd09:24ef:4179::a89:17".into(), 23293, "2001:db8:1::77".into(), 0)));
    assert_eq!(parse(v6.as_bytes()).map(|nft| (nft.ip_id, nft.ttl)), Some((None, 63)));
}

#[test]
fn a_quoted_packet_does_not_count() {
    let error = "IN=a OUT= SRC=1.1.1.1 DST=2.2.2.2 LEN=96 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=3 [SRC=9.9.9.9 DST=8.8.8.8 \
         LEN=68 TTL=63 ID=77 PROTO=UDP SPT=5 DPT=53 LEN=48 ] MARK=0x1 ";
    assert_eq!(tuple(error), Some((1, "1.1.1.1".into(), 0, "2.2.2.2".into(), 0)));
    assert_eq!(parse(error.as_bytes()).map(|nft| (nft.ip_id, nft.ip_length)), Some((Some(1), 96)));
    let only_quoted = "IN=a OUT= TYPE=3 [SRC=9.9.9.9 DST=8.8.8.8 LEN=68 PROTO=UDP SPT=5 DPT=53 ] ";
    assert_eq!(parse(only_quoted.as_bytes()), None);
}

#[test]
fn each_field_is_listed() {
    let line =
        "x IN=a OUT= SRC=1.1.1.1 FRAG:185 DF OPT (0204) PROTO=ICMP [SRC=9.9.9.9 ] INCOMPLETE [8 bytes] MARK=0x1 ";
    let all: Vec<_> = fields(line.as_bytes()).map(|(n, v)| (n.escape_ascii().to_string(), v.to_vec())).collect();
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let expected: [(&str, &[u8]); 10] = [
        ("IN", b"a"),
        ("OUT", b""),
        ("SRC", b"1.1.1.1"),
        ("FRAG", b"185"),
        ("DF", b""),
        ("OPT", b"0204"),
        ("PROTO", b"ICMP"),
        ("", b"SRC=9.9.9.9"),
        ("INCOMPLETE", b"8 bytes"),
        ("MARK", b"0x1"),
    ];
    assert_eq!(all, expected);
    assert_eq!(fields(b"a line with SRC=1.1.1.1 OUT=b").count(), 0);
}

#[test]
fn what_lacks_a_part_is_no_nft_line() {
    let whole = "IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=TCP SPT=1 DPT=2";
    assert!(parse(whole.as_bytes()).is_some());
    for part in ["IN=a ", "OUT=b ", "SRC=1.2.3.4 ", "DST=5.6.7.8 ", "LEN=40 ", "PROTO=TCP "] {
        assert_eq!(parse(whole.replace(part, "").as_bytes()), None, "without {part}");
    }
    for (good, bad) in [
        ("1.2.3.4", "1.2.3.400"),
        ("5.6.7.8", "::1"),
        ("LEN=40", "LEN=x"),
        ("PROTO=TCP", "PROTO=XYZ"),
        ("SPT=1", "SPT=65536"),
        ("DPT=2", "DPT=-2"),
    ] {
        assert_eq!(parse(whole.replace(good, bad).as_bytes()), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn text_never_becomes_an_nft_line_by_chance(text in "\\PC{0,200}") {
        prop_assert_eq!(parse(text.as_bytes()), None);
    }

    #[test]
    fn shuffled_parts_never_panic(parts in prop::collection::vec(
        prop::sample::select(vec!["IN=", "OUT=", " ", "[", "]", "(", ")", "OPT", "SRC=1.2.3.4", "DST=::1", "DST=4.3.2.1",
            "LEN=99999999999", "LEN=1", "PROTO=", "TCP", "=", ":", "INCOMPLETE", "TYPE=8", "ID=1", "IN=a OUT=b "]), 0..40)
    ) {
        let text = parts.concat();
        let parsed = parse(text.as_bytes());
        let outer: Vec<_> = fields(text.as_bytes()).map(|(name, _)| name).collect();
        if parsed.is_some() {
            for name in ["IN", "OUT", "SRC", "DST", "LEN", "PROTO"] {
                prop_assert!(outer.contains(&name.as_bytes()));
            }
        }
        let bytes: usize = fields(text.as_bytes()).map(|(name, value)| name.len() + value.len()).sum();
        prop_assert!(bytes <= text.len());
    }
}
