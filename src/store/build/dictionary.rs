//! The different values of a column.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

/// Places that are found again without a look into the map.
const RECENT: usize = 256;

/// Values in the order in which they were first seen, each once.
#[derive(Debug)]
pub struct Dictionary<T> {
    places: HashMap<T, u32>,
    values: Vec<T>,
    /// The place that was last asked for, of all values with the same [`Mixed::mixed`]: neighbouring lines have the same
    /// values, and to compare costs less than the seeded hash.
    recent: Box<[u32; RECENT]>,
}

/// A number for a value that is cheap to compute. Values that are chosen to collide only cost the look into the map.
pub trait Mixed {
    /// Any number, the same for the same value.
    fn mixed(&self) -> u8;
}

impl Mixed for IpAddr {
    fn mixed(&self) -> u8 {
        let bits = match self {
            Self::V4(address) => address.to_bits(),
            Self::V6(address) => {
                let bits = address.to_bits();
                bits as u32 ^ (bits >> 64) as u32
            }
        };
        (bits.wrapping_mul(0x9e37_79b9) >> 24) as u8
    }
}

impl Mixed for [u8] {
    fn mixed(&self) -> u8 {
        self.last().copied().unwrap_or(0)
    }
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { places: HashMap::new(), values: Vec::new(), recent: Box::new([0; RECENT]) }
    }
}

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// The place of a value; a segment has too few rows for places to run out.
    pub fn place<Q>(&mut self, value: &Q) -> u32
    where
        T: Borrow<Q>,
        Q: ?Sized + Eq + Hash + Mixed + ToOwned,
        T: From<Q::Owned>,
    {
        let recent = &mut self.recent[usize::from(value.mixed())];
        if self.values.get(*recent as usize).is_some_and(|known| known.borrow() == value) {
            return *recent;
        }
        *recent = match self.places.get(value) {
            Some(place) => *place,
            None => {
                let place = self.values.len() as u32;
                self.values.push(T::from(value.to_owned()));
                self.places.insert(T::from(value.to_owned()), place);
                place
            }
        };
        *recent
    }

    /// The values, in the order of their places.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.places.clear();
        self.values.clear();
    }
}
