//! Flows from packets that are made by hand.

use super::*;
use crate::decode::{Icmp, Tcp, tcp_flags};
use crate::record::{FiveTuple, Timestamp};
use crate::store::segment::{Columns, SEGMENT_ROWS};
use tcp_flags::{ACK, FIN, RST, SYN};

const SECOND: i64 = 1_000_000_000;

/// A vantage that sees packets, one a second.
#[derive(Default)]
struct Vantage {
    table: FlowTable,
    row: u64,
    now: i64,
}

impl Vantage {
    fn sees(&mut self, tuple: FiveTuple, change: impl FnOnce(&mut IpPacket<'_>)) -> Option<(u32, bool)> {
        self.sees_with(tuple, &[], change)
    }

    fn sees_with(
        &mut self,
        tuple: FiveTuple,
        payload: &[u8],
        change: impl FnOnce(&mut IpPacket<'_>),
    ) -> Option<(u32, bool)> {
        let mut ip = IpPacket {
            tuple,
            ports_known: true,
            ip_id: Some(1),
            flow_label: None,
            ip_length: 60,
            ttl: 64,
            tcp: None,
            icmp: None,
            payload,
            payload_length: payload.len() as u32,
        };
        change(&mut ip);
        self.now += SECOND;
        self.row += 1;
        let time = Timestamp(self.now);
        let packet = Packet { offset: 0, captured: 96, original: 100, time, nanoseconds: false, ip: Some(ip) };
        self.table.packet(RecordId::new(TableId(0), self.row), &packet)
    }

    fn sees_tcp(&mut self, tuple: FiveTuple, flags: u8, sequence: u32) -> (u32, bool) {
        let tcp = Tcp { flags, sequence, acknowledgement: sequence.wrapping_add(1), window: 0 };
        self.sees(tuple, |ip| ip.tcp = Some(tcp)).unwrap()
    }

    fn outcome(&self, row: u32) -> Outcome {
        self.table.flow(row).unwrap().outcome
    }
}

fn tuple(protocol: u8, source_port: u16, destination_port: u16) -> FiveTuple {
    FiveTuple {
        protocol,
        source: "10.137.0.17".parse().unwrap(),
        destination: "203.0.113.9".parse().unwrap(),
        source_port,
        destination_port,
    }
}

fn web() -> FiveTuple {
    tuple(protocol::TCP, 50840, 443)
}

#[test]
fn outcomes_follow_the_flags() {
    let (to, from) = (web(), web().reversed());
    let stories: [(&[(FiveTuple, u8)], Outcome); 8] = [
        (&[(to, SYN), (to, SYN)], Outcome::NoAnswer),
        (&[(to, SYN), (from, RST | ACK)], Outcome::Refused),
        (&[(to, SYN), (from, SYN | ACK), (to, ACK)], Outcome::Open),
        (&[(to, SYN), (from, SYN | ACK), (to, FIN | ACK), (from, FIN | ACK), (to, RST)], Outcome::Closed),
        (&[(to, SYN), (from, SYN | ACK), (to, FIN | ACK), (from, RST)], Outcome::Reset),
        (&[(from, ACK), (to, ACK)], Outcome::Midstream),
        (&[(from, SYN | ACK), (to, ACK)], Outcome::Open),
        (&[(to, SYN), (to, ACK)], Outcome::Open),
    ];
    for (packets, outcome) in stories {
        let mut vantage = Vantage::default();
        for (tuple, flags) in packets {
            assert_eq!(vantage.sees_tcp(*tuple, *flags, 7), (0, *tuple == from));
        }
        assert_eq!(vantage.outcome(0), outcome, "{packets:?}");
        assert_eq!(vantage.table.flow(0).unwrap().tuple, to);
    }
}

#[test]
fn another_sequence_number_starts_another_flow() {
    let mut vantage = Vantage::default();
    assert_eq!(vantage.sees_tcp(web(), SYN, 100), (0, false));
    assert_eq!(vantage.sees_tcp(web(), SYN, 100), (0, false));
    assert_eq!(vantage.sees_tcp(web(), SYN, 200), (1, false));
    assert_eq!(vantage.sees_tcp(web().reversed(), SYN | ACK, 900), (1, true));
    assert_eq!(vantage.table.flow(0).unwrap().packets, [2, 0]);
    assert_eq!(vantage.table.flow(1).unwrap().bytes, [100, 100]);
}

#[test]
fn a_closed_flow_takes_late_packets_but_not_much_later_ones() {
    let mut vantage = Vantage::default();
    for (tuple, flags) in [(web(), SYN), (web().reversed(), SYN | ACK), (web().reversed(), RST), (web(), ACK)] {
        assert_eq!(vantage.sees_tcp(tuple, flags, 1).0, 0);
    }
    vantage.now += IDLE;
    assert_eq!(vantage.sees_tcp(web(), ACK, 1).0, 1);
    assert_eq!(vantage.outcome(1), Outcome::Midstream);
}

#[test]
fn a_pause_ends_what_is_not_tcp() {
    let mut vantage = Vantage::default();
    let udp = tuple(protocol::UDP, 50000, 123);
    assert_eq!(vantage.sees(udp, |_| {}), Some((0, false)));
    vantage.now += IDLE - SECOND;
    assert_eq!(vantage.sees(udp.reversed(), |_| {}), Some((0, true)));
    vantage.now += IDLE;
    assert_eq!(vantage.sees(udp, |_| {}), Some((1, false)));
    assert_eq!((vantage.outcome(0), vantage.outcome(1)), (Outcome::TwoWay, Outcome::OneWay));
}

#[test]
fn a_capture_that_begins_with_an_answer_has_the_asker_as_originator() {
    let mut vantage = Vantage::default();
    let answer = tuple(protocol::UDP, 53, 50000);
    assert_eq!(vantage.sees(answer, |_| {}), Some((0, true)));
    let equals = tuple(protocol::UDP, 123, 123);
    assert_eq!(vantage.sees(equals, |_| {}), Some((1, false)));
    let echo = |kind| move |ip: &mut IpPacket<'_>| ip.icmp = Some(Icmp { kind, code: 0 });
    let request = tuple(protocol::ICMP, 77, 0);
    let reply = request.reversed();
    assert_eq!(vantage.sees(reply, echo(0)), Some((2, true)));
    assert_eq!(vantage.sees(request, echo(8)), Some((2, false)));
    assert_eq!(vantage.table.flow(2).unwrap().tuple, request);
}

#[test]
fn unknown_ports_make_no_flow() {
    let mut vantage = Vantage::default();
    assert_eq!(vantage.sees(web(), |ip| ip.ports_known = false), None);
    assert_eq!(vantage.table.flows().count(), 0);
}

/// A DNS message for `example.org`, an A record of 203.0.113.9 in it if it is an answer.
fn dns(id: u16, answer: bool) -> Vec<u8> {
    let flags = if answer { [0x81, 0x80] } else { [0x01, 0] };
    let mut message = [&id.to_be_bytes()[..], &flags, &[0, 1, 0, u8::from(answer), 0, 0, 0, 0]].concat();
    message.extend(b"\x07example\x03org\0\0\x01\0\x01");
    if answer {
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x09");
    }
    message
}

#[test]
fn answers_name_the_flows_that_follow() {
    let mut vantage = Vantage::default();
    let query = FiveTuple { destination: "10.139.1.1".parse().unwrap(), ..tuple(protocol::UDP, 40000, 53) };
    vantage.sees_tcp(FiveTuple { source_port: 1, ..web() }, SYN, 1);
    for (tuple, bytes) in [(query, dns(7, false)), (query, dns(7, false)), (query.reversed(), dns(7, true))] {
        vantage.sees_with(tuple, &bytes, |_| {});
    }
    let (row, _) = vantage.sees_tcp(web(), SYN, 1);
    assert_eq!(vantage.table.flow(row).unwrap().name.as_deref(), Some("example.org"));
    assert_eq!(vantage.table.flow(0).unwrap().name, None);
    let exchanges: Vec<&DnsExchange> = vantage.table.exchanges().collect();
    assert_eq!(exchanges.len(), 2);
    assert!(exchanges[0].answer.is_some() && exchanges[1].answer.is_none());
}

#[test]
fn an_answer_cut_in_its_name_still_finds_its_query() {
    let mut vantage = Vantage::default();
    let query = tuple(protocol::UDP, 40000, 53);
    vantage.sees_with(query, &dns(7, false), |_| {});
    vantage.sees_with(query.reversed(), &dns(8, true)[..20], |_| {});
    vantage.sees_with(query.reversed(), &dns(7, true)[..20], |_| {});
    let answered: Vec<(bool, bool)> =
        vantage.table.exchanges().map(|exchange| (exchange.query.is_some(), exchange.answer.is_some())).collect();
    assert_eq!(answered, [(true, true), (false, true)]);
}

#[test]
fn only_what_changed_is_published_anew() {
    let mut vantage = Vantage::default();
    let rows = SEGMENT_ROWS / 4 + 10;
    for row in 0..rows {
        vantage.now = 0;
        vantage.sees(tuple(protocol::UDP, 1024 + row as u16, 4000), |_| {});
    }
    let table = TableId(9);
    let before = vantage.table.publish_flows(table);
    assert_eq!(before.iter().map(|segment| segment.rows).sum::<usize>(), rows);
    assert!(before.iter().zip(vantage.table.publish_flows(table)).all(|(a, b)| Arc::ptr_eq(a, &b)));
    vantage.sees(tuple(protocol::UDP, 1024, 4000), |_| {});
    let after = vantage.table.publish_flows(table);
    assert_eq!([0, 1].map(|place: usize| Arc::ptr_eq(&before[place], &after[place])), [false, true]);
    let Columns::Flows(old) = &before[0].columns else { panic!("flows") };
    assert_eq!((old[0].packets, vantage.table.flow(0).unwrap().packets), ([1, 0], [2, 0]));
}
