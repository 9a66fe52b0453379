//! DNS, TLS, and the payload that is none of them.

use super::{Content, Dissection, Fields, LayerField, Ports, Rest, decimal, named, words};
use crate::decode::bytes::be16;
use crate::decode::dns::{self, Data, Message, Name, Record};
use crate::decode::tls::{ClientHello, RECORD_HEADER};
use crate::record::protocol;

/// Names of the DNS header's flags.
const DNS_FLAGS: &[(u32, &str)] =
    &[(0x8000, "response"), (0x0400, "AA"), (0x0200, "TC"), (0x0100, "RD"), (0x0080, "RA"), (0x20, "AD"), (0x10, "CD")];

pub(super) fn application(packet: &mut Dissection<'_>, rest: &Rest, ports: Ports) -> Option<Rest> {
    let dns = [53, 5353, 5355].iter().any(|port| [ports.source, ports.destination].contains(port));
    let bytes = packet.bytes.get(rest.at..rest.end.min(packet.bytes.len())).unwrap_or_default();
    match ports.protocol {
        protocol::UDP if dns => dns_message(packet, rest, rest.at, bytes),
        protocol::TCP if dns => {
            let length = u32::try_from(rest.end.saturating_sub(rest.at)).unwrap_or(u32::MAX);
            let first = dns::over_tcp(bytes, length).next();
            first.map_or_else(
                || Some(as_payload(rest)),
                |(offset, message)| dns_message(packet, rest, rest.at + offset, message),
            )
        }
        protocol::TCP if is_tls(bytes) => tls(packet, rest, bytes),
        _ => Some(as_payload(rest)),
    }
}

const fn as_payload(rest: &Rest) -> Rest {
    Rest::new(Content::Payload, rest.at, rest.end)
}

/// Adds what no other layer explains, if there is any.
pub(super) fn payload(packet: &mut Dissection<'_>, rest: &Rest) {
    let length = rest.end.saturating_sub(rest.at);
    if length == 0 {
        return;
    }
    let captured = packet.bytes.len().saturating_sub(rest.at).min(length);
    let mut fields = Fields::new(packet, "Payload", rest.at);
    if captured < length {
        fields.missing("Length", format!("{length} bytes, {captured} captured"));
    } else {
        fields.add("Length", 0, length, Some(format!("{length} bytes")));
    }
    fields.finish(packet, captured);
}

fn dns_message(packet: &mut Dissection<'_>, rest: &Rest, at: usize, bytes: &[u8]) -> Option<Rest> {
    let Some(message) = Message::read(bytes) else { return Some(as_payload(rest)) };
    let mut fields = Fields::new(packet, "DNS", at);
    fields.be16("Transaction id", 0, |id| format!("{id:#06x}"));
    fields.be16("Flags", 2, |flags| words(flags.into(), DNS_FLAGS));
    if message.is_response() {
        let code = message.response_code();
        fields.add("Response code", 3, 1, Some(named(code.into(), dns::response_code_name(code))));
    }
    for question in &message.questions {
        let text =
            format!("{} {}", name_text(&question.name), question.kind.map_or("(type not captured)".into(), kind_text));
        fields.add("Question", question.range.start, question.range.len(), Some(text));
    }
    for record in &message.records {
        fields.add(section_name(record.section), record.range.start, record.range.len(), Some(record_text(record)));
    }
    not_captured(&mut fields, &message);
    fields.finish(packet, bytes.len());
    None
}

/// Says how many questions and records were not captured.
fn not_captured(fields: &mut Fields<'_>, message: &Message) {
    for (section, count) in (0..).zip(message.counts) {
        let complete = |record: &&Record| record.section == section && record.data != Data::Cut;
        let there = match section {
            0 => message.questions.iter().filter(|question| question.kind.is_some()).count(),
            _ => message.records.iter().filter(complete).count(),
        };
        if message.cut && there < usize::from(count) {
            fields.missing(section_name(section), format!("{there} of {count} captured in full"));
        }
    }
}

const fn section_name(section: u8) -> &'static str {
    match section {
        0 => "Question",
        1 => "Answer",
        2 => "Authority",
        _ => "Additional",
    }
}

fn name_text(name: &Name) -> String {
    match (name.text.as_str(), name.cut) {
        ("", false) => "(root)".to_owned(),
        (text, true) => format!("{text}…"),
        (text, false) => text.to_owned(),
    }
}

fn kind_text(kind: u16) -> String {
    dns::kind_name(kind).map_or_else(|| format!("TYPE{kind}"), ToOwned::to_owned)
}

fn record_text(record: &Record) -> String {
    let data = match &record.data {
        Data::Address(address) => address.to_string(),
        Data::Name(name) => name_text(name),
        Data::Other(length) => format!("{length} bytes"),
        Data::Cut => "(not captured)".to_owned(),
    };
    format!("{} {} {data}, TTL {}", name_text(&record.name), kind_text(record.kind), record.ttl)
}

fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, 0..=4, ..])
}

fn tls(packet: &mut Dissection<'_>, rest: &Rest, bytes: &[u8]) -> Option<Rest> {
    let mut fields = Fields::new(packet, "TLS record", rest.at);
    fields.byte("Content type", 0, |kind| named(kind.into(), content_type(kind)));
    fields.be16("Version", 1, version_text);
    let length = fields.be16("Length", 3, decimal);
    fields.finish(packet, RECORD_HEADER);
    match ClientHello::read(bytes) {
        Some(hello) => client_hello(packet, rest, bytes, &hello),
        None => payload(packet, &Rest::new(Content::Payload, rest.at + RECORD_HEADER, rest.end)),
    }
    // A record that goes on in the next segment leaves nothing behind it.
    let next = rest.at + RECORD_HEADER + usize::from(length?);
    let after = packet.bytes.get(next..rest.end.min(packet.bytes.len())).unwrap_or_default();
    let last = packet.layers.last().map_or(0, |layer| layer.range.end);
    is_tls(after).then(|| Rest::new(Content::Payload, next.max(last), rest.end))
}

fn client_hello(packet: &mut Dissection<'_>, rest: &Rest, bytes: &[u8], hello: &ClientHello) {
    let mut fields = Fields::new(packet, "TLS ClientHello", rest.at + RECORD_HEADER);
    fields.byte("Handshake type", 0, |kind| named(kind.into(), Some("ClientHello")));
    fields.add("Length", 1, 3, hello.length.map(|length| (length - 4).to_string()));
    fields.be16("Version", 4, version_text);
    let place = |range: &std::ops::Range<usize>| rest.at + range.start..rest.at + range.end;
    let absent = format!("not captured, {} of {} bytes", packet.bytes.len(), packet.original);
    let mut show = |name: &'static str, found: Option<LayerField>| match found {
        Some(field) => fields.layer.fields.push(field),
        None if hello.cut => fields.missing(name, absent.clone()),
        None => fields.add(name, 0, 0, Some("none".to_owned())),
    };
    let server_name = hello.server_name.as_ref().map(|(name, range)| {
        let value = if name.cut { format!("{}…", name.text) } else { name.text.clone() };
        LayerField { name: "Server name", value, range: place(range) }
    });
    show("Server name", server_name);
    let protocols = hello.protocols.as_ref().map(|(names, range)| LayerField {
        name: "Application protocols",
        value: names.join(" "),
        range: place(range),
    });
    show("Application protocols", protocols);
    let length = hello.length.map_or(4, |length| length as usize);
    let within = be16(bytes, 3).map_or(length, |record| length.min(record.into()));
    fields.layer.truncated |= hello.cut;
    fields.finish(packet, within);
}

fn version_text(version: u16) -> String {
    let name = match version {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2 or later",
        _ => return format!("{version:#06x}"),
    };
    format!("{version:#06x} ({name})")
}

const fn content_type(kind: u8) -> Option<&'static str> {
    Some(match kind {
        20 => "change cipher spec",
        21 => "alert",
        22 => "handshake",
        23 => "application data",
        _ => return None,
    })
}
