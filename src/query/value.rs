//! Values of fields, with their types.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, SecondsFormat};

use crate::decode::dns;
use crate::record::Timestamp;

/// A value of a field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Bytes as they were logged or captured: they may be anything, and printing them is the caller's care.
    Text(Cow<'a, [u8]>),
    /// A number.
    Number(u64),
    /// A number that has a name, such as a level, a protocol or a kind.
    Named(u64, &'static str),
    /// An IP address.
    Address(IpAddr),
    /// A moment.
    Time(Timestamp),
    /// Nanoseconds.
    Duration(i64),
    /// Yes or no.
    Boolean(bool),
    /// Nothing but that it is there.
    Present,
}

impl<'a> Value<'a> {
    /// A text value that borrows.
    #[must_use]
    pub const fn text(bytes: &'a [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }

    /// The same value with bytes of its own.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Value::Number(number),
            Self::Named(number, name) => Value::Named(number, name),
            Self::Address(address) => Value::Address(address),
            Self::Time(time) => Value::Time(time),
            Self::Duration(duration) => Value::Duration(duration),
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Present => Value::Present,
        }
    }

    /// The value as a number that comparisons work on: times and durations in nanoseconds, booleans as 0 and 1.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) | Self::Named(number, _) => Some(i64::try_from(*number).unwrap_or(i64::MAX)),
            Self::Time(time) => Some(time.0),
            Self::Duration(duration) => Some(*duration),
            Self::Boolean(truth) => Some(i64::from(*truth)),
            Self::Text(_) | Self::Address(_) | Self::Present => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    /// Times in RFC 3339 and UTC, durations in seconds, text with replacement characters where it is not UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&String::from_utf8_lossy(text)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Named(number, "") => write!(f, "{number}"),
            Self::Named(_, name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
            Self::Time(time) => {
                f.write_str(&DateTime::from_timestamp_nanos(time.0).to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            Self::Duration(nanoseconds) => write_seconds(f, *nanoseconds),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Present => f.write_str("yes"),
        }
    }
}

/// Writes nanoseconds as seconds that the filter language reads back, such as `-1.25s`.
fn write_seconds(f: &mut fmt::Formatter<'_>, nanoseconds: i64) -> fmt::Result {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let fraction = format!("{:09}", size % 1_000_000_000);
    match fraction.trim_end_matches('0') {
        "" => write!(f, "{sign}{}s", size / 1_000_000_000),
        digits => write!(f, "{sign}{}.{digits}s", size / 1_000_000_000),
    }
}

/// A number with its name, or plain where it has none.
#[must_use]
pub fn named(number: u64, name: Option<&'static str>) -> Value<'static> {
    name.map_or(Value::Number(number), |name| Value::Named(number, name))
}

/// A DNS record type.
#[must_use]
pub fn query_type(number: u16) -> Value<'static> {
    named(u64::from(number), dns::kind_name(number))
}

/// A DNS response code.
#[must_use]
pub fn response_code(number: u8) -> Value<'static> {
    named(u64::from(number), dns::response_code_name(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_seconds() {
        assert_eq!(Value::Duration(-1_250_000_000).to_string(), "-1.25s");
        assert_eq!(Value::Duration(3_000_000_000).to_string(), "3s");
        assert_eq!(Value::Duration(i64::MIN).to_string(), "-9223372036.854775808s");
    }

    #[test]
    fn times_read_as_utc() {
        assert_eq!(Value::Time(Timestamp::from_parts(1_754_420_042, 0)).to_string(), "2025-08-05T18:54:02Z");
        assert_eq!(Value::Time(Timestamp::MIN).to_string(), "1677-09-21T00:12:43.145224193Z");
    }
}
