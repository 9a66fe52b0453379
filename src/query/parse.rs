//! The parts of a stored line or entry that have no column, from the decoders.

use crate::decode::text::{Line, parse_line};
use crate::decode::time::Hints;
use crate::decode::{journal, nft};
use crate::record::Timestamp;

/// Takes a line apart. Its times have columns, so nothing needs to be known of its source; but a time without a year
/// is only known as one where some year is given.
pub fn line(text: &[u8]) -> Line<'_> {
    const ANY_YEAR: Hints = Hints { date: None, modified: Some(Timestamp(0)), zone_offset_seconds: 0 };
    parse_line(text, &ANY_YEAR)
}

/// The keys of an nft line with their values; a key without `=` (such as `DF`, `SYN`) has an empty value.
pub fn nft_fields(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    nft::fields(line(text).message).filter(|(name, _)| !name.is_empty())
}

/// The fields of an entry of a journal export.
pub fn journal_fields(entry: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    journal::fields(entry)
}

/// A decimal number of at most 32 bits.
pub fn number(text: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}
