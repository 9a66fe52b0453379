//! Names of fields as expressions write them.

use std::borrow::Cow;

use super::{FIELDS, Field, Kinds, Type};

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
fn distance(a: &str, b: &str) -> usize {
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
