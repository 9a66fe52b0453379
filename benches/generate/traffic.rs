//! Simulated connections of many qubes, as one stream of packets in the order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::Ipv4Addr;

use super::clock::START;
use super::dns;
use super::random::Random;

/// TCP flags.
pub const FIN: u8 = 1;
/// TCP flags.
pub const SYN: u8 = 2;
/// TCP flags.
pub const PSH: u8 = 8;
/// TCP flags.
pub const ACK: u8 = 16;

/// As many bytes of a TCP payload as a capture keeps.
const KEPT_PAYLOAD: usize = 24;
const CLIENTS: u64 = 200;
const SERVERS: u64 = 4_000;
const FIRST_PORT: u16 = 32_768;
const PORTS: u16 = 28_000;
const RESOLVER: Ipv4Addr = Ipv4Addr::new(10, 139, 1, 1);
/// Microseconds between two connections, on average.
const PAUSE: u64 = 250_000;

/// Addresses and ports, originator first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tuple {
    pub client: Ipv4Addr,
    pub server: Ipv4Addr,
    pub client_port: u16,
    pub server_port: u16,
}

/// The TCP header's variable part; `None` on a [`Packet`] means UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tcp {
    pub flags: u8,
    pub sequence: u32,
    pub acknowledgement: u32,
    pub window: u16,
}

/// A packet; ordered by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Microseconds since 1970.
    pub time: u64,
    /// Order among packets of the same time.
    number: u64,
    pub tuple: Tuple,
    pub from_client: bool,
    pub tcp: Option<Tcp>,
    /// Whether the firewall drops the connection.
    pub dropped: bool,
    /// Whether it repeats an earlier packet which got no answer.
    pub repeated: bool,
    pub ip_id: u16,
    /// The payload's first bytes.
    pub payload: Vec<u8>,
    /// The payload's whole length.
    pub payload_length: u16,
}

/// The stream.
pub struct Traffic {
    random: Random,
    pending: BinaryHeap<Reverse<Packet>>,
    next_connection: u64,
    next_port: BTreeMap<Ipv4Addr, u16>,
    packets: u64,
}

/// Where a connection's next packet comes from.
struct Talk {
    tuple: Tuple,
    time: u64,
    dropped: bool,
    repeated: bool,
    ip_id: u16,
    sequences: [u32; 2],
}

impl Traffic {
    /// Starts the stream.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed ^ 0x7261_6666_6963),
            pending: BinaryHeap::new(),
            next_connection: START,
            next_port: BTreeMap::new(),
            packets: 0,
        }
    }

    fn open(&mut self) {
        let client = Ipv4Addr::new(10, 137, 0, 5 + self.random.below(CLIENTS) as u8);
        let number = self.random.below(SERVERS);
        let server = Ipv4Addr::new(203, 0, (number >> 8) as u8, number as u8);
        let mut time = self.next_connection;
        if !self.random.once_in(3) {
            time = self.look_up(client, server, number, time);
        }
        let server_port = self.random.pick(&[443, 443, 443, 443, 80, 22, 993]);
        let mut talk = self.talk(client, server, server_port, time);
        if self.random.once_in(30) {
            self.refuse(&mut talk)
        } else {
            self.converse(&mut talk)
        }
        self.next_connection += self.random.below(2 * PAUSE);
    }

    fn talk(&mut self, client: Ipv4Addr, server: Ipv4Addr, server_port: u16, time: u64) -> Talk {
        let port = self.next_port.entry(client).or_insert(0);
        *port = (*port + 1) % PORTS;
        let tuple = Tuple { client, server, client_port: FIRST_PORT + *port, server_port };
        let sequences = [self.random.bits() as u32, self.random.bits() as u32];
        Talk { tuple, time, dropped: false, repeated: false, ip_id: self.random.bits() as u16, sequences }
    }

    fn look_up(&mut self, client: Ipv4Addr, server: Ipv4Addr, number: u64, time: u64) -> u64 {
        let mut talk = self.talk(client, RESOLVER, 53, time);
        let (id, name) = (self.random.bits() as u16, format!("host{number:05}.example.org"));
        self.datagram(&mut talk, true, dns::query(id, &name));
        talk.time += self.random.between(300, 30_000);
        self.datagram(&mut talk, false, dns::answer(id, &name, server));
        talk.time + self.random.between(200, 5_000)
    }

    fn refuse(&mut self, talk: &mut Talk) {
        talk.dropped = true;
        for wait in [1_000_000, 2_000_000, 4_000_000] {
            self.segment(talk, true, SYN, 0);
            talk.sequences[0] = talk.sequences[0].wrapping_sub(1);
            talk.repeated = true;
            talk.time += wait;
        }
    }

    fn converse(&mut self, talk: &mut Talk) {
        self.segment(talk, true, SYN, 0);
        self.segment(talk, false, SYN | ACK, 0);
        self.segment(talk, true, ACK, 0);
        for _ in 0..self.random.between(1, 4) {
            self.exchange(talk);
        }
        self.segment(talk, true, FIN | ACK, 0);
        self.segment(talk, false, FIN | ACK, 0);
        self.segment(talk, true, ACK, 0);
    }

    fn exchange(&mut self, talk: &mut Talk) {
        talk.time += self.random.below(300_000);
        let request = self.random.between(60, 600) as u16;
        self.segment(talk, true, PSH | ACK, request);
        let segments = if self.random.once_in(100) { 400 } else { self.random.between(1, 8) };
        for number in 0..segments {
            let length = self.random.between(200, 1_400) as u16;
            self.segment(talk, false, ACK, length);
            if number % 2 == 1 {
                self.segment(talk, true, ACK, 0);
            }
        }
    }

    fn datagram(&mut self, talk: &mut Talk, from_client: bool, payload: Vec<u8>) {
        let length = payload.len() as u16;
        self.push(talk, from_client, None, payload, length);
    }

    fn segment(&mut self, talk: &mut Talk, from_client: bool, flags: u8, length: u16) {
        let [own, other] = if from_client { [0, 1] } else { [1, 0] };
        let acknowledgement = if flags & ACK == 0 { 0 } else { talk.sequences[other] };
        let window = if flags & SYN == 0 { self.random.between(500, 2_000) as u16 } else { 64_240 };
        let tcp = Tcp { flags, sequence: talk.sequences[own], acknowledgement, window };
        let mut payload = vec![0; KEPT_PAYLOAD.min(usize::from(length))];
        self.random.fill(&mut payload);
        self.push(talk, from_client, Some(tcp), payload, length);
        let used = u32::from(length) + u32::from(flags & (SYN | FIN) != 0);
        talk.sequences[own] = talk.sequences[own].wrapping_add(used);
        talk.time += self.random.between(100, 20_000);
    }

    fn push(&mut self, talk: &mut Talk, from_client: bool, tcp: Option<Tcp>, payload: Vec<u8>, payload_length: u16) {
        talk.ip_id = talk.ip_id.wrapping_add(1);
        self.packets += 1;
        let Talk { tuple, time, dropped, repeated, ip_id, .. } = *talk;
        let number = self.packets;
        self.pending.push(Reverse(Packet {
            time,
            number,
            tuple,
            from_client,
            tcp,
            dropped,
            repeated,
            ip_id,
            payload,
            payload_length,
        }));
    }
}

impl Iterator for Traffic {
    type Item = Packet;

    /// The next packet; there is always one.
    fn next(&mut self) -> Option<Packet> {
        while self.pending.peek().is_none_or(|first| first.0.time >= self.next_connection) {
            self.open();
        }
        self.pending.pop().map(|first| first.0)
    }
}

impl Packet {
    /// Length of the IP packet, its header (20 bytes) included.
    pub fn ip_length(&self) -> u16 {
        20 + if self.tcp.is_some() { 32 } else { 8 } + self.payload_length
    }
}
