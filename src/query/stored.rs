//! Values that are found in the stored bytes of a record.

use super::parse;
use super::row::Each;
use super::schema::{FieldName, FrameField, Id, Known, LineField};
use super::value::Value;
use crate::record::Kind;

/// Whether the values of a field of a record of `kind` are found in its stored bytes.
pub fn needs_bytes(id: Id, kind: Kind) -> bool {
    match id {
        Id::Line(LineField::Text) => matches!(kind, Kind::Text | Kind::Nft | Kind::Journal),
        Id::Line(_) | Id::Frame(FrameField::Bytes) => true,
        _ => false,
    }
}

/// The text of a record: its bytes without the newline, or blank line, at the end.
pub fn text_of(kind: Kind, bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if kind == Kind::Journal { bytes.strip_suffix(b"\n").unwrap_or(bytes) } else { bytes }
}

/// Calls `each` for every value that a field has in the stored bytes of a record.
pub fn values_in(kind: Kind, bytes: &[u8], field: &FieldName, each: Each<'_>) {
    let text = text_of(kind, bytes);
    match field {
        FieldName::NftKey(key) => nft_values(text, key.as_bytes(), each),
        FieldName::Journal(name) => journal_values(bytes, name.as_bytes(), each),
        FieldName::Known(Known(known)) => match known.id {
            Id::Frame(FrameField::Bytes) => each(Value::text(bytes)),
            Id::Line(LineField::Text) => each(Value::text(text)),
            Id::Line(LineField::Key(key)) => nft_values(text, key.as_bytes(), each),
            Id::Line(LineField::Journal(name)) => journal_values(bytes, name.as_bytes(), each),
            Id::Line(part) if kind == Kind::Journal => journal_part(part, bytes, each),
            Id::Line(part) => line_part(part, text, each),
            _ => {}
        },
    }
}

fn nft_values(text: &[u8], key: &[u8], each: Each<'_>) {
    parse::nft_fields(text).filter(|(name, _)| *name == key).for_each(|(_, value)| each(Value::text(value)));
}

fn journal_values(entry: &[u8], wanted: &[u8], each: Each<'_>) {
    parse::journal_fields(entry).filter(|(name, _)| *name == wanted).for_each(|(_, value)| each(Value::text(value)));
}

fn line_part(part: LineField, text: &[u8], each: Each<'_>) {
    let line = parse::line(text);
    match part {
        LineField::Message => each(Value::text(line.message)),
        LineField::Host => line.host.into_iter().for_each(|host| each(Value::text(host))),
        LineField::App => line.identifier.into_iter().for_each(|identifier| each(Value::text(identifier))),
        LineField::Pid => line.pid.into_iter().for_each(|pid| each(Value::Number(u64::from(pid)))),
        LineField::Text | LineField::Key(_) | LineField::Journal(_) => {}
    }
}

/// The fields of a journal entry that hold a part of a line, the first of them that the entry has.
fn journal_part(part: LineField, entry: &[u8], each: Each<'_>) {
    let names: &[&[u8]] = match part {
        LineField::Message => &[b"MESSAGE"],
        LineField::Host => &[b"_HOSTNAME"],
        LineField::App => &[b"SYSLOG_IDENTIFIER", b"_COMM"],
        LineField::Pid => &[b"SYSLOG_PID", b"_PID"],
        LineField::Text | LineField::Key(_) | LineField::Journal(_) => &[],
    };
    let first = |name: &&[u8]| parse::journal_fields(entry).find(|(n, _)| n == name).map(|(_, value)| value);
    match (part, names.iter().find_map(first)) {
        (LineField::Pid, Some(pid)) => {
            parse::number(pid).into_iter().for_each(|pid| each(Value::Number(u64::from(pid))));
        }
        (_, Some(value)) => each(Value::text(value)),
        (_, None) => {}
    }
}
