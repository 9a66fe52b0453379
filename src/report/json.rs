//! JSON that is safe to print: characters that a terminal could obey, hide or reorder are written as `\u` escapes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::escape;

/// Writes `value` as one line of JSON.
///
/// # Errors
/// When `out` fails.
pub fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Safe)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Compact JSON with escapes for everything that is not plainly printable.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, character) in fragment.char_indices().filter(|(_, c)| !escape::is_plain(*c)) {
            out.write_all(&fragment.as_bytes()[plain..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_reads_back() {
        let text = "a\u{1b}[2J \u{9b}1m \u{202e}txt \u{200b}é \u{e0041}\u{fffe}\"\\";
        let mut out = Vec::new();
        write_line(&text, &mut out).expect("writing to memory works");
        let line = String::from_utf8(out).expect("JSON is UTF-8");
        assert_eq!(line, "\"a\\u001b[2J \\u009b1m \\u202etxt \\u200bé \\udb40\\udc41\\ufffe\\\"\\\\\"\n");
        assert_eq!(serde_json::from_str::<String>(&line).expect("it is JSON"), text);
    }
}
