//! What is done to archives: opened, copied, deleted, held.

use std::collections::BTreeMap;

use logvm_wire::QubeName;

use crate::archive::{Archive, State};
use crate::input::Input;
use crate::model::{Focus, Model, Overlay, Prompt, summary};
use crate::msg::{Cmd, Task};
use crate::text::count;

/// At most this many archives at once: their ids have to fit into a command line (execve(2), 2 MiB with half of it
/// left to the environment).
pub const MOST_AT_ONCE: usize = 8_000;

impl Model {
    /// What is selected, if there is something and not too much of it.
    fn selected(&mut self) -> Option<Vec<Archive>> {
        let selection: Vec<Archive> = self.selection().into_iter().cloned().collect();
        match selection.len() {
            0 => self.say("there is no archive here", true),
            1..=MOST_AT_ONCE => return Some(selection),
            _ => self.say(format!("more than {MOST_AT_ONCE} archives at once are too many"), true),
        }
        None
    }

    /// Opens what is selected, one disposable for each kind; in the lists beside it, shows only that origin.
    pub(crate) fn open(&mut self) -> Vec<Cmd> {
        let origin = match self.focus {
            Focus::Archives => return self.open_selected(),
            Focus::Origins => self.usage.get(self.origins.cursor).map(|usage| usage.origin.clone()),
            Focus::Alerts => self.told.get(self.alerts.cursor).map(|alert| alert.origin.clone()),
        };
        if let Some(origin) = origin.filter(|origin| !origin.is_empty()) {
            self.set_filter(&origin);
            self.focus = Focus::Archives;
        }
        Vec::new()
    }

    fn open_selected(&mut self) -> Vec<Cmd> {
        let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Archive { kind, id, .. } in self.selected().into_iter().flatten() {
            kinds.entry(kind).or_default().push(id);
        }
        let commands = kinds.into_iter().flat_map(|(kind, ids)| self.run(Task::Open { kind, ids })).collect::<Vec<_>>();
        if !commands.is_empty() {
            self.say("opening in a disposable ...", false);
        }
        commands
    }

    /// Asks for the qube to copy to.
    pub(crate) fn ask_where_to_copy(&mut self) {
        if let Some(selection) = self.selected() {
            self.prompt = Some(Prompt::CopyTo { input: Input::default(), ids: ids(&selection) });
        }
    }

    pub(crate) fn copy(&mut self, input: Input, ids: Vec<String>) -> Vec<Cmd> {
        match QubeName::parse(input.text().trim()) {
            Some(to) => self.run(Task::Copy { to, ids }),
            None if input.text().trim().is_empty() => Vec::new(),
            None => {
                self.say("no qube can be called so", true);
                self.prompt = Some(Prompt::CopyTo { input, ids });
                Vec::new()
            }
        }
    }

    /// Asks whether to delete what is selected and may be deleted.
    pub(crate) fn ask_to_delete(&mut self) {
        let Some(selection) = self.selected() else { return };
        let (may, stay): (Vec<_>, Vec<_>) = selection.iter().partition(|archive| archive.state.may_be_deleted());
        if may.is_empty() {
            return self.say(refusal(&stay), true);
        }
        let mut question = vec![format!("Delete {} for good?", summary(&may))];
        question.extend(may.iter().take(3).map(|archive| archive.label()));
        if may.len() > 3 {
            question.push(format!("and {} more", may.len() - 3));
        }
        if !stay.is_empty() {
            question.push(format!("{} open or held: left as it is", count(stay.len(), "archive")));
        }
        let ids = may.iter().map(|archive| archive.id.clone()).collect();
        self.overlay = Some(Overlay::Confirm { question, task: Task::Delete(ids) });
    }

    /// Holds what is selected and not held yet; if all is held, ends that.
    pub(crate) fn hold(&mut self) -> Vec<Cmd> {
        let Some(selection) = self.selected() else { return Vec::new() };
        let (held, free): (Vec<_>, Vec<_>) = selection.into_iter().partition(|archive| archive.state == State::Held);
        let task = if free.is_empty() { Task::Unhold(ids(&held)) } else { Task::Hold(ids(&free)) };
        self.run(task)
    }
}

fn ids(archives: &[Archive]) -> Vec<String> {
    archives.iter().map(|archive| archive.id.clone()).collect()
}

/// Why nothing of this can be deleted.
fn refusal(stay: &[&Archive]) -> &'static str {
    match stay.first().map(|archive| archive.state) {
        Some(State::Held) => "it is held; end that first",
        Some(State::Open) => "it is still written to; only closed archives can be deleted",
        _ => "its state is not known; it is left as it is",
    }
}
