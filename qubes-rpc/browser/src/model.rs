//! All that the browser knows.

use std::collections::BTreeSet;

use logvm_look::keys::KeyState;

use crate::alerts::Alert;
use crate::archive::Archive;
use crate::column::Sort;
use crate::finder::Finder;
use crate::help::Help;
use crate::input::Input;
use crate::keys::Keys;
use crate::layout::Layout;
use crate::list::List;
use crate::listing::{Listing, Usage};
use crate::msg::Task;
use crate::text;

/// The list that has the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// All archives.
    #[default]
    Archives,
    /// What every origin takes.
    Origins,
    /// The latest alerts.
    Alerts,
}

/// What lies over the lists.
pub enum Overlay {
    /// All keys.
    Help(Help),
    /// The finder.
    Finder(Box<Finder>),
    /// A question; the task is run if it is answered with yes.
    Confirm {
        /// The question, as lines. Names of origins in it are not harmless yet.
        question: Vec<String>,
        /// What is asked about.
        task: Task,
    },
}

/// The line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// A filter, which is applied while it is typed; with the one before, for who changes his mind.
    Filter {
        /// The line.
        input: Input,
        /// The filter before.
        before: String,
    },
    /// The qube to copy to.
    CopyTo {
        /// The line.
        input: Input,
        /// The archives to copy.
        ids: Vec<String>,
    },
}

/// Something that the user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What; not harmless yet.
    pub text: String,
    /// It went wrong.
    pub wrong: bool,
}

/// The state of the browser. Only [`update`](crate::update()) changes it.
pub struct Model {
    /// What keys do.
    pub keys: Keys,
    /// Keys of a sequence that is not complete.
    pub key_state: KeyState,
    /// All archives, as they were listed.
    pub stored: Listing<Archive>,
    /// The places in `stored` of the archives that the filter shows, in their order.
    pub shown: Vec<usize>,
    /// Bytes of the archives that are shown.
    pub shown_bytes: u64,
    /// The cursor in `shown`.
    pub archives: List,
    /// What every origin takes, the fullest first.
    pub usage: Vec<Usage>,
    /// The cursor in `usage`.
    pub origins: List,
    /// The alerts, the latest first.
    pub told: Vec<Alert>,
    /// The cursor in `told`.
    pub alerts: List,
    /// The list that has the keyboard.
    pub focus: Focus,
    /// The order of the archives.
    pub sort: Sort,
    /// Words that an archive has to have to be shown.
    pub filter: String,
    /// Ids of marked archives.
    pub marks: BTreeSet<String>,
    /// What lies over everything.
    pub overlay: Option<Overlay>,
    /// The line that is being typed.
    pub prompt: Option<Prompt>,
    /// What the user is told.
    pub notice: Option<Notice>,
    /// Tasks that run.
    pub running: Vec<Task>,
    /// A listing is under way; whether another one has to follow.
    pub listing: Option<bool>,
    /// When the store was listed, in microseconds since 1970.
    pub now: u64,
    /// Columns and rows of the screen.
    pub screen: (u16, u16),
    /// Where everything is on the screen.
    pub layout: Layout,
}

impl Model {
    /// A browser that has asked for the first listing, for a screen of this many columns and rows.
    #[must_use]
    pub fn new(keys: Keys, screen: (u16, u16)) -> Self {
        let mut model = Self {
            keys,
            key_state: KeyState::default(),
            stored: Listing::default(),
            shown: Vec::new(),
            shown_bytes: 0,
            archives: List::default(),
            usage: Vec::new(),
            origins: List::default(),
            told: Vec::new(),
            alerts: List::default(),
            focus: Focus::default(),
            sort: Sort::default(),
            filter: String::new(),
            marks: BTreeSet::new(),
            overlay: None,
            prompt: None,
            notice: None,
            running: Vec::new(),
            listing: Some(false),
            now: 0,
            screen,
            layout: Layout::default(),
        };
        model.arrange();
        model
    }

    /// The archive in a row of the list.
    #[must_use]
    pub fn archive(&self, row: usize) -> Option<&Archive> {
        self.stored.items.get(*self.shown.get(row)?)
    }

    /// The visible rows of the list, with their numbers.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &Archive)> {
        self.archives.window(self.shown.len()).filter_map(|row| Some((row, self.archive(row)?)))
    }

    /// What actions are done to: the marked archives that are shown, else the one under the cursor.
    #[must_use]
    pub fn selection(&self) -> Vec<&Archive> {
        let shown = self.shown.iter().filter_map(|place| self.stored.items.get(*place));
        let marked: Vec<&Archive> = match self.marks.is_empty() {
            true => Vec::new(),
            false => shown.filter(|archive| self.marks.contains(&archive.id)).collect(),
        };
        if marked.is_empty() { self.archive(self.archives.cursor).into_iter().collect() } else { marked }
    }

    /// Tells the user something.
    pub(crate) fn say(&mut self, text: impl Into<String>, wrong: bool) {
        self.notice = Some(Notice { text: text.into(), wrong });
    }

    /// Chooses and orders the archives that are shown anew; the cursor stays on its archive where that is possible.
    pub(crate) fn choose(&mut self) {
        let under = self.archive(self.archives.cursor).map(|archive| archive.id.clone());
        let words: Vec<String> = self.filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let items = &self.stored.items;
        let mut shown: Vec<usize> = (0..items.len()).filter(|place| has_all(&items[*place], &words)).collect();
        shown.sort_by(|a, b| self.sort.compare(&items[*a], &items[*b], self.now));
        self.shown_bytes = shown.iter().fold(0, |sum, place| sum.saturating_add(items[*place].size));
        self.shown = shown;
        self.find(under.as_deref());
    }

    /// Puts the cursor on the archive of that id if it is shown, and gives whether it is.
    pub(crate) fn find(&mut self, id: Option<&str>) -> bool {
        let is_it =
            |place: &usize| self.stored.items.get(*place).is_some_and(|archive| Some(archive.id.as_str()) == id);
        let row = id.and_then(|_| self.shown.iter().position(is_it));
        self.archives.go(row.unwrap_or(self.archives.cursor), self.shown.len());
        row.is_some()
    }

    /// Divides the screen anew.
    pub(crate) fn arrange(&mut self) {
        self.layout = Layout::new(self.screen, self.focus);
        let inside = |pane: crate::layout::Area| usize::from(pane.inner().height);
        // The archives have a line of headings.
        self.archives.height = inside(self.layout.archives).saturating_sub(1);
        self.origins.height = inside(self.layout.origins);
        self.alerts.height = inside(self.layout.alerts);
        self.archives.show(self.shown.len());
        self.origins.show(self.usage.len());
        self.alerts.show(self.told.len());
        let most = usize::from(self.screen.1).saturating_sub(6);
        match &mut self.overlay {
            Some(Overlay::Help(help)) => {
                help.list.height = most;
                help.scroll(0);
            }
            Some(Overlay::Finder(finder)) => {
                finder.list.height = most.min(20);
                finder.step(0);
            }
            _ => {}
        }
    }
}

/// Whether an archive's line has every word.
fn has_all(archive: &Archive, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let line = format!("{} {}", archive.label(), archive.id).to_lowercase();
    words.iter().all(|word| line.contains(word.as_str()))
}

/// Archives in a question: how many, and how much.
#[must_use]
pub fn summary(archives: &[&Archive]) -> String {
    let bytes = archives.iter().fold(0_u64, |sum, archive| sum.saturating_add(archive.size));
    format!("{}, {}", text::count(archives.len(), "archive"), text::bytes(bytes))
}
