//! Where the user has been: back and forward again.

use crate::store::SortKey;

/// A pane and a record in it.
pub type Place = (usize, SortKey);

/// Places that are remembered.
const KEPT: usize = 100;

/// The places from which jumps started.
#[derive(Clone, Debug, Default)]
pub struct Jumps {
    places: Vec<Place>,
    /// Places below this index are behind the user, the others ahead.
    at: usize,
}

impl Jumps {
    /// Remembers where a jump starts; what was ahead is forgotten.
    pub fn push(&mut self, place: Place) {
        self.places.truncate(self.at);
        if self.places.last() != Some(&place) {
            self.places.push(place);
        }
        if self.places.len() > KEPT {
            self.places.remove(0);
        }
        self.at = self.places.len();
    }

    /// One place back; `here` is where to come back to.
    pub fn back(&mut self, here: Place) -> Option<Place> {
        if self.at == self.places.len() && self.places.last() != Some(&here) {
            self.places.push(here);
        } else if self.at == self.places.len() {
            self.at = self.at.checked_sub(1)?;
        }
        self.at = self.at.checked_sub(1)?;
        self.places.get(self.at).copied()
    }

    /// One place forward.
    pub fn forward(&mut self) -> Option<Place> {
        let next = self.places.get(self.at + 1).copied()?;
        self.at += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Timestamp;

    fn place(second: i64) -> Place {
        (0, SortKey::start_of(Timestamp::from_parts(second, 0)))
    }

    #[test]
    fn back_and_forward_walk_the_same_way() {
        let mut jumps = Jumps::default();
        jumps.push(place(1));
        jumps.push(place(2));
        assert_eq!(jumps.back(place(3)), Some(place(2)));
        assert_eq!(jumps.back(place(2)), Some(place(1)));
        assert_eq!(jumps.back(place(1)), None);
        assert_eq!(jumps.forward(), Some(place(2)));
        assert_eq!(jumps.forward(), Some(place(3)));
        assert_eq!(jumps.forward(), None);
    }

    #[test]
    fn a_new_jump_forgets_what_was_ahead() {
        let mut jumps = Jumps::default();
        jumps.push(place(1));
        jumps.push(place(2));
        jumps.back(place(3));
        jumps.push(place(9));
        assert_eq!(jumps.forward(), None);
        assert_eq!(jumps.back(place(10)), Some(place(9)));
    }
}
