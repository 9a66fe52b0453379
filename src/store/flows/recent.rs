//! A map that forgets what has not been used for long, so that its size has a limit.

use std::collections::HashMap;
use std::hash::Hash;

/// A map of at most `limit` entries in two generations: when the younger one is full, the older one is forgotten.
/// What is looked up moves to the younger one.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    limit: usize,
}

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.limit / 2 && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    pub(super) fn get(&mut self, key: K) -> Option<&mut V> {
        if let Some(value) = self.old.remove(&key) {
            self.insert(key, value);
        }
        self.young.get_mut(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_used_is_forgotten() {
        let mut recent = Recent::new(8);
        for key in 0..100 {
            recent.insert(key, key);
            assert!(recent.get(0).is_some());
            assert!(recent.young.len() + recent.old.len() <= 8);
        }
        assert!(recent.get(99).is_some());
        assert!(recent.get(50).is_none());
    }
}
