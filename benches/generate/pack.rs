//! Compressed copies: what `gzip -6` and `zstd -3` make.

use std::fs::File;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// A compressed format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip, level 6.
    Gz,
    /// Zstandard, level 3.
    Zst,
}

impl Packing {
    /// What is appended to the name of a file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gz => "gz",
            Self::Zst => "zst",
        }
    }

    /// Compresses all of `from` into `to`.
    pub fn write(self, from: &mut dyn Read, to: File) -> io::Result<()> {
        match self {
            Self::Gz => {
                let mut encoder = GzEncoder::new(to, Compression::new(6));
                io::copy(from, &mut encoder)?;
                encoder.finish()?.flush()
            }
            Self::Zst => {
                let mut encoder = zstd::Encoder::new(to, 3)?;
                io::copy(from, &mut encoder)?;
                encoder.finish()?.flush()
            }
        }
    }
}
