//! What happens to the model, and what it asks for.

use logvm_look::config::Chord;
use logvm_wire::QubeName;

use crate::alerts::Alert;
use crate::archive::Archive;
use crate::listing::{Listing, Usage};
use crate::text::count;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The left button was pressed here (columns and rows from 0).
    Click {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// The wheel was turned here, by so many rows down.
    Wheel {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
        /// Rows.
        rows: isize,
    },
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// What is stored has been listed.
    Stored(Box<Stored>),
    /// A task has ended.
    Done {
        /// Which.
        task: Task,
        /// Why it failed, if it did; may be what a program said.
        problem: Option<String>,
    },
}

/// All that the browser knows of the store.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The archives.
    pub archives: Listing<Archive>,
    /// What every origin takes.
    pub usage: Listing<Usage>,
    /// The latest alerts first.
    pub alerts: Vec<Alert>,
    /// When it was listed, in microseconds since 1970.
    pub now: u64,
    /// Why some of it could not be learned; may be what a program said.
    pub problem: Option<String>,
}

/// Something to be done to archives in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Stream them into the command that opens this kind.
    Open {
        /// The kind.
        kind: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// Stream them to another qube.
    Copy {
        /// The qube.
        to: QubeName,
        /// Their ids.
        ids: Vec<String>,
    },
    /// Delete them for good.
    Delete(Vec<String>),
    /// Protect them.
    Hold(Vec<String>),
    /// End their protection.
    Unhold(Vec<String>),
}

impl Task {
    /// What it did, for the user.
    #[must_use]
    pub fn done(&self) -> String {
        match self {
            Self::Open { ids, .. } => format!("closed the disposable with {}", archives(ids)),
            Self::Copy { to, ids } => format!("copied {} to {to}", archives(ids)),
            Self::Delete(ids) => format!("deleted {}", archives(ids)),
            Self::Hold(ids) => format!("holds {}", archives(ids)),
            Self::Unhold(ids) => format!("no longer holds {}", archives(ids)),
        }
    }

    /// What it could not do, for the user.
    #[must_use]
    pub fn failed(&self) -> String {
        match self {
            Self::Open { ids, .. } => format!("could not open {}", archives(ids)),
            Self::Copy { to, ids } => format!("could not copy {} to {to}", archives(ids)),
            Self::Delete(ids) => format!("could not delete {}", archives(ids)),
            Self::Hold(ids) => format!("could not hold {}", archives(ids)),
            Self::Unhold(ids) => format!("could not end the hold of {}", archives(ids)),
        }
    }

    /// Whether it changes what is stored.
    #[must_use]
    pub const fn changes(&self) -> bool {
        !matches!(self, Self::Open { .. } | Self::Copy { .. })
    }
}

fn archives(ids: &[String]) -> String {
    count(ids.len(), "archive")
}

/// Something that the model asks the layer above to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmd {
    /// Leave.
    Quit,
    /// Draw every cell again.
    Redraw,
    /// Stop until the shell continues the program.
    Suspend,
    /// List what is stored, and send [`Msg::Stored`].
    List,
    /// Run a task in the background, and send [`Msg::Done`].
    Run(Task),
}
