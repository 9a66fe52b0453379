//! gzip (RFC 1952), any number of members one after the other.

use std::io::{self, BufRead, BufReader, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::stream::{BUFFER, Damage};

/// Decompresses gzip. All that comes before damage is given, then an error says where the damage is. Zero bytes after
/// the last member (padding of tapes and block devices) are ignored, as gzip(1) does.
pub(super) struct Gz<R> {
    input: BufReader<R>,
    inflate: Decompress,
    crc: Crc,
    state: State,
    /// Compressed bytes used so far.
    used: u64,
    /// Decompressed bytes given so far.
    given: u64,
}

enum State {
    /// At the start of a member, or after the last one.
    Start,
    Body,
    Trailer,
    End,
    Damaged(Damage),
}

/// Failures within a member's header and trailer: of the stream below, or damage.
enum Failure {
    Io(io::Error),
    Damage(Damage),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<R: Read> Gz<R> {
    /// Decompresses `inner`.
    pub fn new(inner: R) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER, inner),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            state: State::Start,
            used: 0,
            given: 0,
        }
    }

    fn byte(&mut self) -> Result<u8, Failure> {
        let Some(byte) = self.input.fill_buf()?.first().copied() else { return Err(Failure::Damage(self.cut())) };
        self.input.consume(1);
        self.used += 1;
        Ok(byte)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    fn cut(&self) -> Damage {
        Damage::truncated(format!(
            "the gzip data is cut off: it ends at byte {}, after {} bytes of contents",
            self.used, self.given
        ))
    }

    fn damaged(&self, what: &str) -> Damage {
        Damage::invalid(format!(
            "the gzip data is damaged ({what}) at byte {}, after {} bytes of contents",
            self.used, self.given
        ))
    }

    /// Reads a member's header, or finds the end.
    fn start(&mut self) -> Result<State, Failure> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(State::End);
        }
        let first = self.input.fill_buf()?[0];
        if self.used > 0 && first != 0x1f {
            return self.after_the_end();
        }
        let [id1, id2, method, flags, _, _, _, _, _, _] = self.bytes::<10>()?;
        if [id1, id2, method] != [0x1f, 0x8b, 8] || flags & 0xe0 != 0 {
            return Err(Failure::Damage(self.damaged("no header of a member")));
        }
        self.optional_fields(flags)?;
        self.inflate.reset(false);
        self.crc.reset();
        Ok(State::Body)
    }

    fn optional_fields(&mut self, flags: u8) -> Result<(), Failure> {
        const HEADER_CRC: u8 = 2;
        const EXTRA: u8 = 4;
        const TEXTS: [u8; 2] = [8, 16];
        if flags & EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.bytes()?) {
                self.byte()?;
            }
        }
        for text in TEXTS {
            while flags & text != 0 && self.byte()? != 0 {}
        }
        if flags & HEADER_CRC != 0 {
            self.bytes::<2>()?;
        }
        Ok(())
    }

    /// Counts what follows the last member; anything but zeros is damage.
    fn after_the_end(&mut self) -> Result<State, Failure> {
        let (at, mut zeros) = (self.used, true);
        loop {
            let rest = self.input.fill_buf()?;
            let count = rest.len();
            if count == 0 {
                break;
            }
            zeros &= rest.iter().all(|byte| *byte == 0);
            self.input.consume(count);
            self.used += count as u64;
        }
        if zeros {
            return Ok(State::End);
        }
        Err(Failure::Damage(Damage::invalid(format!(
            "{} bytes after the end of the gzip data, from byte {at}, are not gzip: not read",
            self.used - at
        ))))
    }

    fn trailer(&mut self) -> Result<State, Failure> {
        let sum = u32::from_le_bytes(self.bytes()?);
        let length = u32::from_le_bytes(self.bytes()?);
        if sum != self.crc.sum() {
            return Err(Failure::Damage(self.damaged("wrong checksum")));
        }
        if length != self.crc.amount() {
            return Err(Failure::Damage(self.damaged("wrong length")));
        }
        Ok(State::Start)
    }

    /// Inflates into `buffer`; no bytes and no failure means to go on.
    fn body(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        let input = self.input.fill_buf()?;
        let (available, before_in, before_out) = (input.len(), self.inflate.total_in(), self.inflate.total_out());
        let result = self.inflate.decompress(input, buffer, FlushDecompress::None);
        let used = self.inflate.total_in() - before_in;
        let given = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(0).min(buffer.len());
        self.input.consume(usize::try_from(used).unwrap_or(available).min(available));
        self.crc.update(&buffer[..given]);
        self.used += used;
        self.given += given as u64;
        match result {
            Ok(Status::StreamEnd) => self.state = State::Trailer,
            Ok(_) if used == 0 && given == 0 && available == 0 => return Err(Failure::Damage(self.cut())),
            Ok(_) if used > 0 || given > 0 => {}
            _ => self.state = State::Damaged(self.damaged("invalid deflate data")),
        }
        Ok(given)
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        match &self.state {
            State::Start => self.state = self.start()?,
            State::Trailer => self.state = self.trailer()?,
            State::Body => return self.body(buffer),
            State::Damaged(damage) => return Err(Failure::Damage(damage.clone())),
            State::End => {}
        }
        Ok(0)
    }
}

impl<R: Read> Read for Gz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() && !matches!(self.state, State::End) {
            match self.step(buffer) {
                Ok(0) => {}
                Ok(count) => return Ok(count),
                Err(Failure::Io(error)) => return Err(error),
                Err(Failure::Damage(damage)) => {
                    let error = damage.error();
                    self.state = State::Damaged(damage);
                    return Err(error);
                }
            }
        }
        Ok(0)
    }
}
