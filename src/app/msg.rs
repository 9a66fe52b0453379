//! What happens to the model, and what it asks for.

use super::action::Action;
use super::scan::ScanRequest;
use crate::config::Chord;
use crate::ingest::Progress;
use crate::query;
use crate::store::Snapshot;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Chord),
    /// Something asked for an action.
    Action(Action),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The store has changed.
    Snapshot(Snapshot),
    /// Reading went on.
    Progress(Progress),
    /// A scan has found something.
    Found(Found),
    /// Lines that are copies of others were found.
    Copies(query::Copies),
    /// Seconds since the start; sent about once a second.
    Tick(f64),
}

/// What the mouse did, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
}

/// What a mouse can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button was pressed.
    Press,
    /// The wheel was turned away from the user.
    WheelUp,
    /// The wheel was turned towards the user.
    WheelDown,
}

/// A part of what a scan finds.
#[derive(Clone, Debug)]
pub struct Found {
    /// Of the scan.
    pub generation: u64,
    /// The matching rows of some segments, those without a match included.
    pub found: Vec<query::Found>,
    /// The scan is over.
    pub done: bool,
}

/// Something that the model asks the layer above to do.
#[derive(Clone, Debug)]
pub enum Cmd {
    /// Leave the viewer.
    Quit,
    /// Draw every cell again.
    Redraw,
    /// Stop until the shell continues the program.
    Suspend,
    /// Put text, already made harmless, on the terminal's clipboard.
    Copy(String),
    /// Run a scan in the background and send [`Msg::Found`] as results come. Takes the place of an earlier one of the
    /// same generation.
    Scan(ScanRequest),
    /// Stop the scan of this generation.
    CancelScan(u64),
    /// Look for copies of lines in the background and send [`Msg::Copies`].
    FindCopies(Snapshot),
}
