//! All fields of a record, for the detail drawer and for output.

use std::borrow::Cow;

use super::parse;
use super::row::Row;
use super::schema::{FIELDS, Field, FieldName, Id, Known, LineField, Type};
use super::stored::{needs_bytes, text_of, values_in};
use super::value::Value;
use crate::record::{Kind, RecordId};
use crate::store::Snapshot;

/// The most fields of one record: hostile entries can have any number.
pub const MAX_FIELDS: usize = 2_048;

/// Keys of nft lines that have fields of their own under other names.
const NAMED_KEYS: [&str; 12] =
    ["IN", "OUT", "MAC", "SRC", "DST", "LEN", "TTL", "HOPLIMIT", "ID", "PROTO", "SPT", "DPT"];

/// A field of a record by its name, with a value.
pub type NamedValue = (Cow<'static, str>, Value<'static>);

/// The fields that a record has, each with its values one after another: those of the schema in its order, then the
/// other keys of an nft line (`nft.window`), or all fields of a journal entry as they are stored.
#[must_use]
pub fn fields(snapshot: &Snapshot, id: RecordId) -> Vec<NamedValue> {
    let Some(row) = Row::find(snapshot, id) else { return Vec::new() };
    let bytes = row.bytes().unwrap_or_default();
    let mut found = Vec::new();
    for field in FIELDS.iter().filter(|field| is_listed(field, row.kind())) {
        let mut take = |value: Value<'_>| found.push((Cow::Borrowed(field.name), value.into_owned()));
        if needs_bytes(field.id, row.kind()) {
            values_in(row.kind(), &bytes, &FieldName::Known(Known(field)), &mut take);
        } else {
            row.own_values(field.id, &mut take);
        }
    }
    match row.kind() {
        Kind::Nft => found.extend(other_keys(text_of(Kind::Nft, &bytes))),
        Kind::Journal => found.extend(journal_fields(&bytes)),
        _ => {}
    }
    found.truncate(MAX_FIELDS);
    found
}

fn is_listed(field: &Field, kind: Kind) -> bool {
    let stored = matches!(field.id, Id::Line(LineField::Journal(_)));
    !field.alias && !stored && is_shown(field.value_type) && field.kinds.contains(kind)
}

fn other_keys(text: &[u8]) -> impl Iterator<Item = NamedValue> {
    let pairs = parse::nft_fields(text).take(MAX_FIELDS);
    pairs.filter_map(|(key, value)| {
        let key = std::str::from_utf8(key).ok().filter(|key| !NAMED_KEYS.contains(key))?;
        let name = FieldName::resolve(&format!("nft.{key}"))?.name().into_owned();
        Some((Cow::Owned(name), Value::text(value).into_owned()))
    })
}

fn journal_fields(entry: &[u8]) -> impl Iterator<Item = NamedValue> {
    let pairs = parse::journal_fields(entry).take(MAX_FIELDS);
    pairs.map(|(name, value)| {
        let name = String::from_utf8_lossy(name).into_owned();
        (Cow::Owned(name), Value::text(value).into_owned())
    })
}

/// Whether a value of this type is shown as a field of its own: marks and whole frames are not.
const fn is_shown(value_type: Type) -> bool {
    !matches!(value_type, Type::Presence | Type::Bytes)
}
