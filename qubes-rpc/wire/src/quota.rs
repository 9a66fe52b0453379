//! Quotas: how much of the LogVM's disk an origin may fill.
//!
//! The file of settings has one line for each origin, `<name> <size>`, and `*` for all others; sizes are bytes, or have
//! one of the suffixes `K M G T` (powers of 1024). Empty lines and lines that begin with `#` say nothing.

use std::collections::BTreeMap;

use crate::limits::QUOTA_DEFAULT;
use crate::{QubeName, ack};

/// Where the settings are, below the home directory of the LogVM's user.
pub const FILE: &str = ".config/logvm/quotas";

/// The quota of every origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    default: u64,
    named: BTreeMap<QubeName, u64>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { default: QUOTA_DEFAULT, named: BTreeMap::new() }
    }
}

impl Quotas {
    /// The quotas that `text` sets, or the number (from 1) of the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut quotas = Self::default();
        for (index, line) in text.lines().enumerate() {
            quotas.set(line.trim()).ok_or(index + 1)?;
        }
        Ok(quotas)
    }

    /// The quota of `origin`, in bytes.
    pub fn of(&self, origin: &QubeName) -> u64 {
        self.named.get(origin).copied().unwrap_or(self.default)
    }

    fn set(&mut self, line: &str) -> Option<()> {
        if line.is_empty() || line.starts_with('#') {
            return Some(());
        }
        let (name, amount) = line.split_once(char::is_whitespace)?;
        let amount = size(amount.trim_start())?;
        if name == "*" {
            self.default = amount;
        } else {
            self.named.insert(QubeName::parse(name)?, amount);
        }
        Some(())
    }
}

/// A size as the file of settings writes it, in bytes.
pub fn size(text: &str) -> Option<u64> {
    let shift = match text.as_bytes().last()? {
        b'K' => 10,
        b'M' => 20,
        b'G' => 30,
        b'T' => 40,
        _ => return ack::decimal(text.as_bytes()),
    };
    ack::decimal(text.get(..text.len() - 1)?.as_bytes())?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(quotas: &Quotas, name: &str) -> u64 {
        quotas.of(&QubeName::parse(name).unwrap())
    }

    #[test]
    fn the_most_particular_line_counts() {
        let quotas = Quotas::parse("# LogVM\n\n* 2G\nsys-net\t10G \n work 4096\n").unwrap();
        assert_eq!((of(&quotas, "sys-net"), of(&quotas, "work")), (10 << 30, 4096));
        assert_eq!(of(&quotas, "else"), 2 << 30);
        assert_eq!(of(&Quotas::default(), "else"), QUOTA_DEFAULT);
    }

    #[test]
    fn wrong_lines_are_named() {
        for line in ["work", "work x", "work -1", "../x 1", "work 99999999999T", "work 1 G", "work é", "* "] {
            assert_eq!(Quotas::parse(&format!("* 1G\n{line}\n")), Err(2), "{line:?}");
        }
    }
}
