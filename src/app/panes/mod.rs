//! What each part of the screen keeps; each file is paired by name with the file in `ui/panes` that draws it.

pub mod detail;
pub mod records;
pub mod sources;
pub mod strip;
