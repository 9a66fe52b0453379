//! The browser of a LogVM: every stored archive in one list, to be opened in disposables, copied, held or deleted.
//!
//! It knows metadata only. What there is it learns from `logvm-archive list` and `usage` and from the last lines of
//! `alerts.log`, and it acts through `logvm-archive`; no log is ever opened here.
//!
//! | Modules | Job |
//! |---|---|
//! | [`program`], [`run`] | the loop; threads that run commands |
//! | [`ui`] | draws the model |
//! | [`update()`], [`model`], [`msg`] | what the browser knows and how it changes: no I/O, no terminal |
//! | [`settings`] | which command opens which kind |
//! | [`archive`], [`listing`], [`alerts`], [`text`] | what commands and files say, bounded |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod action;
pub mod alerts;
pub mod archive;
pub mod column;
pub mod finder;
pub mod help;
pub mod input;
pub mod keys;
pub mod layout;
pub mod list;
pub mod listing;
pub mod model;
pub mod msg;
pub mod program;
pub mod run;
pub mod settings;
pub mod text;
pub mod ui;
pub mod update;

mod moves;
mod tasks;

pub use action::Action;
pub use model::Model;
pub use msg::{Cmd, Msg};
pub use update::update;
