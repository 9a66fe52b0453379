//! Keeps the bytes of a source while it is read.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::store::{BlockWriter, Content, Spool};

/// Where the bytes of a source go.
pub enum Keep {
    /// Nowhere: they can be read again from a file.
    File(Content),
    /// Into compressed blocks.
    Blocks(BlockWriter),
}

impl Keep {
    /// Bytes of the file at `rereadable` stay there; without one, and when it cannot be opened, they go to `spool`.
    pub fn new(rereadable: Option<&Path>, spool: &Arc<Spool>) -> Self {
        match rereadable.map(Content::file) {
            Some(Ok(file)) => Self::File(file),
            _ => Self::Blocks(BlockWriter::new(spool)),
        }
    }

    /// Takes the next bytes of the source.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Blocks(blocks) => blocks.append(bytes),
        }
    }

    /// The bytes so far, and those still to come.
    pub fn content(&self) -> Content {
        match self {
            Self::File(content) => content.clone(),
            Self::Blocks(blocks) => blocks.content(),
        }
    }

    /// There are no more bytes.
    ///
    /// # Errors
    /// When there is no room for the last of them.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Blocks(blocks) => blocks.finish().map(drop),
        }
    }
}
