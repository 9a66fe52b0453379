//! The bytes of a source, kept so that any stretch can be read again.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::blocks::Blocks;
use super::file::FileContent;

/// Bytes that a sequential read hands out at once, at most.
pub(super) const CHUNK: usize = 256 << 10;

/// Where the bytes of a source are. Clones share them.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// Nowhere: derived tables have no bytes of their own.
    #[default]
    None,
    /// In memory, as they are.
    Memory(Arc<[u8]>),
    /// In a file that the user named.
    File(Arc<FileContent>),
    /// In compressed blocks, in memory or in an unlinked file; may still grow.
    Blocks(Arc<Blocks>),
}

impl Content {
    /// The bytes of a regular file, read again from there.
    ///
    /// # Errors
    /// When the file cannot be opened or is not a regular file.
    pub fn file(path: &Path) -> io::Result<Self> {
        Ok(Self::File(Arc::new(FileContent::open(path)?)))
    }

    /// Appends the bytes from `offset`, `length` of them or as many as there are, to `out`.
    ///
    /// # Errors
    /// When the bytes cannot be read back (the file was truncated or removed, the disk fails, or they could not be
    /// kept); `out` may then have some of them.
    pub fn read(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Memory(bytes) => {
                out.extend_from_slice(stretch(bytes, offset, offset.saturating_add(length as u64)));
                Ok(())
            }
            Self::File(file) => file.read(offset, length, out),
            Self::Blocks(blocks) => blocks.read(offset, length, out),
        }
    }

    /// Hands the bytes from `from` up to `to`, or as many as there are, to `visit`, in order and in chunks of any
    /// length, each with its offset, until `visit` breaks. Faster than [`Self::read`] for long stretches.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn for_each_chunk(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(&[u8], u64) -> ControlFlow<()>,
    ) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Memory(bytes) => {
                let bytes = stretch(bytes, from, to);
                if !bytes.is_empty() {
                    let _ = visit(bytes, from);
                }
                Ok(())
            }
            Self::File(file) => file.for_each_chunk(from, to, &mut visit),
            Self::Blocks(blocks) => blocks.for_each_chunk(from, to, &mut visit),
        }
    }
}

/// The part of `bytes` from `from` to `to` that there is.
pub(super) fn stretch(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let start = clamp(from);
    &bytes[start..clamp(to).max(start)]
}
