//! Archives of tar, read as a stream, in constant memory.

use std::io::{self, Read};

use super::header::{self, BLOCK, Header, Type};
use super::limits::Limits;
use super::pax::{self, Records};

/// Reads an archive member by member; as a [`Read`] it gives the contents of the current member.
pub(super) struct Tar<'a, R> {
    inner: R,
    limits: &'a Limits,
    /// Bytes of the archive used so far.
    at: u64,
    /// Bytes of the current member's contents.
    size: u64,
    /// How many of them are still to come, and zeros after them up to the next block.
    rest: u64,
    padding: u64,
    /// A block to read again.
    again: Option<Box<[u8; BLOCK]>>,
    pending: Pending,
}

/// What extended headers say about the next member.
#[derive(Default)]
struct Pending {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    records: Records,
}

/// What an archive gives next.
#[derive(Debug)]
pub(super) enum Item {
    /// A member; its contents can be read now.
    Member(Header),
    /// Something is wrong with the archive here; it goes on.
    Notice(String),
    /// The archive has ended as it should.
    End,
    /// The archive has ended, and something is wrong with that.
    Broken(String),
}

impl<'a, R: Read> Tar<'a, R> {
    /// Reads the archive `inner`.
    pub fn new(inner: R, limits: &'a Limits) -> Self {
        Self { inner, limits, at: 0, size: 0, rest: 0, padding: 0, again: None, pending: Pending::default() }
    }

    /// Skips what is left of the current member and reads up to the contents of the next one.
    ///
    /// # Errors
    /// When the archive's own stream cannot be read further.
    pub fn next(&mut self) -> io::Result<Item> {
        loop {
            if let Some(broken) = self.skip_contents()? {
                return Ok(broken);
            }
            let (start, mut block) = (self.at, [0; BLOCK]);
            match self.block(&mut block)? {
                BLOCK => {}
                0 => return Ok(self.no_end_mark()),
                _ => return Ok(self.cut_off("within a header")),
            }
            if block == [0; BLOCK] {
                return self.end(start);
            }
            let item = match header::parse(&block) {
                Ok(header) => self.take(header, &block)?,
                Err(reason) => Some(self.resynchronise(start, reason)?),
            };
            if let Some(item) = item {
                return Ok(item);
            }
        }
    }

    /// Reads as many bytes as there are, up to the length of `buffer`.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.inner.read(&mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    fn block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<usize> {
        let Some(again) = self.again.take() else { return self.fill(block) };
        *block = *again;
        self.at += BLOCK as u64;
        Ok(BLOCK)
    }

    fn read_again(&mut self, block: &[u8; BLOCK]) {
        self.again = Some(Box::new(*block));
        self.at -= BLOCK as u64;
    }

    /// Reads past `count` bytes; gives how many of them there were.
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        if count == 0 {
            return Ok(0);
        }
        let skipped = io::copy(&mut self.inner.by_ref().take(count), &mut io::sink())?;
        self.at += skipped;
        Ok(skipped)
    }

    fn skip_contents(&mut self) -> io::Result<Option<Item>> {
        let wanted = std::mem::take(&mut self.rest);
        let missing = wanted - self.skip(wanted)?;
        if missing > 0 {
            return Ok(Some(self.cut_off(&format!("within a member that should have {missing} bytes more"))));
        }
        let padding = std::mem::take(&mut self.padding);
        if self.skip(padding)? < padding {
            return Ok(Some(self.cut_off("right after the contents of a member")));
        }
        Ok(None)
    }

    fn cut_off(&self, place: &str) -> Item {
        Item::Broken(format!("the archive is cut off at byte {}, {place}", self.at))
    }

    fn no_end_mark(&self) -> Item {
        Item::Broken(format!("the archive ends at byte {} without an end mark: it may be cut off", self.at))
    }

    /// After a block of zeros at `start`: another one ends the archive.
    fn end(&mut self, start: u64) -> io::Result<Item> {
        let mut block = [0; BLOCK];
        let filled = self.block(&mut block)?;
        if filled < BLOCK {
            return Ok(self.cut_off("within its end mark"));
        }
        if block != [0; BLOCK] {
            self.read_again(&block);
            return Ok(Item::Notice(format!("a lone block of zeros at byte {start}")));
        }
        self.after_the_end()
    }

    /// Reads to the end of the stream: anything but zeros there does not belong to the archive.
    fn after_the_end(&mut self) -> io::Result<Item> {
        let (end, mut zeros, mut buffer) = (self.at, true, vec![0; 64 << 10]);
        loop {
            let count = self.fill(&mut buffer)?;
            if count == 0 {
                break;
            }
            zeros &= buffer[..count].iter().all(|byte| *byte == 0);
        }
        if zeros {
            return Ok(Item::End);
        }
        let count = self.at - end;
        Ok(Item::Broken(format!("{count} bytes after the end of the archive, from byte {end}, are not read")))
    }

    /// Looks for the next header, as tar(1) does, and says how much was passed over.
    fn resynchronise(&mut self, start: u64, reason: &str) -> io::Result<Item> {
        let mut end = self.at;
        let mut block = [0; BLOCK];
        loop {
            let filled = self.block(&mut block)?;
            if block[..filled].iter().any(|byte| *byte != 0) {
                end = self.at;
            }
            let found = filled == BLOCK && header::is_header(&block);
            if !found && filled == BLOCK {
                continue;
            }
            if found {
                self.read_again(&block);
                end = self.at;
            }
            let message = format!("no header of tar at byte {start} ({reason}): {} bytes are not read", end - start);
            return Ok(if found { Item::Notice(message) } else { Item::Broken(message) });
        }
    }

    /// Takes a header in; gives a member unless the header only says something about the next one.
    fn take(&mut self, header: Header, block: &[u8; BLOCK]) -> io::Result<Option<Item>> {
        match header.kind {
            Type::LongName | Type::LongLink | Type::Extended => self.extended(&header),
            Type::Global => {
                self.contents(header.size);
                Ok(None)
            }
            Type::Sparse => {
                if let Some(broken) = self.skip_sparse_map(block)? {
                    return Ok(Some(broken));
                }
                Ok(Some(self.member(header)))
            }
            _ => Ok(Some(self.member(header))),
        }
    }

    fn contents(&mut self, size: u64) {
        (self.size, self.rest) = (size, size);
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// Reads a header that says something about the next member.
    fn extended(&mut self, header: &Header) -> io::Result<Option<Item>> {
        let start = self.at;
        self.contents(header.size);
        if header.size > self.limits.tar_metadata {
            return Ok(Some(Item::Notice(format!(
                "an extended header of {} bytes at byte {start} is not read: more than {} are not allowed",
                header.size, self.limits.tar_metadata
            ))));
        }
        let wanted = std::mem::take(&mut self.rest);
        let mut payload = Vec::new();
        let length = self.inner.by_ref().take(wanted).read_to_end(&mut payload)? as u64;
        self.at += length;
        if length < wanted {
            return Ok(Some(self.cut_off("within an extended header")));
        }
        self.note(header.kind, payload);
        let damaged = std::mem::take(&mut self.pending.records.damaged);
        Ok(damaged.then(|| Item::Notice(format!("the extended header at byte {start} is damaged"))))
    }

    fn note(&mut self, kind: Type, payload: Vec<u8>) {
        match kind {
            Type::LongName => self.pending.name = Some(without_nul(payload)),
            Type::LongLink => self.pending.target = Some(without_nul(payload)),
            _ => self.pending.records = pax::parse(&payload),
        }
    }

    fn skip_sparse_map(&mut self, header: &[u8; BLOCK]) -> io::Result<Option<Item>> {
        let mut more = header::is_extended(header, true);
        let mut block = [0; BLOCK];
        while more {
            if self.block(&mut block)? < BLOCK {
                return Ok(Some(self.cut_off("within the map of a sparse file")));
            }
            more = header::is_extended(&block, false);
        }
        Ok(None)
    }

    fn member(&mut self, mut header: Header) -> Item {
        let Pending { name, target, records } = std::mem::take(&mut self.pending);
        header.path = records.path.or(name).unwrap_or(header.path);
        header.target = records.target.or(target).unwrap_or(header.target);
        header.modified = records.modified.or(header.modified);
        if matches!(header.kind, Type::File | Type::Sparse) {
            header.size = records.size.unwrap_or(header.size);
        }
        if records.sparse && header.kind == Type::File {
            header.kind = Type::Sparse;
        }
        self.contents(header.size);
        Item::Member(header)
    }
}

impl<R: Read> Read for Tar<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.rest).unwrap_or(usize::MAX).min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        let count = self.inner.read(&mut buffer[..length])?;
        self.rest -= count as u64;
        self.at += count as u64;
        if count == 0 {
            let (have, size) = (self.size - self.rest, self.size);
            let message = format!("the archive is cut off at byte {}: {have} of {size} bytes are there", self.at);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(count)
    }
}

fn without_nul(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
    name
}
