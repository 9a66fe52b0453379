//! The command line: names of actions, and a few commands that take an argument.

use super::action::Action;
use super::model::Model;
use super::msg::Cmd;
use super::prompt::Prompt;
use super::scope::{self, Contents, Scope};
use crate::query::{Error, summary};

/// The most bytes that are copied at once: terminals refuse more.
const MOST_COPIED: usize = 64 * 1024;

impl Model {
    /// Runs what was typed; what is wrong with it is shown under it.
    pub(super) fn run_command(&mut self, mut prompt: Prompt) -> Vec<Cmd> {
        let text = prompt.text().trim().to_owned();
        let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        self.refresh();
        self.command(name, argument.trim()).unwrap_or_else(|message| {
            prompt.error = Some(Error { at: 0..prompt.text().len(), message });
            self.prompt = Some(prompt);
            Vec::new()
        })
    }

    fn command(&mut self, name: &str, argument: &str) -> Result<Vec<Cmd>, String> {
        match (name, argument) {
            ("", _) => Ok(Vec::new()),
            ("q" | "quit", _) => Ok(vec![Cmd::Quit]),
            ("filter", "") => Ok(self.clear_filter()),
            ("filter", expression) => self.set_filter(expression.to_owned()).map_err(|error| error.to_string()),
            ("goto", time) => self.parse_time(time).map(|time| self.jump_to_time(time)).map(|()| Vec::new()),
            ("pane", what) => self.set_pane(what).map(|()| Vec::new()),
            _ => match Action::from_name(name) {
                Some(action) => Ok(self.act(action)),
                None => Err(format!("no command {name:?}: filter, goto, pane, quit, or the name of an action")),
            },
        }
    }

    /// `pane CONTENTS [ORIGIN...]`: what the focused pane shows.
    fn set_pane(&mut self, what: &str) -> Result<(), String> {
        let mut words = what.split_whitespace();
        let contents = words.next().and_then(Contents::from_name).ok_or_else(|| {
            let names: Vec<&str> = Contents::ALL.iter().map(|contents| contents.name()).collect();
            format!("expected what the pane shows: {}", names.join(", "))
        })?;
        let there = scope::origins(&self.snapshot, contents);
        let mut origins = std::collections::BTreeSet::new();
        for word in words {
            let known = there.get_key_value(word).ok_or_else(|| format!("{word:?} has no {}", contents.name()))?;
            origins.insert(std::sync::Arc::clone(known.0));
        }
        let origins = (!origins.is_empty()).then_some(origins);
        self.show_scope(Scope { origins, ..Scope::of(contents) });
        Ok(())
    }

    /// Copies the line of the record under the cursor; control characters never reach the clipboard.
    pub(super) fn copy(&mut self) -> Vec<Cmd> {
        let Some(cursor) = self.cursor() else { return Vec::new() };
        let line = summary(&self.snapshot, cursor.id).text;
        let mut text: String = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        text.truncate(text.floor_char_boundary(MOST_COPIED));
        self.say("copied");
        vec![Cmd::Copy(text)]
    }
}
