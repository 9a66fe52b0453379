//! Text: lines, each stored with the time at which its end was received.

use std::time::SystemTime;

use logvm_wire::limits::LINE_MAX;
use logvm_wire::{marker, stamp};

use crate::dropped::Amount;
use crate::recorder::Recorder;
use crate::stop::Stop;

/// Cuts the input into lines and puts the time before each. It holds one line, of which it keeps at most [`LINE_MAX`]
/// bytes.
#[derive(Default)]
pub struct Lines {
    partial: Vec<u8>,
    cut: u64,
    /// Lines that ended so far.
    ended: u64,
    /// Bytes of the input up to the end of the last line that ended.
    whole: u64,
    /// Bytes of the input after that.
    pending: u64,
}

impl Lines {
    /// Takes bytes received at `received`, and appends the lines that end in them, stamped, to `out`.
    pub fn feed(&mut self, mut bytes: &[u8], received: SystemTime, out: &mut Vec<u8>) {
        let stamp = Prefix::new(received);
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.pending += line.len() as u64 + 1;
            self.end_line(line, received, &stamp, out);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.hold(bytes);
        self.pending += bytes.len() as u64;
    }

    /// The end of the input: what is left of it is a line too, and is marked as one that did not end.
    pub fn finish(&mut self, received: SystemTime, out: &mut Vec<u8>) {
        if self.pending > 0 {
            self.end_line(&[], received, &Prefix::new(received), out);
            out.extend(marker::line(received, "the line above ends without a newline"));
        }
    }

    /// What has ended so far.
    pub fn ended(&self) -> Amount {
        Amount { bytes: self.whole, lines: self.ended }
    }

    fn end_line(&mut self, line: &[u8], received: SystemTime, stamp: &Prefix, out: &mut Vec<u8>) {
        out.extend_from_slice(&stamp.0);
        if self.partial.is_empty() && line.len() <= LINE_MAX {
            out.extend_from_slice(line);
        } else {
            self.hold(line);
            out.append(&mut self.partial);
        }
        out.push(b'\n');
        if self.cut > 0 {
            out.extend(marker::line(received, &format!("cut {} bytes of the line above", self.cut)));
        }
        self.cut = 0;
        self.ended += 1;
        self.whole += std::mem::take(&mut self.pending);
    }

    fn hold(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LINE_MAX.saturating_sub(self.partial.len()));
        self.partial.extend_from_slice(bytes.get(..kept).unwrap_or_default());
        self.cut += (bytes.len() - kept) as u64;
    }
}

/// `<received>` TAB.
struct Prefix([u8; stamp::RFC3339_LEN + 1]);

impl Prefix {
    fn new(received: SystemTime) -> Self {
        let mut bytes = [b'\t'; stamp::RFC3339_LEN + 1];
        for (target, byte) in bytes.iter_mut().zip(stamp::rfc3339_micros(received)) {
            *target = byte;
        }
        Self(bytes)
    }
}

/// Stores lines.
#[derive(Default)]
pub struct LineIntake {
    lines: Lines,
    out: Vec<u8>,
    accepted: u64,
}

impl LineIntake {
    /// Stores the lines that end in `bytes`. Near the quota, they are taken one by one, so that as many fit as can.
    pub fn take(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        if recorder.room()? > most(bytes) {
            return self.store(bytes, received, recorder);
        }
        bytes.split_inclusive(|&byte| byte == b'\n').try_for_each(|line| self.store(line, received, recorder))
    }

    /// Stores the line that did not end, and says what was dropped.
    pub fn finish(&mut self, received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let before = self.lines.ended();
        self.lines.finish(received, &mut self.out);
        self.flush(before, received, recorder)
    }

    /// Bytes of the input whose lines are stored.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    fn store(&mut self, bytes: &[u8], received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let before = self.lines.ended();
        self.lines.feed(bytes, received, &mut self.out);
        self.flush(before, received, recorder)
    }

    fn flush(&mut self, before: Amount, received: SystemTime, recorder: &mut Recorder) -> Result<(), Stop> {
        let ended = self.lines.ended();
        if self.out.is_empty() {
            return Ok(());
        }
        if recorder.is_full() {
            recorder.close()?;
        }
        let amount = Amount { bytes: ended.bytes - before.bytes, lines: ended.lines - before.lines };
        recorder.append(received, &self.out, amount)?;
        self.out.clear();
        self.accepted = ended.bytes;
        Ok(())
    }
}

/// More than `bytes` can become: a stamp for each line, the line that began before, and the markers around it.
fn most(bytes: &[u8]) -> u64 {
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
    (bytes.len() + (lines + 1) * (stamp::RFC3339_LEN + 1) + 4 * LINE_MAX) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STAMP: &str = "1970-01-01T00:00:01.000000Z";

    fn stored(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut lines, mut out, at) = (Lines::default(), Vec::new(), stamp::from_micros(1_000_000));
        for piece in pieces {
            lines.feed(piece, at, &mut out);
        }
        lines.finish(at, &mut out);
        out
    }

    #[test]
    fn each_line_gets_its_time() {
        assert_eq!(stored(&[b"a\n\nb\r\n"]), format!("{STAMP}\ta\n{STAMP}\t\n{STAMP}\tb\r\n").as_bytes());
    }

    #[test]
    fn a_long_line_is_cut_and_counted() {
        let long = [vec![b'x'; LINE_MAX + 5], b"\nafter\n".to_vec()].concat();
        let whole = "x".repeat(LINE_MAX);
        let expected = format!("{STAMP}\t{whole}\n{STAMP} logvm: cut 5 bytes of the line above\n{STAMP}\tafter\n");
        assert_eq!(stored(&[&long]), expected.as_bytes());
        assert_eq!(stored(&long.chunks(1000).collect::<Vec<_>>()), expected.as_bytes());
        let exact = [vec![b'x'; LINE_MAX], b"\n".to_vec()].concat();
        assert_eq!(stored(&[&exact]), format!("{STAMP}\t{whole}\n").as_bytes());
    }

    #[test]
    fn a_line_without_end_is_marked() {
        let expected = format!("{STAMP}\ta\n{STAMP} logvm: the line above ends without a newline\n");
        assert_eq!(stored(&[b"a"]), expected.as_bytes());
        assert_eq!(stored(&[b""]), b"");
    }

    proptest! {
        #[test]
        fn where_the_input_is_cut_changes_nothing(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..300),
            size in 1_usize..50,
        ) {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(stored(&pieces), stored(&[&bytes]));
        }
    }
}
