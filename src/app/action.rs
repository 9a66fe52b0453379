//! Everything a user can do, in one table: key dispatch, the help overlay, the finder, the checking of keymaps and the
//! reference in `docs/keys.md` all read it.

/// Where an action has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A pane of records.
    Pane,
    /// The detail drawer.
    Detail,
    /// The list of sources.
    Sources,
    /// The help overlay.
    Help,
}

/// What an action is about: the sections of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Moving the cursor and the view.
    Moving,
    /// Moving and reading in time.
    Time,
    /// Jumping to records.
    Searching,
    /// Hiding records.
    Filtering,
    /// Marks and comments.
    Marks,
    /// Panes and what they show.
    Panes,
    /// One record in full.
    Detail,
    /// The program itself.
    Program,
}

impl Topic {
    /// All topics, in the order of the help.
    pub const ALL: [Self; 8] = [
        Self::Moving,
        Self::Time,
        Self::Searching,
        Self::Filtering,
        Self::Marks,
        Self::Panes,
        Self::Detail,
        Self::Program,
    ];

    /// The heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moving => "Moving",
            Self::Time => "Time",
            Self::Searching => "Searching",
            Self::Filtering => "Filtering",
            Self::Marks => "Marks",
            Self::Panes => "Panes",
            Self::Detail => "Detail",
            Self::Program => "Program",
        }
    }
}

/// One row of [`ACTIONS`].
#[derive(Clone, Copy, Debug)]
pub struct ActionInfo {
    /// The action.
    pub action: Action,
    /// Its name in keymaps, in the finder and on the command line.
    pub name: &'static str,
    /// What it does, as one sentence.
    pub doc: &'static str,
    /// The section of the help it belongs to.
    pub topic: Topic,
    /// Where it has a meaning; empty means everywhere.
    pub contexts: &'static [Context],
}

impl ActionInfo {
    /// Whether the action has a meaning in `context`.
    #[must_use]
    pub fn works_in(&self, context: Context) -> bool {
        self.contexts.is_empty() || self.contexts.contains(&context)
    }
}

const EVERYWHERE: &[Context] = &[];
const RECORDS: &[Context] = &[Context::Pane];
const ONE_RECORD: &[Context] = &[Context::Pane, Context::Detail];
const DETAIL: &[Context] = &[Context::Detail];

/// Declares [`Action`] and [`ACTIONS`] together, so that no action can be without a name and a sentence.
macro_rules! actions {
    ($($variant:ident $name:literal $topic:ident $contexts:ident $doc:literal)*) => {
        /// Something a user can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(#[doc = $doc] $variant,)*
        }

        /// All actions, in the order of the help.
        pub static ACTIONS: &[ActionInfo] = &[
            $(ActionInfo {
                action: Action::$variant,
                name: $name,
                doc: $doc,
                topic: Topic::$topic,
                contexts: $contexts,
            },)*
        ];
    };
}

actions! {
    MoveDown "move-down" Moving EVERYWHERE "Moves the cursor one row down."
    MoveUp "move-up" Moving EVERYWHERE "Moves the cursor one row up."
    PageDown "page-down" Moving EVERYWHERE "Moves one screen down."
    PageUp "page-up" Moving EVERYWHERE "Moves one screen up."
    HalfPageDown "half-page-down" Moving EVERYWHERE "Moves half a screen down."
    HalfPageUp "half-page-up" Moving EVERYWHERE "Moves half a screen up."
    Top "top" Moving EVERYWHERE "Goes to the first row."
    Bottom "bottom" Moving EVERYWHERE "Goes to the last row."
    ScrollLeft "scroll-left" Moving ONE_RECORD "Shows more of the left of long lines."
    ScrollRight "scroll-right" Moving ONE_RECORD "Shows more of the right of long lines."
    JumpBack "jump-back" Moving RECORDS "Returns to where the last jump began."
    JumpForward "jump-forward" Moving RECORDS "Undoes the last jump-back."

    GoToTime "go-to-time" Time RECORDS "Asks for a time (00:39, +5s, -15m) and goes there."
    MinuteForward "minute-forward" Time RECORDS "Moves one minute forward in time."
    MinuteBack "minute-back" Time RECORDS "Moves one minute back in time."
    ToggleDelta "toggle-delta" Time RECORDS "Shows or hides the time since the record before."
    ToggleClock "toggle-clock" Time RECORDS "Switches between received and claimed times."
    ToggleSync "toggle-sync" Time RECORDS "Lets the other panes follow in time, or not."

    Search "search" Searching RECORDS "Asks for a text or /regex/ and jumps to the next record with it."
    SearchNext "search-next" Searching RECORDS "Jumps to the next match of the search."
    SearchPrevious "search-previous" Searching RECORDS "Jumps to the previous match of the search."
    NextWarning "next-warning" Searching RECORDS "Jumps to the next record of level warning or worse."
    PreviousWarning "previous-warning" Searching RECORDS "Jumps to the previous record of level warning or worse."

    Filter "filter" Filtering RECORDS "Edits the filter of the pane."
    FilterIn "filter-in" Filtering ONE_RECORD "Keeps only records with the value under the cursor."
    FilterOut "filter-out" Filtering ONE_RECORD "Hides records with the value under the cursor."
    ToggleFilter "toggle-filter" Filtering RECORDS "Switches filters off and on again."
    ToggleCopies "toggle-copies" Filtering RECORDS "Shows or hides lines that other sources have with finer times."
    ContextMore "context-more" Filtering RECORDS "Shows one more hidden row around each match."
    ContextLess "context-less" Filtering RECORDS "Shows one row less around each match."

    Mark "mark" Marks ONE_RECORD "Marks the record, or removes its mark."
    NextMark "next-mark" Marks RECORDS "Jumps to the next mark."
    PreviousMark "previous-mark" Marks RECORDS "Jumps to the previous mark."
    ClearMarks "clear-marks" Marks EVERYWHERE "Removes all marks."
    Comment "comment" Marks ONE_RECORD "Writes a comment on the record and marks it."

    NextPane "next-pane" Panes EVERYWHERE "Goes to the next pane."
    PreviousPane "previous-pane" Panes EVERYWHERE "Goes to the previous pane."
    Pane1 "pane-1" Panes EVERYWHERE "Goes to pane 1."
    Pane2 "pane-2" Panes EVERYWHERE "Goes to pane 2."
    Pane3 "pane-3" Panes EVERYWHERE "Goes to pane 3."
    Pane4 "pane-4" Panes EVERYWHERE "Goes to pane 4."
    Pane5 "pane-5" Panes EVERYWHERE "Goes to pane 5."
    Pane6 "pane-6" Panes EVERYWHERE "Goes to pane 6."
    Pane7 "pane-7" Panes EVERYWHERE "Goes to pane 7."
    Pane8 "pane-8" Panes EVERYWHERE "Goes to pane 8."
    Pane9 "pane-9" Panes EVERYWHERE "Goes to pane 9."
    Split "split" Panes RECORDS "Opens another pane beside this one."
    ClosePane "close-pane" Panes RECORDS "Closes the pane."
    Sources "sources" Panes EVERYWHERE "Lists what was read: formats, spans, counts, errors."
    Flows "flows" Panes RECORDS "Shows the flows of the pane's vantage."
    Packets "packets" Panes RECORDS "Shows the packets of the flow under the cursor; again, all packets."
    Dns "dns" Panes RECORDS "Shows the DNS queries and answers of the pane's vantage."

    OpenDetail "open-detail" Detail EVERYWHERE "Opens what is under the cursor: fields, packet layers, bytes."
    Back "back" Detail EVERYWHERE "Closes the topmost thing that is open."
    NextSection "next-section" Detail DETAIL "Goes to the next section of the detail."
    PreviousSection "previous-section" Detail DETAIL "Goes to the previous section of the detail."
    Copy "copy" Detail ONE_RECORD "Copies the record, made harmless, through the terminal's clipboard (OSC 52)."

    Help "help" Program EVERYWHERE "Shows the keys and the filter language."
    Finder "finder" Program EVERYWHERE "Finds actions, sources and values by a few of their letters."
    Command "command" Program EVERYWHERE "Asks for the name of an action and runs it."
    Redraw "redraw" Program EVERYWHERE "Draws the whole screen again."
    Suspend "suspend" Program EVERYWHERE "Stops the program until the shell continues it."
    Quit "quit" Program EVERYWHERE "Leaves the program."
}

impl Action {
    /// The action of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.name == name).map(|info| info.action)
    }

    /// Its row of [`ACTIONS`].
    #[must_use]
    pub fn info(self) -> &'static ActionInfo {
        // The table is generated from the same list as the enum, so the discriminant is the index.
        &ACTIONS[self as usize]
    }

    /// The name in keymaps.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// For `pane-1` to `pane-9`: the pane's place, from 0.
    #[must_use]
    pub const fn pane(self) -> Option<usize> {
        let (action, first) = (self as usize, Self::Pane1 as usize);
        if first <= action && action <= Self::Pane9 as usize { Some(action - first) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_name_and_has_a_sentence() {
        for info in ACTIONS {
            assert_eq!(Action::from_name(info.name), Some(info.action), "{} is there twice", info.name);
            assert_eq!(info.action.info().name, info.name);
            assert!(info.doc.ends_with('.') && info.doc.len() <= 80, "{}", info.doc);
            assert!(info.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }

    #[test]
    fn topics_are_contiguous_so_that_the_help_has_one_section_each() {
        let mut seen: Vec<Topic> = ACTIONS.iter().map(|info| info.topic).collect();
        seen.dedup();
        assert_eq!(seen, Topic::ALL);
    }

    #[test]
    fn panes_are_numbered() {
        assert_eq!(Action::Pane1.pane(), Some(0));
        assert_eq!(Action::Pane9.pane(), Some(8));
        assert_eq!(Action::Split.pane(), None);
        assert_eq!(Action::PreviousPane.pane(), None);
    }
}
