//! The `NAME=value` fields of an nf_log line, in order.

use memchr::{memchr, memchr_iter};

use super::super::scan::until_blank;

/// Where `IN=` stands in a message that has `IN=<interface> OUT=` in it; a prefix may be glued to it.
pub(super) fn start(message: &[u8]) -> Option<usize> {
    memchr_iter(b'=', message).find_map(|equals| {
        let start = equals.checked_sub(2)?;
        let value = message.get(equals + 1..)?;
        let end = until_blank(value);
        let interface = value.get(..end)?;
        let header = message.get(start..equals)? == b"IN" && value.get(end..)?.starts_with(b" OUT=");
        (header && !interface.contains(&b'=')).then_some(start)
    })
}

/// The fields of a kernel message that is an nf_log line, from `IN` on; nothing for other messages.
///
/// Flags such as `SYN` or `DF` come with an empty value. `LEN` comes a second time for UDP, with the length of the
/// datagram. The packet that an ICMP error quotes in brackets comes whole, as a field without a name. `OPT (…)` and
/// `INCOMPLETE [… bytes]` come with what stands in the brackets.
#[must_use]
pub fn fields(message: &[u8]) -> Fields<'_> {
    let message = message.get(..super::MAX_MESSAGE).unwrap_or(message);
    Fields::at(message, start(message).unwrap_or(message.len()))
}

/// Iterates over the fields of an nf_log line; made by [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn at(message: &'a [u8], start: usize) -> Self {
        Self { rest: message.get(start..).unwrap_or_default() }
    }

    /// What stands up to `close`, or up to the end where it is missing.
    fn bracket(&mut self, close: u8) -> &'a [u8] {
        let end = memchr(close, self.rest).unwrap_or(self.rest.len());
        let (inside, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        inside
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if let [b'[', rest @ ..] = self.rest {
            self.rest = rest;
            return Some((b"", self.bracket(b']').trim_ascii()));
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'=' | b' ' | b':')).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        match rest {
            [] if name.is_empty() => None,
            [b'=' | b':', value @ ..] => {
                let (value, rest) = value.split_at(until_blank(value));
                self.rest = rest;
                Some((name, value))
            }
            _ => {
                self.rest = rest;
                Some((name, self.value_in_brackets(name)))
            }
        }
    }
}

impl<'a> Fields<'a> {
    fn value_in_brackets(&mut self, name: &[u8]) -> &'a [u8] {
        match (name, self.rest) {
            (b"OPT", [b' ', b'(', rest @ ..]) => {
                self.rest = rest;
                self.bracket(b')').trim_ascii()
            }
            (b"INCOMPLETE", [b' ', b'[', rest @ ..]) => {
                self.rest = rest;
                self.bracket(b']').trim_ascii()
            }
            _ => b"",
        }
    }
}
