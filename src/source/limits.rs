//! How much an input may ask for.

use std::cell::Cell;
use std::io::{self, Read};

/// Bounds on what one top-level input may cost. Reaching one is a problem of the source it happens in, never a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Layers of compression and archives around a source; a `.tgz` has two. Default: 8.
    pub depth: u32,
    /// Files that a listing has, and members of all archives in one input. Default: 1,000,000.
    pub members: u64,
    /// How many times its stored size an input may expand to, once it has expanded to [`Self::free_expansion`] bytes.
    /// Deflate reaches at most 1032. Default: 1000.
    pub ratio: u64,
    /// Bytes that an input may expand to whatever its ratio. Default: 1 GiB.
    pub free_expansion: u64,
    /// Bytes of a source's name; a longer one is cut. Default: 4096.
    pub name_length: usize,
    /// Bytes of all names of members in one input. Default: 64 MiB.
    pub names: u64,
    /// Bytes of an extended header of tar (long names, PAX records). Default: 1 MiB.
    pub tar_metadata: u64,
    /// Problems of one input that are told one by one; the others are counted. Default: 1000.
    pub problems: u64,
    /// Window of Zstandard frames as a power of two, which is memory that their author chooses. Default: 27, which is
    /// 128 MiB and all that `zstd` writes without `--long=28` or more.
    pub zstd_window: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 8,
            members: 1_000_000,
            ratio: 1000,
            free_expansion: 1 << 30,
            name_length: 4096,
            names: 64 << 20,
            tar_metadata: 1 << 20,
            problems: 1000,
            zstd_window: 27,
        }
    }
}

/// Counts what one input stores and what it expands to, over all its layers.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Bytes read as they are stored.
    pub stored: Cell<u64>,
    /// Bytes that decompression gave, in all layers.
    pub expanded: Cell<u64>,
}

/// Decompressed bytes, refused once the input they come from has expanded beyond its limits.
pub(super) struct Metered<'a, R> {
    /// The decompressor.
    pub inner: R,
    /// The counts of the input.
    pub meter: &'a Meter,
    /// The limits.
    pub limits: &'a Limits,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let count = self.inner.read(buffer)?;
        self.meter.expanded.set(self.meter.expanded.get().saturating_add(count as u64));
        Ok(count)
    }
}

impl<R> Metered<'_, R> {
    fn check(&self) -> io::Result<()> {
        let (stored, expanded) = (self.meter.stored.get(), self.meter.expanded.get());
        let allowed = self.limits.free_expansion.max(stored.saturating_mul(self.limits.ratio));
        if expanded < allowed {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "{stored} stored bytes have expanded to {expanded}, more than {} times: not read further",
            self.limits.ratio
        )))
    }
}
