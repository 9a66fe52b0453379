//! What drawing needs: styles, signs, frames, and spans of text that came from elsewhere. No byte of a log reaches a
//! cell but through [`inert`] or [`escape`](mod@crate::escape).

pub mod glyphs;
pub mod inert;
pub mod overlay;
pub mod style;
