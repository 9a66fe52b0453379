//! The one table of fields that parsing, completion, help and every output use.

use std::borrow::Cow;

use crate::record::Kind;

mod table;

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

/// How a field is found in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    /// A property that every record has in a column or from its table.
    Record(RecordField),
    /// Something in the bytes of a record.
    Line(LineField),
    /// The prefix of an nft line.
    NftPrefix,
    /// A mark of an nft line: any, or one whose prefix says `new`.
    NftMark { new: bool },
    /// From addresses and ports.
    Tuple(TupleField),
    /// From the IP or TCP header.
    Header(HeaderField),
    /// From the frame.
    Frame(FrameField),
    /// From the flow.
    Flow(FlowField),
    /// From a DNS exchange.
    Dns(DnsField),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordField {
    Key,
    Received,
    Claimed,
    Kind,
    Qube,
    Source,
    Format,
    Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineField {
    Text,
    Message,
    Host,
    App,
    Pid,
    /// A key of an nft line.
    Key(&'static str),
    /// A field of a journal entry.
    Journal(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TupleField {
    Source,
    Destination,
    Address,
    Protocol,
    /// A port at the given ends, of the given protocol or any that has ports.
    Port(Ends, Option<u8>),
    /// The echo identifier of ICMP.
    EchoId,
    /// Has this protocol.
    Has(u8),
    /// Has addresses of IP version 4 (else 6).
    Version4(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Source,
    Destination,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderField {
    Id,
    Length,
    Ttl,
    Flags,
    /// One flag of the TCP header.
    Flag(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameField {
    Length,
    Captured,
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlowField {
    Packets,
    Bytes,
    Duration,
    Outcome,
    Name,
    ServerName,
    CommunityId,
    Tls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DnsField {
    Any,
    Name,
    Type,
    ResponseCode,
    Address,
    Id,
    Time,
}

/// The field with this name, which ASCII case does not change.
#[must_use]
pub fn find(name: &str) -> Option<&'static Field> {
    let exact = FIELDS.binary_search_by(|field| field.name.cmp(name)).ok().and_then(|place| FIELDS.get(place));
    exact.or_else(|| FIELDS.iter().find(|field| field.name.contains('.') && field.name.eq_ignore_ascii_case(name)))
}

/// A field as an expression names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// A field of the table.
    Known(Known),
    /// A key of nft lines that is not in the table.
    NftKey(Box<str>),
    /// A field of journal entries that is not in the table.
    Journal(Box<str>),
}

/// A field of the table; two are equal when their names are.
#[derive(Clone, Copy, Debug)]
pub struct Known(pub &'static Field);

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Known {}

impl FieldName {
    /// The field that `name` names: one of the table, `nft.KEY`, or a journal field in capitals.
    #[must_use]
    pub fn resolve(name: &str) -> Option<Self> {
        if let Some(field) = find(name) {
            return Some(Self::Known(Known(field)));
        }
        if let Some(key) = name.strip_prefix("nft.") {
            let valid =
                !key.is_empty() && key.len() <= 32 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            return valid.then(|| Self::NftKey(key.to_ascii_uppercase().into()));
        }
        is_journal_field(name).then(|| Self::Journal(name.into()))
    }

    /// What its values are.
    #[must_use]
    pub const fn value_type(&self) -> Type {
        match self {
            Self::Known(Known(field)) => field.value_type,
            Self::NftKey(_) | Self::Journal(_) => Type::Any,
        }
    }

    /// Which kinds of records can have it.
    #[must_use]
    pub const fn kinds(&self) -> Kinds {
        match self {
            Self::Known(Known(field)) => field.kinds,
            Self::NftKey(_) => Kinds::NFT,
            Self::Journal(_) => Kinds::JOURNAL,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Known(Known(field)) => field.name.into(),
            Self::NftKey(key) => format!("nft.{}", key.to_ascii_lowercase()).into(),
            Self::Journal(name) => Cow::Borrowed(name),
        }
    }
}

/// Whether `name` can be a field of a journal entry: capitals, digits and underscores, no digit first, at most 64
/// characters (systemd.journal-fields(7), sd_journal_send(3)).
#[must_use]
pub fn is_journal_field(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let starts = name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    starts && name.len() <= 64 && name.bytes().all(allowed)
}

/// The field whose name is nearest to `name`, if one is near: a slip of few letters, or the end of a dotted name.
#[must_use]
pub fn suggest(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > 48 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let tail = |field: &&Field| field.name.strip_suffix(&*name).is_some_and(|head| head.ends_with('.'));
    let nearest = FIELDS.iter().map(|field| (distance(&name, &field.name.to_ascii_lowercase()), field.name)).min()?;
    let near = nearest.0 <= (name.len() / 4).clamp(1, 3);
    near.then_some(nearest.1).or_else(|| FIELDS.iter().find(tail).map(|field| field.name))
}

/// How many single letters have to be changed, added or removed, or neighbours swapped, to turn `a` into `b`
/// (optimal string alignment).
#[must_use]
pub(super) fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut line = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(line[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            line.push(cost);
        }
        before = std::mem::replace(&mut last, line);
    }
    last[b.len()]
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
