//! What typed text does.

use super::filters;
use super::goto;
use super::model::Model;
use super::msg::Cmd;
use super::prompt::{Prompt, Purpose};
use crate::config::{Chord, Key};
use crate::query::Error;
use crate::record::Timestamp;

/// Lines of each prompt that are remembered.
const REMEMBERED: usize = 100;

impl Model {
    /// Opens a prompt with what there is already.
    pub(super) fn ask(&mut self, purpose: Purpose) {
        let text = match purpose {
            Purpose::Filter => self.filter.as_ref().map_or(String::new(), |scan| scan.expression.clone()),
            Purpose::Comment => {
                let Some(cursor) = self.cursor() else { return };
                self.marks.get(cursor).unwrap_or_default().to_owned()
            }
            Purpose::Search | Purpose::Time | Purpose::Command => String::new(),
        };
        self.prompt = Some(Prompt::new(purpose, &text, self.editor));
    }

    /// Takes a key into the prompt.
    pub(super) fn type_key(&mut self, chord: Chord) -> Vec<Cmd> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let control = |c: char| chord == Chord::control(c);
        match chord.key {
            Key::Enter if prompt.completion.is_some() => {
                prompt.complete();
                self.typed()
            }
            Key::Enter => self.submit(),
            Key::Esc if prompt.completion.is_some() => {
                prompt.completion = None;
                Vec::new()
            }
            Key::Esc => self.cancel(),
            _ if control('c') || control('g') => self.cancel(),
            Key::Tab => self.complete(),
            Key::Up | Key::Down if prompt.completion.is_some() => {
                self.choose(chord.key == Key::Down);
                Vec::new()
            }
            Key::Up => self.recall(1),
            Key::Down => self.recall(-1),
            _ => {
                prompt.completion = None;
                if prompt.key(chord) { self.typed() } else { Vec::new() }
            }
        }
    }

    /// Takes pasted text into the prompt.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Cmd> {
        self.paste_in_finder(text);
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.insert(text);
        self.typed()
    }

    /// The text has changed: checks it, and counts what it would find.
    fn typed(&mut self) -> Vec<Cmd> {
        let Some(prompt) = &self.prompt else { return Vec::new() };
        match prompt.purpose {
            Purpose::Filter | Purpose::Search => self.preview(),
            Purpose::Time | Purpose::Comment | Purpose::Command => {
                if let Some(prompt) = &mut self.prompt {
                    prompt.error = None;
                }
                Vec::new()
            }
        }
    }

    fn complete(&mut self) -> Vec<Cmd> {
        let snapshot = &self.snapshot;
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        if prompt.completion.is_some() {
            self.choose(true);
            return Vec::new();
        }
        if prompt.purpose != Purpose::Filter {
            return Vec::new();
        }
        prompt.completion = filters::completion(snapshot, prompt.text(), prompt.cursor());
        if prompt.completion.as_ref().is_some_and(|completion| completion.words.len() == 1) {
            prompt.complete();
            return self.typed();
        }
        Vec::new()
    }

    /// The next or the previous word of the completion.
    fn choose(&mut self, next: bool) {
        let completion = self.prompt.as_mut().and_then(|prompt| prompt.completion.as_mut());
        if let Some(completion) = completion {
            let count = completion.words.len().max(1);
            completion.selected = (completion.selected + if next { 1 } else { count - 1 }) % count;
        }
    }

    /// Puts an earlier line into the prompt, or a later one.
    fn recall(&mut self, steps: isize) -> Vec<Cmd> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let lines = self.history.get(&prompt.purpose).map_or(&[][..], Vec::as_slice);
        prompt.back = prompt.back.saturating_add_signed(steps).min(lines.len());
        let line = lines.len().checked_sub(prompt.back).and_then(|place| lines.get(place));
        let line = line.map_or("", String::as_str);
        prompt.set(line);
        self.typed()
    }

    fn remember(&mut self, purpose: Purpose, line: &str) {
        let lines = self.history.entry(purpose).or_default();
        lines.retain(|known| known != line);
        if !line.trim().is_empty() {
            lines.push(line.to_owned());
        }
        if lines.len() > REMEMBERED {
            lines.remove(0);
        }
    }

    fn submit(&mut self) -> Vec<Cmd> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        self.remember(prompt.purpose, prompt.text());
        match prompt.purpose {
            Purpose::Filter => self.submit_filter(prompt),
            Purpose::Search => self.submit_search(prompt),
            Purpose::Time => {
                self.submit_time(prompt);
                Vec::new()
            }
            Purpose::Comment => {
                if let Some(cursor) = self.cursor() {
                    self.marks.comment(cursor, prompt.text().to_owned());
                }
                Vec::new()
            }
            Purpose::Command => self.run_command(prompt),
        }
    }

    fn submit_time(&mut self, mut prompt: Prompt) {
        self.refresh();
        match self.parse_time(prompt.text()) {
            Ok(time) => self.jump_to_time(time),
            Err(message) => {
                prompt.error = Some(Error { at: 0..prompt.text().len(), message });
                self.prompt = Some(prompt);
            }
        }
    }

    pub(super) fn parse_time(&self, text: &str) -> Result<Timestamp, String> {
        let span = self.span().ok_or("there is no record yet")?;
        goto::parse(text, self.time.unwrap_or(span.0), span)
    }

    fn cancel(&mut self) -> Vec<Cmd> {
        let prompt = self.prompt.take();
        prompt.and_then(|prompt| prompt.preview).map(|scan| Cmd::CancelScan(scan.generation)).into_iter().collect()
    }
}
