//! Acknowledgements: how a collector tells an exporter what it need not send again.
//!
//! A line `ack <bytes>` says that the first `bytes` bytes of this call's standard input are on disk. The numbers of one
//! call only grow; only the last one matters.

/// The acknowledgement of the first `bytes` bytes, with its newline.
pub fn format(bytes: u64) -> String {
    format!("ack {bytes}\n")
}

/// The number that a line acknowledges, with or without its newline; `None` where it is no acknowledgement.
pub fn parse(line: &[u8]) -> Option<u64> {
    let digits = line.strip_suffix(b"\n").unwrap_or(line).strip_prefix(b"ack ")?;
    decimal(digits)
}

/// A number written with digits only, and without leading zeros.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    let canonical = digits.iter().all(u8::is_ascii_digit) && (digits == b"0" || !digits.starts_with(b"0"));
    if !canonical {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_survives_the_wire() {
        for bytes in [0, 1, 4096, u64::MAX] {
            assert_eq!(parse(format(bytes).as_bytes()), Some(bytes));
        }
        assert_eq!(parse(b"ack 12"), Some(12));
    }

    #[test]
    fn nothing_else_is_one() {
        for line in ["", "ack", "ack ", "ack -1", "ack +1", "ack 01", "ack 1 ", "ACK 1", "ack 1\n\n", "ack 1\r\n"] {
            assert_eq!(parse(line.as_bytes()), None, "{line:?}");
        }
        assert_eq!(parse(b"ack 18446744073709551616"), None);
    }
}
