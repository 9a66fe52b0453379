//! Numbers for the qubes of an archive.

use std::collections::HashMap;
use std::sync::Arc;

/// The qubes, in the order in which they were first named.
#[derive(Clone, Debug, Default)]
pub struct Qubes {
    names: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Qubes {
    /// The number of a qube; a new one where it was not named before.
    pub fn place(&mut self, name: &Arc<str>) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::clone(name));
        self.places.insert(Arc::clone(name), place);
        place
    }

    /// The number of a qube that was named.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u32> {
        self.places.get(name).copied()
    }

    /// The name of a number.
    #[must_use]
    pub fn name(&self, place: u32) -> &Arc<str> {
        &self.names[place as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
