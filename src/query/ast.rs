//! A checked expression.

use super::ranges::Ranges;
use super::schema::{FieldName, Kinds, Type};
use super::search::Pattern;
use super::value::Value;
use std::net::IpAddr;

/// A condition on a record.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All of them hold; with none, every record.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A field has a value that passes the test.
    Field(FieldName, Test),
    /// The difference of two times of a record, in nanoseconds, is in the ranges.
    Difference(Moment, Moment, Ranges<i64>),
}

/// A time of a record that a difference can be taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The key time.
    Key,
    /// The LogVM's time.
    Received,
    /// The sender's or the capture's time.
    Claimed,
}

impl Moment {
    /// The moment that a field of type time stands for.
    #[must_use]
    pub fn of_field(field: &FieldName) -> Option<Self> {
        match &*field.name() {
            "t" | "time" => Some(Self::Key),
            "received" => Some(Self::Received),
            "claimed" => Some(Self::Claimed),
            _ => None,
        }
    }
}

/// A test of one value.
#[derive(Clone, Debug)]
pub enum Test {
    /// There is one.
    Exists,
    /// A number, moment, duration or named number in the ranges.
    Number(Ranges<i64>),
    /// An address in the ranges.
    Address(Ranges<IpAddr>),
    /// One of the texts, or a text that reads as a number in the ranges.
    Text(Box<[Box<[u8]>]>, Option<Ranges<i64>>),
    /// A text in which the pattern occurs.
    Pattern(Pattern),
}

impl Test {
    /// Whether a value passes.
    #[must_use]
    pub fn accepts(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (_, Value::Text(text)) => self.accepts_text(text),
            (_, Value::Address(address)) => self.accepts_address(*address),
            (_, value) => value.number().is_some_and(|number| self.accepts_number(number)),
        }
    }

    /// Whether a number, moment or duration passes.
    #[inline]
    #[must_use]
    pub fn accepts_number(&self, number: i64) -> bool {
        match self {
            Self::Exists => true,
            Self::Number(ranges) => ranges.contains(number),
            _ => false,
        }
    }

    /// Whether an address passes.
    #[must_use]
    pub fn accepts_address(&self, address: IpAddr) -> bool {
        match self {
            Self::Exists => true,
            Self::Address(ranges) => ranges.contains(address),
            _ => false,
        }
    }

    /// Whether a text passes.
    #[must_use]
    pub fn accepts_text(&self, text: &[u8]) -> bool {
        match self {
            Self::Exists => true,
            Self::Text(texts, ranges) => {
                texts.iter().any(|t| **t == *text)
                    || ranges.as_ref().is_some_and(|r| number_of(text).is_some_and(|number| r.contains(number)))
            }
            Self::Pattern(pattern) => pattern.is_match(text),
            Self::Number(_) | Self::Address(_) => false,
        }
    }
}

/// The number that a text is, as logs write them: decimal, or hexadecimal after `0x`.
fn number_of(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x") {
        Some(digits) if !digits.starts_with('+') => i64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// How much work a condition is for a row, for doing the cheap ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// One look at the table or the segment.
    Segment,
    /// One look at a column.
    Column,
    /// A look at the flow or exchange of a row.
    Flow,
    /// Reading the bytes of a row.
    Bytes,
}

impl Condition {
    /// Sorts the parts of every `and` and `or` by their cost, and unnests what needs no nesting. The meaning stays.
    #[must_use]
    pub fn ordered(self) -> Self {
        match self {
            Self::All(parts) => Self::All(Self::flattened(parts, |part| match part {
                Self::All(inner) => Ok(inner),
                other => Err(other),
            })),
            Self::Any(parts) => Self::Any(Self::flattened(parts, |part| match part {
                Self::Any(inner) => Ok(inner),
                other => Err(other),
            })),
            Self::Not(inner) => match inner.ordered() {
                Self::Not(doubly) => *doubly,
                once => Self::Not(Box::new(once)),
            },
            leaf => leaf,
        }
    }

    fn flattened(parts: Vec<Self>, unnest: impl Fn(Self) -> Result<Vec<Self>, Self>) -> Vec<Self> {
        let ordered = parts.into_iter().map(Self::ordered);
        let mut flat: Vec<Self> = ordered.flat_map(|part| unnest(part).unwrap_or_else(|other| vec![other])).collect();
        flat.sort_by_key(Self::cost);
        flat
    }

    /// The cost of the dearest part.
    #[must_use]
    pub fn cost(&self) -> Cost {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).max().unwrap_or(Cost::Segment),
            Self::Not(inner) => inner.cost(),
            Self::Difference(..) => Cost::Column,
            Self::Field(field, _) => field.cost(),
        }
    }

    /// Whether the answer for packets depends on the flows, which change while they are read.
    #[must_use]
    pub fn needs_flows(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::needs_flows),
            Self::Not(inner) => inner.needs_flows(),
            Self::Difference(..) => false,
            Self::Field(field, _) => field.needs_flows(),
        }
    }
}

impl FieldName {
    /// The cost of looking at this field.
    #[must_use]
    pub fn cost(&self) -> Cost {
        use super::schema::{Id, Known, RecordField};
        let Self::Known(Known(field)) = self else { return Cost::Bytes };
        match field.id {
            Id::Record(RecordField::Qube | RecordField::Source | RecordField::Format) => Cost::Segment,
            Id::Line(_) => Cost::Bytes,
            _ if field.value_type == Type::Bytes => Cost::Bytes,
            Id::Tuple(_) | Id::Flow(_) | Id::Dns(_) => Cost::Flow,
            _ => Cost::Column,
        }
    }

    /// Whether its values for packets come from their flow.
    #[must_use]
    pub fn needs_flows(&self) -> bool {
        use super::schema::{Id, Known, LineField};
        let Self::Known(Known(field)) = self else { return false };
        let shared = matches!(field.id, Id::Tuple(_) | Id::Flow(_) | Id::Dns(_) | Id::Line(LineField::Text));
        shared && field.kinds.meets(Kinds::PACKET)
    }
}
