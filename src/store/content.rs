//! The bytes of a source, kept so that any stretch can be read again.

use std::io;
use std::sync::Arc;

/// Where the bytes of a source are.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// Nowhere: derived tables have no bytes of their own.
    #[default]
    None,
    /// In memory, as they are.
    Memory(Arc<[u8]>),
}

impl Content {
    /// Appends the bytes from `offset`, `length` of them or as many as there are, to `out`.
    ///
    /// # Errors
    /// When the bytes cannot be read back (the file was truncated or removed, the disk fails).
    pub fn read(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let end = start.saturating_add(length).min(bytes.len());
                out.extend_from_slice(&bytes[start..end]);
                Ok(())
            }
        }
    }
}
