//! Lines of the kernel's nf_log, as nftables' `log` statement and iptables' `LOG` target write them
//! (`net/netfilter/nf_log_syslog.c`).

mod address;
mod fields;

pub use fields::{Fields, fields};

use std::net::IpAddr;

use super::Nft;
use crate::record::{FiveTuple, protocol};

/// A rule's prefix has at most this many bytes (the kernel's `NF_LOG_PREFIXLEN`).
pub const MAX_PREFIX: usize = 128;

/// How far into a message an nf_log line is looked for; the kernel's own messages are shorter than 1 KiB.
pub const MAX_MESSAGE: usize = 4 << 10;

/// Reads a kernel message as a line of nf_log: `[uptime] prefixIN=… OUT=… … SRC=… DST=… LEN=… … PROTO=…`.
///
/// `None` when one of these is missing or has no valid value. What an ICMP error quotes in brackets is not looked at.
#[must_use]
pub fn parse(message: &[u8]) -> Option<Nft<'_>> {
    let message = message.get(..MAX_MESSAGE).unwrap_or(message);
    let start = fields::start(message)?;
    let prefix = prefix(message.get(..start)?)?;
    let mut found = Found::default();
    for (name, value) in Fields::at(message, start) {
        found.take(name, value)?;
        if found.is_all(name) {
            break;
        }
    }
    found.finish(prefix)
}

/// A rule's prefix, from what stands before `IN=`; none where that is too long for one.
fn prefix(before: &[u8]) -> Option<&[u8]> {
    let prefix = after_uptime(before).trim_ascii();
    (prefix.len() <= MAX_PREFIX).then_some(prefix)
}

/// What follows the kernel's `[12345.678901] `; all of `message` where it has none.
#[must_use]
pub fn after_uptime(message: &[u8]) -> &[u8] {
    let Some(rest) = message.strip_prefix(b"[") else { return message };
    let end = rest.iter().take(24).position(|byte| !matches!(byte, b' ' | b'.' | b'0'..=b'9'));
    match end.and_then(|end| rest.get(end..)) {
        Some([b']', rest @ ..]) => rest.strip_prefix(b" ").unwrap_or(rest),
        _ => message,
    }
}

#[derive(Default)]
struct Found {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    protocol: Option<u8>,
    source_port: Option<u16>,
    destination_port: Option<u16>,
    icmp_type: Option<u8>,
    echo_id: Option<u16>,
    ip_id: Option<u16>,
    ip_length: Option<u16>,
    ttl: Option<u8>,
    tcp_flags: u8,
    flow_label: Option<u32>,
    sequence: Option<u32>,
}

impl Found {
    /// Takes a field in; the first of a name counts. `None` when its value is not what the kernel writes.
    fn take(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        match name {
            b"SRC" => first(&mut self.source, || address::parse(value)),
            b"DST" => first(&mut self.destination, || address::parse(value)),
            // An IPv6 packet can be 40 bytes longer than a 16-bit number tells.
            b"LEN" => first(&mut self.ip_length, || Some(number::<u32>(value)?.min(0xffff) as u16)),
            b"TTL" | b"HOPLIMIT" => first(&mut self.ttl, || number(value)),
            b"PROTO" => first(&mut self.protocol, || protocol_number(value)),
            b"ID" if self.protocol.is_none() => first(&mut self.ip_id, || number(value)),
            b"ID" => first(&mut self.echo_id, || number(value)),
            b"FLOWLBL" => first(&mut self.flow_label, || number(value)),
            b"SEQ" if self.protocol == Some(protocol::TCP) => first(&mut self.sequence, || number(value)),
            b"TYPE" => first(&mut self.icmp_type, || number(value)),
            b"SPT" => first(&mut self.source_port, || number(value)),
            b"DPT" => first(&mut self.destination_port, || number(value)),
            _ if value.is_empty() && self.protocol == Some(protocol::TCP) => {
                self.tcp_flags |= tcp_flag(name);
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Whether nothing that counts can follow the field `name`.
    fn is_all(&self, name: &[u8]) -> bool {
        match self.protocol {
            Some(protocol::UDP) => name == b"DPT",
            Some(protocol::TCP) => name == b"URGP",
            _ => false,
        }
    }

    fn finish(self, prefix: &[u8]) -> Option<Nft<'_>> {
        let (source, destination, protocol) = (self.source?, self.destination?, self.protocol?);
        if source.is_ipv4() != destination.is_ipv4() {
            return None;
        }
        let echo =
            matches!((protocol, self.icmp_type), (protocol::ICMP, Some(0 | 8)) | (protocol::ICMPV6, Some(128 | 129)));
        let source_port = if echo { self.echo_id } else { self.source_port };
        Some(Nft {
            prefix,
            tuple: FiveTuple {
                protocol,
                source,
                destination,
                source_port: source_port.unwrap_or(0),
                destination_port: self.destination_port.unwrap_or(0),
            },
            ip_id: self.ip_id,
            ip_length: self.ip_length?,
            ttl: self.ttl.unwrap_or(0),
            tcp_flags: self.tcp_flags,
            flow_label: self.flow_label,
            sequence: self.sequence,
        })
    }
}

fn first<T>(slot: &mut Option<T>, read: impl FnOnce() -> Option<T>) -> Option<()> {
    if slot.is_none() {
        *slot = Some(read()?);
    }
    Some(())
}

/// A decimal number that fits its type.
fn number<T: TryFrom<u64>>(value: &[u8]) -> Option<T> {
    if value.is_empty() || value.len() > 10 {
        return None;
    }
    let number = value.iter().try_fold(0, |n, byte| byte.is_ascii_digit().then(|| n * 10 + u64::from(byte - b'0')));
    T::try_from(number?).ok()
}

fn protocol_number(value: &[u8]) -> Option<u8> {
    match value {
        b"TCP" => Some(protocol::TCP),
        b"UDP" => Some(protocol::UDP),
        [b'0'..=b'9', ..] => number(value),
        _ => protocol::NAMES.iter().find(|(_, name)| name.as_bytes() == value).map(|(number, _)| *number),
    }
}

fn tcp_flag(name: &[u8]) -> u8 {
    match name {
        b"FIN" => 1,
        b"SYN" => 2,
        b"RST" => 4,
        b"PSH" => 8,
        b"ACK" => 16,
        b"URG" => 32,
        b"ECE" => 64,
        b"CWR" => 128,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
