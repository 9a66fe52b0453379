//! A record in one line.

use std::fmt::Write as _;

use super::header::Header;
use super::parse;
use super::row::Row;
use super::stored::text_of;
use super::value::{query_type, response_code};
use crate::decode::line::{Connection, Flags, Headers};
use crate::record::{Kind, RecordId};
use crate::store::{DnsExchange, Flow, Snapshot};

/// The most bytes of a message that a line shows.
const MAX_MESSAGE: usize = 4_096;

/// A record in one line, as panes and plain output show it. The text may hold any character: whoever prints it
/// escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The line, without its time and origin.
    pub text: String,
}

/// The line of a record; empty when there is no such record.
#[must_use]
pub fn summary(snapshot: &Snapshot, id: RecordId) -> Summary {
    Row::find(snapshot, id).map_or_else(|| Summary { text: String::new() }, |row| of(&row))
}

/// The line of a record.
pub fn of(row: &Row<'_>) -> Summary {
    let text = match row.kind() {
        Kind::Text => text(row),
        Kind::Nft => nft(row),
        Kind::Journal => journal(row),
        Kind::Packet => packet(row),
        Kind::Flow => row.flow().map(flow),
        Kind::Dns => row.dns().map(dns),
    };
    Summary { text: text.unwrap_or_else(|| "(cannot be read back)".to_owned()) }
}

fn text(row: &Row<'_>) -> Option<String> {
    let bytes = row.bytes()?;
    let line = parse::line(text_of(Kind::Text, &bytes));
    Some(tagged(line.identifier, line.pid, line.message))
}

fn journal(row: &Row<'_>) -> Option<String> {
    let bytes = row.bytes()?;
    let field = |name: &[u8]| parse::journal_fields(&bytes).find(|(n, _)| *n == name).map(|(_, value)| value);
    let identifier = field(b"SYSLOG_IDENTIFIER").or_else(|| field(b"_COMM"));
    let pid = field(b"SYSLOG_PID").or_else(|| field(b"_PID")).and_then(parse::number);
    let message = field(b"MESSAGE").unwrap_or_default();
    Some(tagged(identifier, pid, message))
}

/// `identifier[pid]: message`, of which the first line.
fn tagged(identifier: Option<&[u8]>, pid: Option<u32>, message: &[u8]) -> String {
    let mut line = String::new();
    if let Some(identifier) = identifier {
        line.push_str(&String::from_utf8_lossy(identifier));
        if let Some(pid) = pid {
            let _ = write!(line, "[{pid}]");
        }
        line.push_str(": ");
    }
    let message = message.strip_suffix(b"\r").unwrap_or(message);
    let first = message.split(|b| *b == b'\n').next().unwrap_or_default();
    let shown = first.get(..MAX_MESSAGE).unwrap_or(first);
    line.push_str(&String::from_utf8_lossy(shown));
    if shown.len() < message.len() {
        line.push('…');
    }
    line
}

fn nft(row: &Row<'_>) -> Option<String> {
    let (nft, place) = row.nft()?;
    let prefix = nft.prefix(place);
    let verdict = prefix.rsplit(|b| *b == b':').next().filter(|word| !word.is_empty()).unwrap_or(prefix);
    let mut line = String::from_utf8_lossy(verdict).into_owned();
    if !line.is_empty() {
        line.push(' ');
    }
    let _ = write!(line, "{}", Connection(&nft.tuple(place)));
    let header = Header::of_nft(nft, place);
    push_number(&mut line, "len", header.length);
    push_number(&mut line, "ttl", header.ttl.map(u16::from));
    let _ = write!(line, "{}", Flags(header.flags.unwrap_or(0)));
    Some(line)
}

fn packet(row: &Row<'_>) -> Option<String> {
    let packets = row.packet()?;
    let header = Header::of_packet(packets, row.row);
    let headers = Headers {
        tuple: row.tuple(),
        tcp_flags: header.flags.unwrap_or(0),
        ip_length: header.length,
        original: packets.original.get(row.row),
    };
    Some(headers.to_string())
}

fn flow(flow: &Flow) -> String {
    let mut line = Connection(&flow.tuple).to_string();
    if let Some(server) = &flow.server_name {
        let _ = write!(line, " {}{}", server.name, if server.cut { "…" } else { "" });
    } else if let Some(name) = &flow.name {
        let _ = write!(line, " {name}");
    }
    let sum = |both: [u64; 2]| both[0].saturating_add(both[1]);
    let _ = write!(line, " {} pkts {}", sum(flow.packets), size(sum(flow.bytes)));
    let _ = write!(line, " ↑{} ↓{}", size(flow.bytes[0]), size(flow.bytes[1]));
    let _ = write!(line, " {} {}", flow.outcome.name(), duration(flow.end.since(flow.start)));
    line
}

fn dns(exchange: &DnsExchange) -> String {
    let mut line = exchange.query_type.map_or_else(|| "?".to_owned(), |t| query_type(t).to_string());
    let _ = write!(line, " {}{}", exchange.name, if exchange.name_cut { "…" } else { "" });
    let Some(answer) = &exchange.answer else { return line + " no answer" };
    if let Some(first) = answer.addresses.first() {
        let _ = write!(line, " → {first}");
    }
    let count = answer.addresses.len();
    if count > 1 || answer.cut {
        let _ = write!(line, " ({count}{} answers)", if answer.cut { "+" } else { "" });
    }
    let _ = write!(line, " {}", response_code(answer.response_code));
    if exchange.query.is_some() {
        let _ = write!(line, " {}", duration(answer.time.since(exchange.time)));
    }
    line
}

fn push_number(line: &mut String, name: &str, number: Option<u16>) {
    if let Some(number) = number {
        let _ = write!(line, " {name} {number}");
    }
}

/// Bytes with a decimal prefix: `512 B`, `4.2 kB`.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        if value < 999.95 {
            break;
        }
        value /= 1_000.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// Nanoseconds, short: `23ms`, `3.2s`, `2m05s`, `3h05m`, `12d03h`.
fn duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let microseconds = nanoseconds.unsigned_abs() / 1_000;
    match microseconds {
        0..1_000 => format!("{sign}{microseconds}µs"),
        1_000..1_000_000 => format!("{sign}{}ms", microseconds / 1_000),
        1_000_000..60_000_000 => {
            format!("{sign}{}.{}s", microseconds / 1_000_000, microseconds / 100_000 % 10)
        }
        60_000_000..3_600_000_000 => {
            format!("{sign}{}m{:02}s", microseconds / 60_000_000, microseconds / 1_000_000 % 60)
        }
        3_600_000_000..86_400_000_000 => {
            format!("{sign}{}h{:02}m", microseconds / 3_600_000_000, microseconds / 60_000_000 % 60)
        }
        _ => format!("{sign}{}d{:02}h", microseconds / 86_400_000_000, microseconds / 3_600_000_000 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_are_short() {
        assert_eq!([size(999), size(4_200), size(999_960), size(u64::MAX)], ["999 B", "4.2 kB", "1.0 MB", "18.4 EB"]);
        let shown = [500, 23_000_000, 3_250_000_000, 125_000_000_000, i64::MIN].map(duration);
        assert_eq!(shown, ["0µs", "23ms", "3.2s", "2m05s", "-106751d23h"]);
    }

    #[test]
    fn messages_are_cut_to_their_first_line() {
        assert_eq!(tagged(Some(b"curl"), Some(7), b"one\ntwo"), "curl[7]: one…");
        assert_eq!(tagged(None, None, b"one"), "one");
    }
}
