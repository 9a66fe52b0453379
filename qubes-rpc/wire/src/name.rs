//! The names of qubes, the only identity that a qrexec service may trust.

use std::fmt;

use crate::limits::NAME_MAX;

/// The name of a qube as qubesd accepts it: a letter, then at most 30 letters, digits, `_`, `.` or `-`. Such a name is
/// also one harmless path component: never empty, never `.` or `..`, never hidden, without `/` and without controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QubeName(String);

impl QubeName {
    /// The name that `text` is, or `None` where no qube can be called so.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, rest) = text.as_bytes().split_first()?;
        let valid = text.len() <= NAME_MAX && first.is_ascii_alphabetic() && rest.iter().copied().all(is_name_byte);
        valid.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QubeName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_qubes_are_accepted() {
        for name in ["work", "sys-net", "disp1234", "a", "D.o_m-0", "dom0", &"a".repeat(31)] {
            assert_eq!(QubeName::parse(name).as_ref().map(QubeName::as_str), Some(name));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for name in ["", ".", "..", "../x", "1work", "-work", "_x", ".x", "a/b", "a b", "a\0", "a\n", "é", "@dispvm"] {
            assert_eq!(QubeName::parse(name), None, "{name:?}");
        }
        assert_eq!(QubeName::parse(&"a".repeat(32)), None);
    }
}
