//! What text to look for, in filters and in searches.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::Error;

/// The most places that are found in one text, to bound the work for the screen.
pub const MAX_HITS: usize = 1_000;
/// Memory that a compiled regular expression may take, in bytes; larger ones are refused.
const MAX_REGEX: usize = 1 << 20;
/// Memory that a running regular expression may take for its cache, in bytes.
const MAX_REGEX_CACHE: usize = 2 << 20;
/// How deep groups of a regular expression may nest.
const MAX_REGEX_DEPTH: u32 = 64;

/// Something to look for in the bytes of records.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    within_lines: bool,
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are the same.
    Ignore,
    /// They differ when the text to look for has a capital letter.
    Smart,
}

impl Pattern {
    /// Looks for `text` itself. Only ASCII letters have their case ignored.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn literal(text: &str, case: Case) -> Result<Self, Error> {
        let smart = case == Case::Smart && !text.chars().any(char::is_uppercase);
        let ignore = case == Case::Ignore || smart;
        let within_lines = !text.contains('\n');
        let regex = build(&regex::escape(text), |builder| builder.unicode(false).case_insensitive(ignore));
        Ok(Self { regex: regex.map_err(|error| explain(&error, text))?, within_lines })
    }

    /// Looks for the regular expression `source` (syntax of the `regex` crate; `^` and `$` are the ends of a record).
    ///
    /// # Errors
    /// When it is no regular expression, or too large.
    pub fn regex(source: &str, case: Case) -> Result<Self, Error> {
        let smart = case == Case::Smart && !source.chars().any(char::is_uppercase);
        let regex = build(source, |builder| builder.case_insensitive(case == Case::Ignore || smart));
        let regex = regex.map_err(|error| explain(&error, source))?;
        Ok(Self { regex, within_lines: stays_in_line(source) })
    }

    /// Whether it occurs in `bytes`.
    #[must_use]
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }

    /// Where it occurs in `text`, for highlighting: at most [`MAX_HITS`] places, none of them empty.
    #[must_use]
    pub fn find_in(&self, text: &str) -> Vec<Range<usize>> {
        let places = self.regex.find_iter(text.as_bytes()).map(|hit| hit.range());
        let whole = |place: &Range<usize>| text.is_char_boundary(place.start) && text.is_char_boundary(place.end);
        places.filter(|place| !place.is_empty() && whole(place)).take(MAX_HITS).collect()
    }

    /// The first occurrence that starts at or after `from`, which must not be beyond the end.
    pub(super) fn find_at(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        self.regex.find_at(bytes, from).map(|hit| hit.range())
    }

    /// Whether it can be looked for in many lines at once: no occurrence reaches over the end of a line or depends
    /// on what is before or behind it.
    pub(super) const fn within_lines(&self) -> bool {
        self.within_lines
    }
}

fn build(source: &str, options: impl FnOnce(&mut RegexBuilder) -> &mut RegexBuilder) -> Result<Regex, regex::Error> {
    let mut builder = RegexBuilder::new(source);
    options(&mut builder);
    builder.size_limit(MAX_REGEX).dfa_size_limit(MAX_REGEX_CACHE).nest_limit(MAX_REGEX_DEPTH).build()
}

/// Whether `source` is made of parts only that match no newline and look at nothing around them. Says no too often
/// rather than too rarely.
fn stays_in_line(source: &str) -> bool {
    let mut bytes = source.bytes();
    while let Some(byte) = bytes.next() {
        let known = match byte {
            b'\\' => bytes.next().is_some_and(|b| matches!(b, b'd' | b'w') || b.is_ascii_punctuation()),
            b'^' | b'$' | b'[' => false,
            b'(' => bytes.clone().next() != Some(b'?'),
            byte => byte >= b' ',
        };
        if !known {
            return false;
        }
    }
    true
}

/// The message of the regex crate in one line.
fn explain(error: &regex::Error, source: &str) -> Error {
    let message = match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
        error => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("no regular expression: {reason}")
        }
    };
    Error { at: 0..source.len(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smart_case_minds_capitals_only_where_there_are_any() {
        let matches =
            |pattern: &str, text: &str| Pattern::literal(pattern, Case::Smart).unwrap().is_match(text.as_bytes());
        assert!(matches("curl", "CURL failed"));
        assert!(!matches("Curl", "CURL failed"));
        assert!(matches("a.b", "xA.By") && !matches("a.b", "axb"));
        assert!(matches("é", "café") && !matches("é", "cafÉ"));
    }

    #[test]
    fn hits_have_their_places() {
        let pattern = Pattern::regex("o+|$", Case::Sensitive).unwrap();
        assert_eq!(pattern.find_in("foo bo"), [1..3, 5..6]);
    }

    #[test]
    fn huge_regular_expressions_are_refused() {
        for source in ["(a{1000}){1000}", &"(".repeat(200), r"\w{5000}", "a**("] {
            assert!(Pattern::regex(source, Case::Sensitive).is_err(), "{source}");
        }
    }

    #[test]
    fn only_plain_patterns_are_looked_for_in_many_lines_at_once() {
        for plain in ["curl", "a.*b", "(ab|c)+", r"\d+\.\w", "x{2,3}?"] {
            assert!(stays_in_line(plain), "{plain}");
        }
        for other in ["^a", "a$", r"a\sb", "[^a]", r"\bx", "(?s).", r"\n", "a\nb", r"\W", r"\PL", r"\"] {
            assert!(!stays_in_line(other), "{other}");
        }
    }
}
