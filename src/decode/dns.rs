//! DNS messages (RFC 1035), as far as they were captured.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::bytes::{be16, be32, byte};

/// Bytes of the header of a message.
pub const HEADER: usize = 12;
/// The most bytes a name may have, its length bytes included (RFC 1035, section 2.3.4).
const MAX_NAME: usize = 255;
/// Questions and records of a message that are read; no resolver sends so many.
const MAX_PARTS: usize = 256;

/// A message, as far as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Transaction id.
    pub id: u16,
    /// The flags as they are in the header.
    pub flags: u16,
    /// How many questions, answers, authority and additional records the header says there are.
    pub counts: [u16; 4],
    /// The questions.
    pub questions: Vec<Question>,
    /// The records of the answer, authority and additional sections.
    pub records: Vec<Record>,
    /// Whether there are fewer questions or records than the header says: the capture cut them, or they are malformed.
    pub cut: bool,
}

/// A name, without the final dot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Bytes outside printable ASCII are escaped as `\ddd`, dots and backslashes in labels as `\.` and `\\` (RFC 4343).
    pub text: String,
    /// Whether the capture cut it: it is then only its beginning.
    pub cut: bool,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name asked for.
    pub name: Name,
    /// Record type asked for (1 A, 28 AAAA, ...); absent where it was cut off.
    pub kind: Option<u16>,
    /// Its bytes in the message.
    pub range: Range<usize>,
}

/// A resource record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its section: 1 answer, 2 authority, 3 additional.
    pub section: u8,
    /// Its owner.
    pub name: Name,
    /// Record type.
    pub kind: u16,
    /// Seconds it may be cached.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
    /// Its bytes in the message.
    pub range: Range<usize>,
}

/// What a resource record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A or AAAA.
    Address(IpAddr),
    /// CNAME, NS, PTR or DNAME.
    Name(Name),
    /// Another type: how many bytes it has.
    Other(u16),
    /// The capture ends within it.
    Cut,
}

impl Message {
    /// Whether it is a response.
    #[must_use]
    pub const fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Kind of query: 0 is a standard query.
    #[must_use]
    pub const fn opcode(&self) -> u8 {
        ((self.flags >> 11) & 15) as u8
    }

    /// Response code: 0 NOERROR, 3 NXDOMAIN, ...
    #[must_use]
    pub const fn response_code(&self) -> u8 {
        (self.flags & 15) as u8
    }

    /// The records of the answer section.
    pub fn answers(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.section == 1)
    }

    /// Reads a message; `None` when the bytes are no DNS: too short, an unknown opcode, or a malformed first name.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let count = |at: usize| be16(bytes, at);
        let mut message = Self {
            id: be16(bytes, 0)?,
            flags: be16(bytes, 2)?,
            counts: [count(4)?, count(6)?, count(8)?, count(10)?],
            questions: Vec::new(),
            records: Vec::new(),
            cut: false,
        };
        if message.opcode() > 6 {
            return None;
        }
        let asks = message.counts[0] > 0;
        let complete = message.read_parts(bytes);
        message.cut = complete.is_none();
        (!asks || !message.questions.is_empty()).then_some(message)
    }

    /// Reads questions and records; `None` when they end too early.
    fn read_parts(&mut self, bytes: &[u8]) -> Option<()> {
        let mut at = HEADER;
        let mut room = MAX_PARTS;
        for _ in 0..self.counts[0] {
            room = room.checked_sub(1)?;
            let question = question(bytes, at)?;
            at = question.range.end;
            let cut = question.kind.is_none();
            self.questions.push(question);
            if cut {
                return None;
            }
        }
        for section in 1..=3u8 {
            for _ in 0..self.counts.get(usize::from(section)).copied().unwrap_or(0) {
                room = room.checked_sub(1)?;
                let record = record(bytes, at, section)?;
                at = record.range.end;
                let cut = record.data == Data::Cut;
                self.records.push(record);
                if cut {
                    return None;
                }
            }
        }
        Some(())
    }
}

/// The messages in the payload of a TCP segment that holds whole messages (RFC 1035, section 4.2.2), at most 16.
///
/// `payload` is what was captured of `length` bytes; a message that goes on in a later segment is not given.
pub fn over_tcp(payload: &[u8], length: u32) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    let next = move || {
        let size = usize::from(be16(payload, at)?);
        let start = at + 2;
        let end = start + size;
        if size < HEADER || end > length as usize {
            return None;
        }
        at = end;
        let rest = payload.get(start..)?;
        Some((start, rest.get(..size).unwrap_or(rest)))
    };
    std::iter::from_fn(next).take(16)
}

/// The name of a record type, if it is a common one.
#[must_use]
pub const fn kind_name(kind: u16) -> Option<&'static str> {
    Some(match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        39 => "DNAME",
        41 => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        50 => "NSEC3",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        257 => "CAA",
        _ => return None,
    })
}

/// The name of a response code, if it has one (RFC 1035, RFC 2136).
#[must_use]
pub const fn response_code_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        _ => return None,
    })
}

fn question(bytes: &[u8], start: usize) -> Option<Question> {
    let (name, at) = name(bytes, start)?;
    let kind = if name.cut { None } else { be16(bytes, at) };
    let end = if be16(bytes, at + 2).is_some() { at + 4 } else { bytes.len() };
    Some(Question { name, kind, range: start..end })
}

fn record(bytes: &[u8], start: usize, section: u8) -> Option<Record> {
    let (name, at) = name(bytes, start)?;
    let kind = be16(bytes, at)?;
    let ttl = be32(bytes, at + 4)?;
    let size = be16(bytes, at + 8)?;
    let from = at + 10;
    let data = data(bytes, from, kind, size)?;
    let end = (from + usize::from(size)).min(bytes.len());
    Some(Record { section, name, kind, ttl, data, range: start..end })
}

/// `None` when the data does not fit its type.
fn data(bytes: &[u8], from: usize, kind: u16, size: u16) -> Option<Data> {
    let Some(data) = bytes.get(from..from + usize::from(size)) else { return Some(Data::Cut) };
    Some(match kind {
        1 => Data::Address(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).into()),
        28 => Data::Address(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).into()),
        2 | 5 | 12 | 39 => Data::Name(name(bytes, from)?.0),
        _ => Data::Other(size),
    })
}

/// Reads the name at `start` and returns it with the offset behind it; `None` when it is malformed.
///
/// A compression pointer must lead to before everything read so far of the name, so that following them ends.
pub fn name(bytes: &[u8], start: usize) -> Option<(Name, usize)> {
    let mut name = Name::default();
    let (mut at, mut lowest, mut behind, mut length) = (start, start, None, 0);
    while let Some(size) = byte(bytes, at) {
        match size >> 6 {
            0 if size == 0 => return Some((name, behind.unwrap_or(at + 1))),
            0 => {
                length += usize::from(size) + 1;
                if length > MAX_NAME {
                    return None;
                }
                let end = at + 1 + usize::from(size);
                let label = bytes.get(at + 1..end.min(bytes.len()))?;
                push_label(&mut name.text, label);
                at = end;
            }
            3 => {
                let Some(pointer) = be16(bytes, at) else { break };
                behind.get_or_insert(at + 2);
                at = usize::from(pointer & 0x3fff);
                if at >= lowest {
                    return None;
                }
                lowest = at;
            }
            _ => return None,
        }
    }
    name.cut = true;
    Some((name, behind.unwrap_or(bytes.len())))
}

fn push_label(text: &mut String, label: &[u8]) {
    if !text.is_empty() {
        text.push('.');
    }
    for byte in label {
        match byte {
            b'.' | b'\\' => text.extend(['\\', char::from(*byte)]),
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\{byte:03}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response for `www.example` with a CNAME to `example` and an A record of it.
    fn response() -> Vec<u8> {
        let mut bytes = vec![0xbe, 0xef, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
        bytes.extend(b"\x03www\x07example\x00\x00\x01\x00\x01");
        bytes.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x10");
        bytes.extend(b"\xc0\x10\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x09");
        bytes
    }

    #[test]
    fn agrees_with_an_independent_parser() {
        let bytes = response();
        let message = Message::read(&bytes).unwrap();
        let oracle = simple_dns::Packet::parse(&bytes).unwrap();
        assert_eq!(message.id, oracle.id());
        assert_eq!(message.questions[0].name.text, oracle.questions[0].qname.to_string());
        let names: Vec<String> = oracle.answers.iter().map(|record| record.name.to_string()).collect();
        assert_eq!(message.answers().map(|record| record.name.text.clone()).collect::<Vec<_>>(), names);
        assert_eq!(message.records[1].data, Data::Address("203.0.113.9".parse().unwrap()));
        assert!(!message.cut);
    }

    #[test]
    fn every_cut_gives_a_beginning() {
        let bytes = response();
        for end in HEADER..bytes.len() {
            let message = Message::read(&bytes[..end]).unwrap();
            assert!(message.cut, "{end}");
            let question = &message.questions[0];
            assert!("www.example".starts_with(&question.name.text), "{end}");
            assert_eq!(question.name.cut, end < HEADER + 13, "{end}");
            assert_eq!(question.kind.is_none(), end < HEADER + 15, "{end}");
        }
    }

    #[test]
    fn pointer_loops_end() {
        let mut bytes = vec![0; HEADER];
        bytes.extend([0xc0, 12]);
        assert_eq!(name(&bytes, 12), None);
        bytes.extend([1, b'a', 0xc0, 16, 0xc0, 14]);
        assert_eq!(name(&bytes, 16), None);
    }

    #[test]
    fn odd_bytes_are_escaped() {
        let (name, end) = name(b"\x05a.\\\x1b\xff\x00", 0).unwrap();
        assert_eq!((name.text.as_str(), end), ("a\\.\\\\\\027\\255", 7));
    }

    #[test]
    fn several_messages_in_a_segment_are_told_apart() {
        let message = response();
        let mut payload = Vec::new();
        for _ in 0..2 {
            payload.extend((message.len() as u16).to_be_bytes());
            payload.extend(&message);
        }
        let all = payload.len();
        assert_eq!(over_tcp(&payload, all as u32).count(), 2);
        assert_eq!(over_tcp(&payload[..64], all as u32).map(|m| m.1.len()).collect::<Vec<_>>(), [message.len(), 1]);
        assert_eq!(over_tcp(&payload[..64], 64).count(), 1);
    }
}
