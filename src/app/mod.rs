//! L6: what the viewer knows and how it changes: a model, messages, `update`, commands. No I/O, no terminal.
//!
//! A loop in the layer above drains its events into [`update()`], executes the [`Cmd`]s that it returns, lets
//! [`window::fill`] compute the rows that will be visible, and has the `ui` layer draw the model.

pub mod action;
pub mod brief;
pub mod clock;
pub mod command;
pub mod context;
mod copies;
pub mod editor;
pub mod filters;
pub mod finder;
pub mod goto;
pub mod help;
pub mod jumps;
pub mod keys;
pub mod layout;
pub mod marks;
pub mod model;
pub mod mouse;
pub mod moves;
pub mod msg;
pub mod names;
pub mod palette;
pub mod panes;
pub mod prompt;
pub mod scan;
pub mod scope;
pub mod seek;
pub mod typing;
pub mod update;
pub mod window;
pub mod wrap;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod testing;

pub use action::Action;
pub use model::Model;
pub use msg::{Cmd, Found, Mouse, MouseKind, Msg};
pub use update::update;
