//! A packet in one line.

use std::fmt::{self, Display, Write as _};
use std::net::SocketAddr;

use super::dns::{self, Data, Message, Name};
use super::tls::ClientHello;
use super::{IpPacket, Packet};
use crate::record::{FiveTuple, protocol};

/// DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795).
const DNS_PORTS: [u16; 3] = [53, 5353, 5355];

/// The most questions and addresses of a message that a line shows.
const MAX_PARTS: usize = 8;

/// The headers of a packet, as far as a line shows them: `TCP 10.0.0.1:35801 → 203.0.113.242:443 SYN len 60`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers {
    /// Addresses and ports, where they are known.
    pub tuple: Option<FiveTuple>,
    /// TCP flags; 0 where it is not TCP.
    pub tcp_flags: u8,
    /// IP total length; none where it is not IP.
    pub ip_length: Option<u16>,
    /// Bytes on the wire.
    pub original: u32,
}

impl Headers {
    /// The headers of a decoded packet.
    #[must_use]
    pub fn of(packet: &Packet<'_>) -> Self {
        let ip = packet.ip.as_ref();
        Self {
            tuple: ip.filter(|ip| ip.ports_known).map(|ip| ip.tuple),
            tcp_flags: ip.and_then(|ip| ip.tcp).map_or(0, |tcp| tcp.flags),
            ip_length: ip.map(|ip| ip.ip_length).filter(|length| *length > 0),
            original: packet.original,
        }
    }
}

impl Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tuple) = self.tuple else {
            let network = if self.ip_length.is_some() { "IP, ports not captured," } else { "not IP," };
            return write!(f, "{network} frame {} B", self.original);
        };
        write!(f, "{}{}", Connection(&tuple), Flags(self.tcp_flags))?;
        self.ip_length.map_or(Ok(()), |length| write!(f, " len {length}"))
    }
}

/// Shows who speaks to whom: `TCP 10.137.0.17:35801 → 203.0.113.242:443`.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a>(pub &'a FiveTuple);

impl Display for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tuple = self.0;
        match protocol::name(tuple.protocol) {
            Some(name) => write!(f, "{name} ")?,
            None => write!(f, "proto {} ", tuple.protocol)?,
        }
        if protocol::has_ports(tuple.protocol) {
            let source = SocketAddr::new(tuple.source, tuple.source_port);
            return write!(f, "{source} → {}", SocketAddr::new(tuple.destination, tuple.destination_port));
        }
        write!(f, "{} → {}", tuple.source, tuple.destination)?;
        if protocol::is_icmp(tuple.protocol) && tuple.source_port != 0 {
            write!(f, " id {}", tuple.source_port)?;
        }
        Ok(())
    }
}

/// Shows TCP flags after a blank, joined by `+`; nothing where there are none.
#[derive(Clone, Copy, Debug)]
pub struct Flags(pub u8);

impl Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 8] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
        let mut separator = ' ';
        for (_, name) in NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1) {
            write!(f, "{separator}{name}")?;
            separator = '+';
        }
        Ok(())
    }
}

/// The line of a packet: its headers, then the names and addresses of DNS messages and of a TLS ClientHello. It holds
/// no control characters: the names are escaped where they are decoded.
#[must_use]
pub fn packet(packet: &Packet<'_>) -> String {
    let mut line = Headers::of(packet).to_string();
    if let Some(ip) = packet.ip.as_ref().filter(|ip| ip.ports_known) {
        push_names(&mut line, ip);
    }
    line
}

fn push_names(line: &mut String, ip: &IpPacket<'_>) {
    let dns = DNS_PORTS.contains(&ip.tuple.source_port) || DNS_PORTS.contains(&ip.tuple.destination_port);
    let mut take = |bytes: &[u8]| {
        if let Some(message) = Message::read(bytes) {
            push_message(line, &message);
        }
    };
    match ip.tuple.protocol {
        protocol::UDP if dns => take(ip.payload),
        protocol::TCP if dns => dns::over_tcp(ip.payload, ip.payload_length).for_each(|(_, bytes)| take(bytes)),
        protocol::TCP => {
            if let Some((name, _)) = ClientHello::read(ip.payload).and_then(|hello| hello.server_name) {
                let _ = write!(line, " TLS {}{}", name.text, if name.cut { "…" } else { "" });
            }
        }
        _ => {}
    }
}

fn push_message(line: &mut String, message: &Message) {
    line.push_str(if message.is_response() { " DNS answer" } else { " DNS" });
    for question in message.questions.iter().take(MAX_PARTS) {
        match question.kind.map(|kind| (kind, dns::kind_name(kind))) {
            Some((_, Some(name))) => line.extend([" ", name]),
            Some((kind, None)) => line.push_str(&format!(" TYPE{kind}")),
            None => line.push_str(" ?"),
        }
        push_name(line, &question.name);
    }
    if message.is_response() {
        let code = message.response_code();
        match dns::response_code_name(code) {
            Some(name) => line.extend([" ", name]),
            None => line.push_str(&format!(" code {code}")),
        }
    }
    for record in message.answers().take(MAX_PARTS) {
        match &record.data {
            Data::Address(address) => line.push_str(&format!(" {address}")),
            Data::Name(name) => push_name(line, name),
            Data::Other(_) | Data::Cut => {}
        }
    }
}

fn push_name(line: &mut String, name: &Name) {
    line.extend([" ", if name.text.is_empty() && !name.cut { "." } else { &name.text }]);
    if name.cut {
        line.push('…');
    }
}
