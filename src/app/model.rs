//! All that the viewer knows.

use std::collections::BTreeMap;

use super::action::Context;
use super::clock::Clock;
use super::editor::NewEditor;
use super::help::Help;
use super::jumps::Jumps;
use super::keys::{KeyState, Keys};
use super::layout::{Layout, Needs};
use super::marks::Marks;
use super::palette::Palette;
use super::panes::detail::Detail;
use super::panes::records::{Pane, Stamp};
use super::panes::sources::Sources;
use super::panes::strip::Strip;
use super::prompt::{Prompt, Purpose};
use super::scan::Scan;
use super::scope;
use crate::ingest::Progress;
use crate::query::{Copies, Results};
use crate::record::{Precision, Timestamp};
use crate::store::{Snapshot, SortKey};

/// The most panes that can be open.
pub const MOST_PANES: usize = 4;

/// The state of the viewer. Only [`update`](super::update()) and [`window::fill`](super::window::fill) change it.
pub struct Model {
    /// What is being looked at, for the status line.
    pub archive: String,
    /// What keys do.
    pub keys: Keys,
    /// Makes the text field of a prompt.
    pub(super) editor: NewEditor,
    /// Keys of a sequence that is not complete.
    pub key_state: KeyState,
    /// The records so far.
    pub snapshot: Snapshot,
    /// How far reading is.
    pub progress: Progress,
    /// The panes; never empty, at most [`MOST_PANES`].
    pub panes: Vec<Pane>,
    /// The pane that has the keyboard.
    pub focus: usize,
    /// The moment that all panes show, once there is a record.
    pub time: Option<Timestamp>,
    /// Panes follow each other in time.
    pub sync: bool,
    /// Rows show the time since the row above.
    pub delta: bool,
    /// Which time rows show.
    pub clock: Clock,
    /// The filter, if one is set.
    pub filter: Option<Scan>,
    /// The filter is applied.
    pub filter_on: bool,
    /// Rows shown around each match of the filter.
    pub context: usize,
    /// Lines that are copies of others, once that is known.
    pub copies: Copies,
    /// Copies are shown.
    pub show_copies: bool,
    /// The search, if there is one.
    pub search: Option<Scan>,
    /// Columns that long lines are shifted to the left.
    pub shift: usize,
    /// Marked records.
    pub marks: Marks,
    /// Where the user has been.
    pub jumps: Jumps,
    /// Lines typed before, the latest last.
    pub history: BTreeMap<Purpose, Vec<String>>,
    /// The line that is being typed.
    pub prompt: Option<Prompt>,
    /// The detail drawer.
    pub detail: Option<Detail>,
    /// What lies over everything.
    pub overlay: Option<Overlay>,
    /// The time strip.
    pub strip: Strip,
    /// Where everything is on the screen.
    pub layout: Layout,
    /// Columns and rows of the screen.
    pub screen: (u16, u16),
    /// A message to the user, and when it was first seen, in seconds since the start.
    pub notice: Option<(String, f64)>,
    /// Seconds since the start.
    pub now: f64,
    /// Counts the changes of the filter and its results.
    pub(super) filter_changes: u64,
    /// Counts the changes of what is known of copies, and whether they are shown.
    pub(super) copies_changes: u64,
    /// Version of the snapshot in which copies were looked for last.
    pub(super) copies_version: u64,
    /// Generation of the newest scan.
    pub(super) generation: u64,
    /// The search was submitted before it had found a match; the first one is jumped to.
    pub(super) search_jump: bool,
    /// The user has chosen the panes; they are no longer made to suit the archive.
    pub(super) arranged: bool,
    /// The user has moved; the cursors stay where they are while reading goes on.
    pub(super) touched: bool,
}

/// What lies over the panes.
pub enum Overlay {
    /// The keys and the filter language.
    Help(Help),
    /// The fuzzy finder.
    Finder(Box<Palette>),
    /// The list of sources.
    Sources(Sources),
}

impl Model {
    /// A viewer without records, for a screen of this many columns and rows; `editor` makes the text field of prompts.
    #[must_use]
    pub fn new(archive: impl Into<String>, keys: Keys, editor: NewEditor, screen: (u16, u16)) -> Self {
        Self {
            archive: archive.into(),
            keys,
            editor,
            key_state: KeyState::default(),
            snapshot: Snapshot::default(),
            progress: Progress::default(),
            panes: vec![Pane::new(scope::Scope::of(scope::Contents::All))],
            focus: 0,
            time: None,
            sync: true,
            delta: false,
            clock: Clock::default(),
            filter: None,
            filter_on: true,
            context: 0,
            copies: Copies::default(),
            show_copies: false,
            search: None,
            shift: 0,
            marks: Marks::default(),
            jumps: Jumps::default(),
            history: BTreeMap::new(),
            prompt: None,
            detail: None,
            overlay: None,
            strip: Strip::default(),
            layout: Layout::default(),
            screen,
            notice: None,
            now: 0.0,
            filter_changes: 0,
            copies_changes: 0,
            copies_version: 0,
            generation: 0,
            search_jump: false,
            arranged: false,
            touched: false,
        }
    }

    /// What the keyboard acts on.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.overlay, &self.detail) {
            (Some(Overlay::Sources(_)), _) => Context::Sources,
            (Some(_), _) => Context::Help,
            (None, Some(detail)) if detail.focused => Context::Detail,
            _ => Context::Pane,
        }
    }

    /// The pane that has the keyboard.
    #[must_use]
    pub fn pane(&self) -> &Pane {
        &self.panes[self.focus]
    }

    pub(super) fn pane_mut(&mut self) -> &mut Pane {
        &mut self.panes[self.focus]
    }

    /// The record under the cursor.
    #[must_use]
    pub fn cursor(&self) -> Option<SortKey> {
        self.pane().cursor
    }

    /// The rows that the filter lets through, if one is applied.
    #[must_use]
    pub fn selection(&self) -> Option<&Results> {
        self.filter.as_ref().filter(|_| self.filter_on).map(|scan| &scan.found)
    }

    /// The interval for which the record under `key` stands: a second-resolution time is a whole second.
    #[must_use]
    pub fn interval(&self, key: SortKey) -> (Timestamp, Timestamp) {
        let found = self.snapshot.find(key.id);
        let precision = found.map(|(_, segment, row)| segment.key_precision(row)).unwrap_or_default();
        let length = match precision {
            Precision::Second => 1_000_000_000,
            Precision::Millisecond => 1_000_000,
            Precision::Microsecond => 1_000,
            Precision::Nanosecond => 1,
        };
        (key.time, key.time.offset(length))
    }

    /// Smallest and largest time of all records.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let spans = || self.snapshot.tables().filter_map(|table| table.span());
        Some((spans().map(|span| span.0).min()?, spans().map(|span| span.1).max()?))
    }

    /// Tells the user something.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some((text.into(), self.now));
    }

    pub(super) const fn stamp(&self) -> Stamp {
        Stamp {
            version: self.snapshot.version,
            filter: self.filter_changes,
            copies: self.copies_changes,
            context: self.context,
        }
    }

    /// Lets every pane take in what has changed.
    pub(super) fn refresh(&mut self) {
        let stamp = self.stamp();
        let selection = self.filter.as_ref().filter(|_| self.filter_on).map(|scan| &scan.found);
        let hidden = (!self.show_copies).then_some(&self.copies);
        for pane in &mut self.panes {
            pane.refresh(&self.snapshot, selection, hidden, stamp);
        }
    }

    /// Divides the screen anew.
    pub(super) fn arrange(&mut self) {
        self.layout = Layout::new(Needs {
            screen: self.screen,
            panes: self.panes.len(),
            focus: self.focus,
            drawer: self.detail.is_some(),
            prompt: self.prompt.as_ref().map_or(0, Prompt::lines),
        });
        for (pane, framed) in self.panes.iter_mut().zip(&self.layout.panes) {
            if let Some(framed) = framed {
                pane.height = usize::from(framed.inner.height).max(1);
                pane.width = usize::from(framed.inner.width);
            }
        }
    }
}
