//! Marked records and what the user wrote to them.

use std::collections::BTreeMap;

use crate::store::SortKey;

/// The marks of a session.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    by_place: BTreeMap<SortKey, String>,
}

impl Marks {
    /// Marks a record, or takes its mark and comment away. Returns whether it is marked now.
    pub fn toggle(&mut self, key: SortKey) -> bool {
        if self.by_place.remove(&key).is_some() {
            return false;
        }
        self.by_place.insert(key, String::new());
        true
    }

    /// Marks a record with a comment.
    pub fn comment(&mut self, key: SortKey, comment: String) {
        self.by_place.insert(key, comment);
    }

    /// The comment of a marked record; empty where nothing was written.
    #[must_use]
    pub fn get(&self, key: SortKey) -> Option<&str> {
        self.by_place.get(&key).map(String::as_str)
    }

    /// How many marks there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_place.len()
    }

    /// The marked records after `key`, in the order of time.
    pub fn after(&self, key: SortKey) -> impl Iterator<Item = SortKey> + '_ {
        self.by_place.range(key..).map(|(key, _)| *key).filter(move |other| *other != key)
    }

    /// The marked records before `key`, the latest first.
    pub fn before(&self, key: SortKey) -> impl Iterator<Item = SortKey> + '_ {
        self.by_place.range(..key).rev().map(|(key, _)| *key)
    }
}
