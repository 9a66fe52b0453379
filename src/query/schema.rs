//! The one table of fields that parsing, completion, help and every output use.

use crate::record::Kind;

mod id;
mod name;
mod table;

pub(super) use id::{DnsField, Ends, FlowField, FrameField, HeaderField, Id, LineField, RecordField, TupleField};
pub use name::{FieldName, Known, find, is_journal_field, suggest};
pub use table::FIELDS;

/// A field that records can have.
#[derive(Debug)]
pub struct Field {
    /// Its name in expressions and output.
    pub name: &'static str,
    /// What its values are.
    pub value_type: Type,
    /// Which kinds of records can have it.
    pub kinds: Kinds,
    /// Another name of a field that is in the table too; output leaves it out.
    pub alias: bool,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// How it is found in a record.
    pub(super) id: Id,
}

/// What the values of a field are, and so what they can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// It is there or not; it has no value to compare.
    Presence,
    /// An IP address; compared with addresses and networks.
    Address,
    /// A number; decimal, hexadecimal (`0x1f`), or with a size suffix (`4k`, `2MiB`).
    Number,
    /// Text; compared byte by byte.
    Text,
    /// Bytes of a packet; searched like text.
    Bytes,
    /// A moment.
    Time,
    /// A stretch of time (`5s`, `100ms`).
    Duration,
    /// `true` or `false`.
    Boolean,
    /// A severity by name or number; lower is worse.
    Level,
    /// A kind of record by name.
    Kind,
    /// An outcome of a flow by name.
    Outcome,
    /// An IP protocol by name or number.
    Protocol,
    /// A DNS record type by name or number.
    QueryType,
    /// A DNS response code by name or number.
    ResponseCode,
    /// Text that may be a number: compared as a number with numbers, as text with text.
    Any,
}

impl Type {
    /// The type in a word, for help and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presence => "mark",
            Self::Address => "address",
            Self::Number => "number",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Boolean => "true or false",
            Self::Level => "level",
            Self::Kind => "kind",
            Self::Outcome => "outcome",
            Self::Protocol => "protocol",
            Self::QueryType => "DNS type",
            Self::ResponseCode => "DNS response code",
            Self::Any => "text or number",
        }
    }

    /// Whether its values are bytes that can be searched.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Bytes | Self::Any)
    }
}

/// A set of kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// Lines of text logs.
    pub const TEXT: Self = Self::of(Kind::Text);
    /// nf_log lines.
    pub const NFT: Self = Self::of(Kind::Nft);
    /// Journal entries.
    pub const JOURNAL: Self = Self::of(Kind::Journal);
    /// Packets.
    pub const PACKET: Self = Self::of(Kind::Packet);
    /// Flows.
    pub const FLOW: Self = Self::of(Kind::Flow);
    /// DNS exchanges.
    pub const DNS: Self = Self::of(Kind::Dns);
    /// Everything that comes from a log.
    pub const ENTRIES: Self = Self::TEXT.and(Self::NFT).and(Self::JOURNAL);
    /// Everything that has addresses.
    pub const NETWORK: Self = Self::NFT.and(Self::PACKET).and(Self::FLOW).and(Self::DNS);
    /// Every kind.
    pub const ALL: Self = Self::ENTRIES.and(Self::NETWORK);

    /// Only `kind`.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self(1 << kind as u8)
    }

    /// The kinds of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `kind` is in the set.
    #[must_use]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// Whether the sets have a kind in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_are_unique() {
        for pair in FIELDS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
    }

    #[test]
    fn every_alias_stands_for_a_field_of_the_table() {
        for alias in FIELDS.iter().filter(|field| field.alias) {
            assert!(FIELDS.iter().any(|f| !f.alias && f.id == alias.id && f.kinds == alias.kinds), "{}", alias.name);
        }
    }

    #[test]
    fn every_field_has_a_sentence() {
        for field in FIELDS {
            assert!(field.doc.ends_with('.') && field.doc.len() > 10, "{}", field.name);
        }
    }

    #[test]
    fn names_resolve() {
        for name in ["ip.addr", "IP.Addr", "nft.WINDOW", "nft.spt", "_COMM", "XYZ_1", "tls.sni"] {
            assert!(FieldName::resolve(name).is_some(), "{name}");
        }
        for name in ["ip.adr", "nft.", "nft.a-b", "comm", "1ABC", "", "Link"] {
            assert!(FieldName::resolve(name).is_none(), "{name}");
        }
    }

    #[test]
    fn slips_are_mended() {
        assert_eq!(suggest("ip.adr"), Some("ip.addr"));
        assert_eq!(suggest("prot"), Some("port"));
        assert_eq!(suggest("sni"), Some("tls.sni"));
        assert_eq!(suggest("prefix"), Some("nft.prefix"));
        assert_eq!(suggest("entirely.else"), None);
    }
}
