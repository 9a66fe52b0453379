//! How the programs of logvm look and how they hold the terminal: what the viewer and the browser of the LogVM share.
//!
//! Nothing here reads a log: no decoder, no store, no source. Within the crate imports go down as well:
//!
//! | Modules | Job |
//! |---|---|
//! | [`ui`], [`term`] | styles, signs, frames and harmless spans; the terminal guard, its events, the clipboard |
//! | [`config`], [`keys`] | themes and keymaps; chords that become actions |
//! | [`mod@escape`] | text made harmless to print |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod config;
pub mod escape;
pub mod keys;
pub mod term;
pub mod ui;
