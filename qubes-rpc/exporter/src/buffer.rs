//! The bounded queue of records that are read but not yet acknowledged.

use crate::place::Mark;
use std::collections::VecDeque;

/// Capacity kept when the queue is empty.
const IDLE_CAPACITY: usize = 64 * 1024;

/// Records in order: acknowledged ones are removed, the others are sent again in the next call.
#[derive(Debug)]
pub struct Buffer {
    bytes: VecDeque<u8>,
    records: VecDeque<Entry>,
    /// Bytes removed so far: the number of the first byte in `bytes`.
    start: u64,
    /// How many of `bytes` the open call has taken.
    taken: usize,
    /// Number of the first byte that the open call was given.
    call_start: u64,
    /// Memory that the records take beside their bytes.
    overhead: usize,
    limit: usize,
}

#[derive(Debug)]
struct Entry {
    /// Number of the byte after the record.
    end: u64,
    /// What is done once the record is acknowledged.
    mark: Option<Mark>,
}

impl Entry {
    fn overhead(&self) -> usize {
        let cursor = match &self.mark {
            Some(Mark::Cursor(cursor)) => cursor.len(),
            Some(Mark::File(_)) | None => 0,
        };
        size_of::<Entry>() + cursor
    }
}

/// The other side acknowledged bytes that it was never sent.
#[derive(Debug, PartialEq, Eq)]
pub struct AcknowledgedTooMuch;

impl Buffer {
    /// An empty queue that is [`full`](Self::is_full) from `limit` bytes on.
    pub fn new(limit: usize) -> Self {
        Buffer {
            bytes: VecDeque::new(),
            records: VecDeque::new(),
            start: 0,
            taken: 0,
            call_start: 0,
            overhead: 0,
            limit,
        }
    }

    /// Appends a record; `mark` is given back when all of it is acknowledged.
    pub fn push(&mut self, record: &[u8], mark: Option<Mark>) {
        self.bytes.extend(record);
        let entry = Entry { end: self.start + self.bytes.len() as u64, mark };
        self.overhead += entry.overhead();
        self.records.push_back(entry);
    }

    /// Moves the end of the last record to `mark`, for records that are left out; gives the mark back when no record
    /// is waiting, for then nothing has to be acknowledged first.
    pub fn pass(&mut self, mark: Mark) -> Option<Mark> {
        match self.records.back_mut() {
            Some(last) => {
                self.overhead -= last.overhead();
                last.mark = Some(mark);
                self.overhead += last.overhead();
                None
            }
            None => Some(mark),
        }
    }

    /// The next bytes to send.
    pub fn unsent(&self) -> &[u8] {
        let (front, back) = self.bytes.as_slices();
        match front.get(self.taken..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => back.get(self.taken - front.len()..).unwrap_or_default(),
        }
    }

    /// The open call took the next `count` bytes.
    pub fn sent(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.bytes.len());
    }

    /// The other side has the first `count` bytes of this call on disk. Gives the marks of the records that are done.
    pub fn acknowledged(&mut self, count: u64) -> Result<Vec<Mark>, AcknowledgedTooMuch> {
        let upto = self.call_start.checked_add(count).ok_or(AcknowledgedTooMuch)?;
        if upto > self.start + self.taken as u64 {
            return Err(AcknowledgedTooMuch);
        }
        let done = self.records.partition_point(|record| record.end <= upto);
        let end = done.checked_sub(1).map_or(self.start, |last| self.records[last].end);
        self.overhead -= self.records.iter().take(done).map(Entry::overhead).sum::<usize>();
        let marks = self.records.drain(..done).filter_map(|record| record.mark).collect();
        self.remove(end);
        Ok(marks)
    }

    fn remove(&mut self, end: u64) {
        let count = (end - self.start) as usize;
        self.bytes.drain(..count);
        self.start = end;
        self.taken -= count;
        if self.bytes.is_empty() && self.bytes.capacity() > IDLE_CAPACITY {
            self.bytes.shrink_to(IDLE_CAPACITY);
            self.records.shrink_to(IDLE_CAPACITY / size_of::<Entry>());
        }
    }

    /// A call begins: whatever is not acknowledged is sent again, from a record's start.
    pub fn rewind(&mut self) {
        self.taken = 0;
        self.call_start = self.start;
    }

    /// Whether no more should be read for now.
    pub fn is_full(&self) -> bool {
        self.bytes.len() + self.overhead >= self.limit
    }

    /// Whether everything was acknowledged.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the open call was given bytes that it has not acknowledged.
    pub fn awaits_acknowledgement(&self) -> bool {
        self.taken > 0
    }

    /// Bytes that are not acknowledged.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Records that are not acknowledged.
    pub fn records(&self) -> usize {
        self.records.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &str) -> Option<Mark> {
        Some(Mark::Cursor(text.into()))
    }

    fn send_all(buffer: &mut Buffer) -> Vec<u8> {
        let mut sent = Vec::new();
        while !buffer.unsent().is_empty() {
            let chunk = buffer.unsent()[..buffer.unsent().len().min(3)].to_vec();
            buffer.sent(chunk.len());
            sent.extend(chunk);
        }
        sent
    }

    #[test]
    fn a_record_is_done_when_its_last_byte_is_acknowledged() {
        let mut buffer = Buffer::new(100);
        buffer.push(b"one\n", cursor("1"));
        buffer.push(b"two\n", cursor("2"));
        assert_eq!(send_all(&mut buffer), b"one\ntwo\n");
        assert_eq!(buffer.acknowledged(3), Ok(vec![]));
        assert_eq!(buffer.acknowledged(7), Ok(vec![Mark::Cursor("1".into())]));
        assert_eq!(buffer.acknowledged(8), Ok(vec![Mark::Cursor("2".into())]));
        assert!(buffer.is_empty() && !buffer.awaits_acknowledgement());
    }

    #[test]
    fn the_next_call_begins_with_the_first_record_that_is_not_done() {
        let mut buffer = Buffer::new(100);
        buffer.push(b"one\n", cursor("1"));
        buffer.push(b"two\n", cursor("2"));
        send_all(&mut buffer);
        assert_eq!(buffer.acknowledged(6).unwrap().len(), 1);
        buffer.rewind();
        assert_eq!(send_all(&mut buffer), b"two\n");
        assert_eq!(buffer.acknowledged(4).unwrap().len(), 1);
    }

    #[test]
    fn an_acknowledgement_of_what_was_not_sent_is_refused() {
        let mut buffer = Buffer::new(100);
        buffer.push(b"one\n", None);
        buffer.sent(2);
        assert_eq!(buffer.acknowledged(3), Err(AcknowledgedTooMuch));
        assert_eq!(buffer.acknowledged(u64::MAX), Err(AcknowledgedTooMuch));
    }

    #[test]
    fn an_old_acknowledgement_changes_nothing() {
        let mut buffer = Buffer::new(100);
        buffer.push(b"one\n", None);
        buffer.push(b"two\n", None);
        send_all(&mut buffer);
        buffer.acknowledged(4).unwrap();
        assert_eq!(buffer.acknowledged(1), Ok(vec![]));
        assert_eq!(buffer.len(), 4);
    }

    #[test]
    fn a_passed_record_is_done_with_the_one_before_it() {
        let mut buffer = Buffer::new(100);
        assert_eq!(buffer.pass(Mark::Cursor("0".into())), cursor("0"));
        buffer.push(b"one\n", cursor("1"));
        assert_eq!(buffer.pass(Mark::Cursor("2".into())), None);
        send_all(&mut buffer);
        assert_eq!(buffer.acknowledged(4), Ok(vec![Mark::Cursor("2".into())]));
    }

    #[test]
    fn many_empty_records_fill_it() {
        let mut buffer = Buffer::new(10_000);
        while !buffer.is_full() {
            buffer.push(b"", cursor("s=1;i=1"));
            _ = buffer.pass(Mark::Cursor("s=1;i=22".into()));
        }
        assert!((50..500).contains(&buffer.records()));
        buffer.acknowledged(0).unwrap();
        assert!(buffer.is_empty() && buffer.overhead == 0);
    }
}
