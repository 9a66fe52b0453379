//! Blocks that were decompressed lately.

use std::sync::{Arc, Mutex, PoisonError};

/// Blocks that are kept: 8 MiB of them.
const BLOCKS: usize = 64;

/// A source's number and a block's number in it.
pub(super) type Key = (u64, usize);

/// Keeps the blocks that were used last. Shared by all sources of a store.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// The one that was used last is at the end.
    blocks: Mutex<Vec<(Key, Arc<[u8]>)>>,
}

impl Cache {
    /// The block, if it is here.
    pub fn get(&self, key: Key) -> Option<Arc<[u8]>> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let at = blocks.iter().rposition(|(other, _)| *other == key)?;
        let block = blocks.remove(at);
        let bytes = Arc::clone(&block.1);
        blocks.push(block);
        Some(bytes)
    }

    /// Keeps a block in place of the one that was not used for longest.
    pub fn put(&self, key: Key, bytes: Arc<[u8]>) {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.retain(|(other, _)| *other != key);
        if blocks.len() >= BLOCKS {
            blocks.remove(0);
        }
        blocks.push((key, bytes));
    }

    /// Forgets the blocks of a source.
    pub fn forget(&self, source: u64) {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).retain(|(key, _)| key.0 != source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_used_last() {
        let cache = Cache::default();
        (0..BLOCKS).for_each(|block| cache.put((0, block), Arc::from([0_u8; 1])));
        assert!(cache.get((0, 0)).is_some());
        cache.put((1, 0), Arc::from([1_u8; 1]));
        assert!(cache.get((0, 0)).is_some());
        assert!(cache.get((0, 1)).is_none());
        cache.forget(0);
        assert!(cache.get((0, 0)).is_none());
        assert_eq!(cache.get((1, 0)).as_deref(), Some(&[1][..]));
    }
}
