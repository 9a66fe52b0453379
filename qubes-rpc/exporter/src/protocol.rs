//! What is said on a call besides the log itself.

use logvm_wire::ack;

/// Longest line that is waited for in an answer.
const ANSWER_LINE_MAX: usize = 64;

/// Reads acknowledgements from what the LogVM answers. Its bytes are not trusted: a line of another form, or one without
/// end, is an error and ends the call.
#[derive(Debug, Default)]
pub struct Answers {
    line: Vec<u8>,
}

/// The LogVM answered something that is no acknowledgement.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAnAcknowledgement;

impl Answers {
    /// Takes the next bytes of the answer; gives the highest count of bytes that they acknowledge.
    pub fn read(&mut self, untrusted: &[u8]) -> Result<Option<u64>, NotAnAcknowledgement> {
        let mut highest = None;
        for part in untrusted.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + part.len() > ANSWER_LINE_MAX {
                return Err(NotAnAcknowledgement);
            }
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                highest = highest.max(Some(ack::parse(&self.line).ok_or(NotAnAcknowledgement)?));
                self.line.clear();
            }
        }
        Ok(highest)
    }
}

/// Makes bytes from elsewhere safe for a log line of our own: printable ASCII, at most `max` bytes.
pub fn printable(untrusted: &[u8], max: usize) -> String {
    let safe = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '_' };
    untrusted.trim_ascii().iter().take(max).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_may_come_in_pieces_and_in_bunches() {
        let mut answers = Answers::default();
        assert_eq!(answers.read(b"ack 1"), Ok(None));
        assert_eq!(answers.read(b"0\nack 20\nack 3"), Ok(Some(20)));
        assert_eq!(answers.read(b"0\n"), Ok(Some(30)));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [&b"nak 3\n"[..], b"\n", b"ack -1\n", b"ack 99999999999999999999999\n", &[b'a'; 100]] {
            assert_eq!(Answers::default().read(bad), Err(NotAnAcknowledgement), "{bad:?}");
        }
    }

    #[test]
    fn foreign_bytes_become_printable() {
        assert_eq!(printable(b"\x1b[31mred\xff\n", 100), "_[31mred_");
        assert_eq!(printable(&[b'a'; 1000], 3), "aaa");
    }
}
