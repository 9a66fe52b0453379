//! Filters and searches: typing, setting, and keeping them up to date while reading goes on.

use super::model::Model;
use super::msg::Cmd;
use super::prompt::{Completion, Prompt, Purpose};
use super::scan::{LookFor, Scan};
use crate::query::complete::{complete, quoted};
use crate::query::schema::FieldName;
use crate::query::{Context, Error};
use crate::record::RecordId;
use crate::store::{Columns, Snapshot};

/// The most context rows around a match.
const MOST_CONTEXT: usize = 99;

impl Model {
    /// Compiles what is being typed and counts its matches in the background.
    pub(super) fn preview(&mut self) -> Vec<Cmd> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let mut commands = Vec::new();
        commands.extend(prompt.preview.take().map(|scan| Cmd::CancelScan(scan.generation)));
        prompt.error = None;
        let (purpose, text) = (prompt.purpose, prompt.text().to_owned());
        if text.trim().is_empty() {
            return commands;
        }
        match self.compile(purpose, &text) {
            Ok(look_for) => {
                let scan = self.new_scan(text, look_for);
                commands.push(self.request(&scan));
                if let Some(prompt) = &mut self.prompt {
                    prompt.preview = Some(scan);
                }
            }
            Err(error) => {
                if let Some(prompt) = &mut self.prompt {
                    prompt.error = Some(error);
                }
            }
        }
        commands
    }

    fn compile(&self, purpose: Purpose, text: &str) -> Result<LookFor, Error> {
        if purpose == Purpose::Search {
            return LookFor::search(text);
        }
        LookFor::filter(text, &Context { cursor: self.time, day: self.span().map(|span| span.0) })
    }

    fn new_scan(&mut self, expression: String, look_for: LookFor) -> Scan {
        self.generation += 1;
        Scan::new(self.generation, expression, look_for)
    }

    fn request(&self, scan: &Scan) -> Cmd {
        Cmd::Scan(scan.request(&self.snapshot, self.time))
    }

    /// Asks for the records that have come since, for every scan.
    pub(super) fn rescan(&mut self) -> Vec<Cmd> {
        let preview = self.prompt.as_mut().and_then(|prompt| prompt.preview.as_mut());
        let scans = [self.filter.as_mut(), self.search.as_mut(), preview];
        let request = |scan: &mut Scan| {
            scan.done = false;
            scan.found.retain(&self.snapshot);
            Cmd::Scan(scan.request(&self.snapshot, self.time))
        };
        scans.into_iter().flatten().map(request).collect()
    }

    /// Jumps to the first match of a search that was submitted before it had found one.
    pub(super) fn after_found(&mut self, generation: u64) {
        let Some(search) = &self.search else { return };
        if search.generation != generation || !self.search_jump || search.found.count() == 0 {
            return;
        }
        self.refresh();
        self.go_to_match();
    }

    /// Sets the filter that was typed; an empty one shows everything.
    pub(super) fn submit_filter(&mut self, prompt: Prompt) -> Vec<Cmd> {
        let expression = prompt.text().trim().to_owned();
        if prompt.error.is_some() {
            self.prompt = Some(prompt);
            return Vec::new();
        }
        match prompt.preview {
            Some(scan) => self.adopt(scan),
            None if expression.is_empty() => self.clear_filter(),
            None => Vec::new(),
        }
    }

    /// Applies a filter that has been started already.
    fn adopt(&mut self, scan: Scan) -> Vec<Cmd> {
        let old = self.filter.replace(scan);
        self.filter_on = true;
        self.filter_changes += 1;
        old.map(|scan| Cmd::CancelScan(scan.generation)).into_iter().collect()
    }

    pub(super) fn clear_filter(&mut self) -> Vec<Cmd> {
        self.filter_changes += 1;
        self.filter.take().map(|scan| Cmd::CancelScan(scan.generation)).into_iter().collect()
    }

    /// Compiles and applies a filter.
    ///
    /// # Errors
    /// When the expression is no filter.
    pub fn set_filter(&mut self, expression: String) -> Result<Vec<Cmd>, Error> {
        let look_for = self.compile(Purpose::Filter, &expression)?;
        let scan = self.new_scan(expression, look_for);
        let mut commands = vec![self.request(&scan)];
        commands.extend(self.adopt(scan));
        Ok(commands)
    }

    pub(super) fn submit_search(&mut self, mut prompt: Prompt) -> Vec<Cmd> {
        if prompt.error.is_some() {
            self.prompt = Some(prompt);
            return Vec::new();
        }
        let Some(scan) = prompt.preview.take() else {
            self.seek_match(true);
            return Vec::new();
        };
        let old = self.search.replace(scan);
        self.search_jump = true;
        self.refresh();
        self.go_to_match();
        old.map(|scan| Cmd::CancelScan(scan.generation)).into_iter().collect()
    }

    /// Jumps to the next match if there is one by now.
    fn go_to_match(&mut self) {
        let before = self.cursor();
        self.seek_match(true);
        if self.cursor() != before {
            self.search_jump = false;
        }
    }

    pub(super) fn toggle_filter(&mut self) {
        if self.filter.is_none() {
            return self.say("no filter is set: & sets one");
        }
        self.filter_on = !self.filter_on;
        self.filter_changes += 1;
    }

    pub(super) fn set_context(&mut self, rows: usize) {
        self.context = rows.min(MOST_CONTEXT);
        self.say(format!("{} context rows around matches", self.context));
    }

    /// Filters by the main value of the record under the cursor.
    pub(super) fn filter_value(&mut self, keep: bool) -> Vec<Cmd> {
        let field = self.detail.as_ref().filter(|detail| detail.focused).and_then(|detail| detail.selected_field());
        let test = match field {
            Some((name, value)) => field_test(name, value),
            None => self.cursor().and_then(|cursor| main_test(&self.snapshot, cursor.id)),
        };
        let Some(test) = test else {
            self.say("there is no value under the cursor to filter by");
            return Vec::new();
        };
        self.add_test(if keep { test } else { format!("!({test})") })
    }

    /// Narrows the filter by another test.
    pub(super) fn add_test(&mut self, test: String) -> Vec<Cmd> {
        let expression = match &self.filter {
            Some(scan) => format!("({}) && {test}", scan.expression),
            None => test,
        };
        self.set_filter(expression).unwrap_or_else(|error| {
            self.say(error.to_string());
            Vec::new()
        })
    }
}

/// A test for a value of a field; none for what is no field of the filter language.
pub(super) fn field_test(name: &str, value: &str) -> Option<String> {
    let field = FieldName::resolve(name)?;
    Some(format!("{name} == {}", quoted(value, &field)))
}

/// A test for the value that a record is mostly about: whom it talked to, or whose it is.
fn main_test(snapshot: &Snapshot, id: RecordId) -> Option<String> {
    let (table, segment, row) = snapshot.find(id)?;
    let address = match &segment.columns {
        Columns::Entries(entries) => {
            entries.nft.as_ref().and_then(|nft| nft.index(row).map(|index| nft.tuple(index).destination))
        }
        Columns::Packets(_) => snapshot.flow_of(id).and_then(|id| snapshot.flow(id)).map(|flow| flow.tuple.destination),
        Columns::Flows(flows) => flows.get(row).map(|flow| flow.tuple.destination),
        Columns::Dns(exchanges) => {
            return exchanges.get(row).and_then(|exchange| field_test("dns.qry.name", &exchange.name));
        }
    };
    match address {
        Some(address) => Some(format!("ip.addr == {address}")),
        None => field_test("qube", &table.info.origin),
    }
}

/// Words that can stand at the cursor; none where there is nothing to choose from.
pub(super) fn completion(snapshot: &Snapshot, text: &str, cursor: usize) -> Option<Completion> {
    let completion = complete(text, cursor, snapshot);
    let words: Vec<_> = completion.candidates.into_iter().map(|candidate| (candidate.text, candidate.doc)).collect();
    (!words.is_empty()).then_some(Completion { range: completion.at, words, selected: 0 })
}
