//! Zstandard (RFC 8878), any number of frames one after the other.

use std::io::{self, BufRead, BufReader, Read};

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::stream::{BUFFER, Damage};

/// Bytes from which the decoder can tell how many more it needs.
const FRAME_START: usize = 5;

/// Decompresses Zstandard. All whole blocks before damage are given, then an error says where the damage is.
pub(super) struct Zst<R> {
    input: BufReader<R>,
    decoder: Decoder<'static>,
    /// Bytes that the decoder wants next: never more than one block, so that an error loses no block before it.
    wanted: usize,
    state: State,
    /// Compressed bytes used so far.
    used: u64,
    /// Decompressed bytes given so far.
    given: u64,
}

enum State {
    /// Between frames: the input may end here.
    Between,
    /// In a frame, and whether the decoder holds output back.
    Within {
        full: bool,
    },
    Damaged(Damage),
}

impl<R: Read> Zst<R> {
    /// Decompresses `inner`; a frame whose window is larger than `1 << window` bytes is refused.
    ///
    /// # Errors
    /// When there is no memory for a decoder.
    pub fn new(inner: R, window: u32) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(window))?;
        Ok(Self {
            input: BufReader::with_capacity(BUFFER, inner),
            decoder,
            wanted: FRAME_START,
            state: State::Between,
            used: 0,
            given: 0,
        })
    }

    fn place(&self) -> String {
        format!("at byte {}, after {} bytes of contents", self.used, self.given)
    }

    /// Decodes at most a block into `buffer`; `None` means the end.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let holds_back = matches!(self.state, State::Within { full: true });
        let available = if holds_back { &[][..] } else { self.input.fill_buf()? };
        if available.is_empty() && !holds_back {
            return self.input_ended();
        }
        let mut input = InBuffer::around(&available[..available.len().min(self.wanted)]);
        let capacity = buffer.len();
        let mut output = OutBuffer::around(buffer);
        let result = self.decoder.run(&mut input, &mut output);
        let (used, given) = (input.pos(), output.pos());
        self.input.consume(used);
        self.used += used as u64;
        self.given += given as u64;
        match result {
            Ok(0) => (self.state, self.wanted) = (State::Between, FRAME_START),
            Ok(wanted) => (self.state, self.wanted) = (State::Within { full: given == capacity }, wanted),
            Err(error) => {
                return self.fail(Damage::invalid(format!("the zstd data is damaged ({error}) {}", self.place())));
            }
        }
        Ok(Some(given))
    }

    fn input_ended(&mut self) -> io::Result<Option<usize>> {
        if matches!(self.state, State::Between) {
            return Ok(None);
        }
        self.fail(Damage::truncated(format!("the zstd data is cut off: it ends {}", self.place())))
    }

    fn fail(&mut self, damage: Damage) -> io::Result<Option<usize>> {
        let error = damage.error();
        self.state = State::Damaged(damage);
        Err(error)
    }
}

impl<R: Read> Read for Zst<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let State::Damaged(damage) = &self.state {
            return Err(damage.error());
        }
        while !buffer.is_empty() {
            match self.step(buffer)? {
                Some(0) => {}
                Some(count) => return Ok(count),
                None => break,
            }
        }
        Ok(0)
    }
}
