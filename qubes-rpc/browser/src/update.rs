//! How the model changes.

use logvm_look::config::{Chord, Key};

use crate::action::Action;
use crate::finder::Finder;
use crate::help::Help;
use crate::input::Input;
use crate::keys::Press;
use crate::model::{Model, Overlay, Prompt};
use crate::msg::{Cmd, Msg, Stored, Task};

/// Applies what happened; returns what the layer above has to do.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    let commands = match msg {
        Msg::Key(chord) => model.press(chord),
        Msg::Paste(text) => {
            model.paste(&text);
            Vec::new()
        }
        Msg::Click { column, row } => {
            model.click(column, row);
            Vec::new()
        }
        Msg::Wheel { column, row, rows } => {
            model.wheel(column, row, rows);
            Vec::new()
        }
        Msg::Resize(columns, rows) => {
            model.screen = (columns, rows);
            Vec::new()
        }
        Msg::Stored(stored) => model.take(*stored),
        Msg::Done { task, problem } => model.done(&task, problem),
    };
    model.arrange();
    commands
}

impl Model {
    /// Gives a key to what takes text or an answer, else does what it is bound to.
    fn press(&mut self, chord: Chord) -> Vec<Cmd> {
        self.notice = None;
        if self.prompt.is_some() {
            return self.type_key(chord);
        }
        match &self.overlay {
            Some(Overlay::Finder(_)) => return self.find_key(chord),
            Some(Overlay::Confirm { .. }) => return self.answer(chord),
            _ => {}
        }
        match self.key_state.press(&self.keys, chord) {
            Press::Action(action) => self.act(action),
            Press::Pending | Press::Unbound => Vec::new(),
        }
    }

    /// Does what a key asks for.
    pub(crate) fn act(&mut self, action: Action) -> Vec<Cmd> {
        if self.act_on_help(action) || self.act_on_list(action) || self.act_on_order(action) {
            return Vec::new();
        }
        match action {
            Action::Open => return self.open(),
            Action::Delete => self.ask_to_delete(),
            Action::Hold => return self.hold(),
            Action::Refresh => return self.list(),
            Action::CopyTo => self.ask_where_to_copy(),
            Action::Filter => {
                self.prompt = Some(Prompt::Filter { input: Input::new(&self.filter), before: self.filter.clone() });
            }
            Action::Finder => {
                let shown: Vec<_> = self.shown.iter().filter_map(|place| self.stored.items.get(*place)).collect();
                self.overlay = Some(Overlay::Finder(Box::new(Finder::new(shown.into_iter()))));
            }
            Action::Help => self.overlay = Some(Overlay::Help(Help::new(&self.keys))),
            Action::Back => self.set_filter(""),
            Action::Redraw => return vec![Cmd::Redraw],
            Action::Suspend => return vec![Cmd::Suspend],
            Action::Quit => return vec![Cmd::Quit],
            _ => {}
        }
        Vec::new()
    }

    /// Sorting and marks.
    fn act_on_order(&mut self, action: Action) -> bool {
        match action {
            Action::SortNext => self.sort_by(self.sort.column.next()),
            Action::Reverse => self.sort_by(self.sort.column),
            Action::Mark => self.mark(),
            Action::ClearMarks => self.marks.clear(),
            _ => match action.column() {
                Some(column) => self.sort_by(column),
                None => return false,
            },
        }
        true
    }

    /// The help takes the keys that scroll, and those that close it.
    fn act_on_help(&mut self, action: Action) -> bool {
        let Some(Overlay::Help(help)) = &mut self.overlay else { return false };
        let page = help.list.page();
        match action {
            Action::MoveDown => help.scroll(1),
            Action::MoveUp => help.scroll(-1),
            Action::PageDown | Action::HalfPageDown => help.scroll(page),
            Action::PageUp | Action::HalfPageUp => help.scroll(-page),
            Action::Top => help.scroll(isize::MIN),
            Action::Bottom => help.scroll(isize::MAX),
            Action::Redraw | Action::Suspend => return false,
            _ => self.overlay = None,
        }
        true
    }

    fn paste(&mut self, text: &str) {
        match (&mut self.prompt, &mut self.overlay) {
            (Some(Prompt::Filter { input, .. } | Prompt::CopyTo { input, .. }), _) => input.paste(text),
            (None, Some(Overlay::Finder(finder))) => {
                finder.input.paste(text);
                finder.search();
            }
            _ => {}
        }
        self.apply_filter();
    }

    /// A key while a line is typed.
    fn type_key(&mut self, chord: Chord) -> Vec<Cmd> {
        match chord.key {
            Key::Enter => return self.submit(),
            Key::Esc => self.cancel(),
            Key::Char('c') if chord.modifiers.control => self.cancel(),
            _ => {
                if let Some(Prompt::Filter { input, .. } | Prompt::CopyTo { input, .. }) = &mut self.prompt {
                    input.press(chord);
                }
                self.apply_filter();
            }
        }
        Vec::new()
    }

    /// Leaves the line as if it had not been typed.
    fn cancel(&mut self) {
        if let Some(Prompt::Filter { before, .. }) = self.prompt.take() {
            self.set_filter(&before);
        }
    }

    fn submit(&mut self) -> Vec<Cmd> {
        match self.prompt.take() {
            Some(Prompt::CopyTo { input, ids }) => self.copy(input, ids),
            _ => Vec::new(),
        }
    }

    /// Applies the filter that is being typed.
    fn apply_filter(&mut self) {
        if let Some(Prompt::Filter { input, .. }) = &self.prompt {
            let text = input.text().to_owned();
            self.set_filter(&text);
        }
    }

    /// A key in the finder.
    fn find_key(&mut self, chord: Chord) -> Vec<Cmd> {
        let Some(Overlay::Finder(finder)) = &mut self.overlay else { return Vec::new() };
        let page = finder.list.page();
        match (chord.key, chord.modifiers.control) {
            (Key::Esc, _) | (Key::Char('c'), true) => self.overlay = None,
            (Key::Enter, _) => {
                let id = finder.chosen().map(str::to_owned);
                self.overlay = None;
                self.go_to(id.as_deref());
            }
            (Key::Down, _) | (Key::Char('n'), true) => finder.step(1),
            (Key::Up, _) | (Key::Char('p'), true) => finder.step(-1),
            (Key::PageDown, _) => finder.step(page),
            (Key::PageUp, _) => finder.step(-page),
            _ if finder.input.press(chord) => finder.search(),
            _ => {}
        }
        Vec::new()
    }

    /// The answer to a question: only `y` is yes.
    fn answer(&mut self, chord: Chord) -> Vec<Cmd> {
        let Some(Overlay::Confirm { task, .. }) = self.overlay.take() else { return Vec::new() };
        if chord == Chord::char('y') || chord == Chord::char('Y') {
            return self.run(task);
        }
        self.say("nothing was done", false);
        Vec::new()
    }

    /// Takes in a new listing.
    fn take(&mut self, stored: Stored) -> Vec<Cmd> {
        self.now = stored.now;
        self.stored = stored.archives;
        self.usage = stored.usage.items;
        self.usage
            .sort_by(|a, b| b.percent().cmp(&a.percent()).then(b.bytes.cmp(&a.bytes)).then(a.origin.cmp(&b.origin)));
        self.told = stored.alerts;
        let there: std::collections::BTreeSet<&str> = self.stored.items.iter().map(|item| item.id.as_str()).collect();
        self.marks.retain(|id| there.contains(id.as_str()));
        self.choose();
        if let Some(problem) = stored.problem {
            self.say(problem, true);
        }
        match self.listing.take() {
            Some(true) => self.list(),
            _ => Vec::new(),
        }
    }

    /// Asks for a listing; one that is under way may be too old, so another one follows it.
    pub(crate) fn list(&mut self) -> Vec<Cmd> {
        match &mut self.listing {
            Some(again) => {
                *again = true;
                Vec::new()
            }
            None => {
                self.listing = Some(false);
                vec![Cmd::List]
            }
        }
    }

    /// Starts a task.
    pub(crate) fn run(&mut self, task: Task) -> Vec<Cmd> {
        self.running.push(task.clone());
        vec![Cmd::Run(task)]
    }

    fn done(&mut self, task: &Task, problem: Option<String>) -> Vec<Cmd> {
        if let Some(place) = self.running.iter().position(|running| running == task) {
            self.running.remove(place);
        }
        match problem {
            Some(problem) => self.say(format!("{}: {problem}", task.failed()), true),
            None => self.say(task.done(), false),
        }
        if task.changes() { self.list() } else { Vec::new() }
    }
}
