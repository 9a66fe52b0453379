//! Cut and damaged captures.
