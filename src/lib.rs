//! logvm: a terminal viewer for the evidence of a Qubes OS computer.
//!
//! The crate is layered, and imports only go down (a test checks it):
//!
//! | Layer | Modules | Job |
//! |---|---|---|
//! | L8 | [`cli`], [`term`] | wiring, terminal guard, panic hook |
//! | L7 | [`ui`] | draws the model; ratatui lives only here and in L8 |
//! | L6 | [`app`] | model, messages, update, commands |
//! | L5 | [`ingest`], [`config`], [`report`] | threads and budgets; themes and keymaps; headless output |
//! | L4 | [`query`], [`link`] | the filter language over one field schema; the correlation engine |
//! | L3 | [`store`] | columns, segments, time order, flows, stored bytes |
//! | L2 | [`decode`] | bytes in, records out |
//! | L1 | [`source`] | directories, files, streams and archives to byte streams, with limits |
//! | L0 | [`record`], [`civil`], [`mod@escape`] | plain types; times as text; text made harmless to print |
//!
//! [`config`], [`mod@escape`] and [`term`] are the crate `logvm-look`, which knows nothing of the viewer.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod app;
pub mod civil;
pub mod cli;
pub mod decode;
pub mod ingest;
pub mod link;
pub mod query;
pub mod record;
pub mod report;
pub mod source;
pub mod store;
pub mod ui;

pub use logvm_look::{config, escape, term};
