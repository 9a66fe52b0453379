//! Everything a user can do, in one table: keys and the help read it.

use logvm_look::keys::Bindable;

use crate::column::Column;

/// One row of [`ACTIONS`].
#[derive(Clone, Copy, Debug)]
pub struct ActionInfo {
    /// The action.
    pub action: Action,
    /// Its name; where the viewer has one of this name, keymaps bind it here too.
    pub name: &'static str,
    /// The keys it has whatever the keymap says, as keymaps write them.
    pub own: &'static [&'static str],
    /// What it does, as one sentence.
    pub doc: &'static str,
}

/// Declares [`Action`] and [`ACTIONS`] together.
macro_rules! actions {
    ($($variant:ident $name:literal [$($own:literal)*] $doc:literal)*) => {
        /// Something that a user can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $doc] $variant,)*
        }

        /// All actions, in the order of the help.
        pub static ACTIONS: &[ActionInfo] = &[
            $(ActionInfo { action: Action::$variant, name: $name, own: &[$($own),*], doc: $doc },)*
        ];
    };
}

actions! {
    Open "open" ["Enter"] "Opens what is selected in a disposable; an origin: lists it."
    CopyTo "copy-to-qube" ["c"] "Copies what is selected to another qube, after asking which."
    Delete "delete" ["d" "Delete"] "Deletes what is selected and neither open nor held; asks."
    Hold "hold" ["h"] "Protects what is selected from deletion, or ends that."
    Refresh "refresh" ["r" "F5"] "Lists anew."

    Filter "filter" ["/"] "Hides what does not have all the words typed."
    Finder "finder" ["f"] "Finds an archive by a few letters."
    SortNext "sort-next" ["s"] "Sorts by the next column."
    Reverse "sort-reverse" ["S"] "Reverses the order."
    SortReceived "sort-received" ["1"] "Sorts by the time of receipt; again: the other way round."
    SortOrigin "sort-origin" ["2"] "Sorts by origin."
    SortKind "sort-kind" ["3"] "Sorts by kind."
    SortSize "sort-size" ["4"] "Sorts by size."
    SortSpan "sort-span" ["5"] "Sorts by span."
    SortState "sort-state" ["6"] "Sorts by state."

    Mark "mark" [] "Marks an archive; what is marked is what is selected."
    ClearMarks "clear-marks" [] "Takes all marks away."

    MoveDown "move-down" [] "Moves the cursor one row down."
    MoveUp "move-up" [] "Moves the cursor one row up."
    PageDown "page-down" [] "Moves one screen down."
    PageUp "page-up" [] "Moves one screen up."
    HalfPageDown "half-page-down" [] "Moves half a screen down."
    HalfPageUp "half-page-up" [] "Moves half a screen up."
    Top "top" [] "Goes to the first row."
    Bottom "bottom" [] "Goes to the last row."
    NextPane "next-pane" [] "Goes to the next list: archives, origins, alerts."
    PreviousPane "previous-pane" [] "Goes to the list before."

    Back "back" [] "Leaves the help; takes the filter away."
    Help "help" [] "Shows all keys."
    Redraw "redraw" [] "Draws the screen anew."
    Suspend "suspend" [] "Stops the program until the shell continues it."
    Quit "quit" [] "Leaves; what is open in disposables stays open."
}

impl Action {
    /// The column that it sorts by.
    #[must_use]
    pub const fn column(self) -> Option<Column> {
        Some(match self {
            Self::SortReceived => Column::Received,
            Self::SortOrigin => Column::Origin,
            Self::SortKind => Column::Kind,
            Self::SortSize => Column::Size,
            Self::SortSpan => Column::Span,
            Self::SortState => Column::State,
            _ => return None,
        })
    }
}

impl Bindable for Action {
    fn from_name(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.name == name).map(|info| info.action)
    }

    fn names() -> impl Iterator<Item = &'static str> {
        ACTIONS.iter().map(|info| info.name)
    }
}
