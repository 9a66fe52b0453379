//! Splits the journal export format into entries.
//!
//! Only the ends of entries and the few fields of [`Facts`] are looked at; the bytes go on as they came. A field is
//! `NAME=text\n`, or `NAME\n`, a length of 8 bytes (little-endian), as many bytes, `\n`; an empty line ends an entry
//! (<https://systemd.io/JOURNAL_EXPORT_FORMATS/>).

use super::own::Facts;

/// Finds entries in bytes that come in any pieces, in bounded memory.
#[derive(Debug)]
pub struct EntrySplitter {
    entry: Vec<u8>,
    /// Where the field that is being read starts in `entry`.
    field: usize,
    state: State,
    limit: usize,
    /// Bytes of fields that were too long to keep.
    omitted: u64,
    facts: Facts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a line: a text field, the name of a binary one, or the end of the entry.
    Line,
    /// In a line that is too long to keep.
    LongLine,
    /// In the length of a binary field, with so many bytes to come.
    Length(u8),
    /// In a binary field, with so many bytes to come, its newline included.
    Data(u64),
    /// In a binary field that is too long to keep.
    LongData(u64),
}

impl EntrySplitter {
    /// Entries longer than `limit` bytes lose the fields that do not fit; `LOGVM_OMITTED_BYTES` says how much.
    pub fn new(limit: usize) -> Self {
        EntrySplitter { entry: Vec::new(), field: 0, state: State::Line, limit, omitted: 0, facts: Facts::default() }
    }

    /// Takes the next bytes and gives each entry that they complete.
    pub fn feed(&mut self, mut bytes: &[u8], each: &mut impl FnMut(&[u8], &Facts)) {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Line | State::LongLine => self.line(bytes, each),
                State::Length(missing) => self.length(bytes, missing),
                State::Data(missing) | State::LongData(missing) => self.data(bytes, missing),
            };
            bytes = &bytes[used..];
        }
    }

    /// Forgets an entry that was begun: the source starts again.
    pub fn reset(&mut self) {
        *self = EntrySplitter::new(self.limit);
    }

    fn line(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8], &Facts)) -> usize {
        let newline = bytes.iter().position(|byte| *byte == b'\n');
        let used = newline.map_or(bytes.len(), |at| at + 1);
        let was_long = self.state == State::LongLine;
        if !self.keep(&bytes[..used]) {
            self.state = State::LongLine;
        }
        if newline.is_some() {
            match was_long || self.state == State::LongLine {
                true => self.state = State::Line,
                false => self.line_ended(each),
            }
        }
        used
    }

    fn line_ended(&mut self, each: &mut impl FnMut(&[u8], &Facts)) {
        let line = &self.entry[self.field..self.entry.len() - 1];
        if line.is_empty() {
            self.entry_ended(each);
        } else if let Some(equals) = line.iter().position(|byte| *byte == b'=') {
            self.facts.note(&line[..equals], &line[equals + 1..]);
            self.field = self.entry.len();
        } else {
            self.state = State::Length(8);
        }
    }

    fn entry_ended(&mut self, each: &mut impl FnMut(&[u8], &Facts)) {
        if self.omitted > 0 {
            self.entry.pop();
            self.entry.extend(format!("LOGVM_OMITTED_BYTES={}\n\n", self.omitted).bytes());
        }
        if self.entry.len() > 1 {
            each(&self.entry, &self.facts);
        }
        self.entry.clear();
        (self.field, self.omitted, self.facts) = (0, 0, Facts::default());
    }

    fn length(&mut self, bytes: &[u8], missing: u8) -> usize {
        let used = bytes.len().min(usize::from(missing));
        self.entry.extend_from_slice(&bytes[..used]);
        let missing = missing - used as u8;
        self.state = State::Length(missing);
        if missing == 0 {
            let length = self.entry.last_chunk::<8>().map_or(0, |length| u64::from_le_bytes(*length));
            self.state = State::Data(length.saturating_add(1));
        }
        used
    }

    fn data(&mut self, bytes: &[u8], missing: u64) -> usize {
        let used = bytes.len().min(usize::try_from(missing).unwrap_or(usize::MAX));
        let missing = missing - used as u64;
        let long = matches!(self.state, State::LongData(_)) || missing > self.limit as u64;
        let kept = match long {
            true => self.omit(used),
            false => self.keep(&bytes[..used]),
        };
        self.state = if kept { State::Data(missing) } else { State::LongData(missing) };
        if missing == 0 {
            self.state = State::Line;
            self.field = self.entry.len();
        }
        used
    }

    /// Appends a part of a field, or gives the whole field up where the entry becomes too long.
    fn keep(&mut self, part: &[u8]) -> bool {
        let ends_entry = part == b"\n" && self.field == self.entry.len();
        if self.state == State::LongLine || (self.entry.len() + part.len() > self.limit && !ends_entry) {
            return self.omit(part.len());
        }
        self.entry.extend_from_slice(part);
        true
    }

    fn omit(&mut self, count: usize) -> bool {
        self.omitted += (self.entry.len() - self.field + count) as u64;
        self.entry.truncate(self.field);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(limit: usize, pieces: &[&[u8]]) -> Vec<(Vec<u8>, Facts)> {
        let mut splitter = EntrySplitter::new(limit);
        let mut entries = Vec::new();
        for piece in pieces {
            splitter.feed(piece, &mut |entry, facts| entries.push((entry.to_vec(), facts.clone())));
        }
        entries
    }

    fn binary(name: &str, data: &[u8]) -> Vec<u8> {
        [name.as_bytes(), b"\n", &(data.len() as u64).to_le_bytes(), data, b"\n"].concat()
    }

    #[test]
    fn entries_are_found_in_any_pieces() {
        let first = [b"__CURSOR=s=1;i=1\n_PID=7\n".to_vec(), binary("MESSAGE", b"a\n\nb=\n"), b"\n".to_vec()].concat();
        let second = b"__CURSOR=s=1;i=2\nMESSAGE=x\n\n".to_vec();
        let all = [first.clone(), second.clone()].concat();
        for size in 1..=all.len() {
            let pieces: Vec<&[u8]> = all.chunks(size).collect();
            let entries = split(1000, &pieces);
            assert_eq!(entries.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>(), [&*first, &*second]);
            assert_eq!(entries[0].1.cursor.as_deref(), Some("s=1;i=1"));
            assert_eq!(entries[0].1.pid, Some(7));
        }
    }

    #[test]
    fn a_field_inside_binary_data_is_not_believed() {
        let entry = [binary("MESSAGE", b"\n__CURSOR=forged\n_PID=1\n\n"), b"__CURSOR=real\n\n".to_vec()].concat();
        let entries = split(1000, &[&entry]);
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].1.cursor.as_deref(), entries[0].1.pid), (Some("real"), None));
    }

    #[test]
    fn fields_that_are_too_long_are_left_out_and_counted() {
        let long_text = [b"LONG=".to_vec(), vec![b'x'; 500], b"\n".to_vec()].concat();
        let long_data = binary("DUMP", &[0; 700]);
        let entry = [b"__CURSOR=c\n".to_vec(), long_text.clone(), long_data.clone(), b"A=1\n\n".to_vec()].concat();
        let omitted = long_text.len() + long_data.len();
        for size in [1, 7, 64, 5000] {
            let entries = split(100, &entry.chunks(size).collect::<Vec<_>>());
            let expected = format!("__CURSOR=c\nA=1\nLOGVM_OMITTED_BYTES={omitted}\n\n");
            assert_eq!(entries.iter().map(|(entry, _)| &**entry).collect::<Vec<_>>(), [expected.as_bytes()], "{size}");
        }
    }

    #[test]
    fn a_length_that_lies_holds_no_memory() {
        let mut splitter = EntrySplitter::new(4096);
        let head = [b"D\n".to_vec(), u64::MAX.to_le_bytes().to_vec()].concat();
        splitter.feed(&head, &mut |_, _| {});
        (0..1000).for_each(|_| splitter.feed(&[0; 4096], &mut |_, _| {}));
        assert!(splitter.entry.capacity() < 10_000);
    }

    #[test]
    fn empty_lines_between_entries_are_no_entries() {
        assert_eq!(split(100, &[b"\n\n\nA=1\n\n\n\n"]).len(), 1);
    }

    #[test]
    fn the_end_of_an_entry_that_just_fits_is_seen() {
        let entry = b"A=1234567\n\nB=1\n\n";
        let entries = split(10, &[entry]);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].0, b"A=1234567\n\n");
    }
}
