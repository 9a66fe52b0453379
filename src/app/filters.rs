//! Filters and searches: typing, setting, and keeping them up to date while reading goes on.

use super::model::Model;
use super::msg::{Cmd, ScanRequest};
use super::prompt::{Completion, Prompt, Purpose};
use super::scan::{Program, Scan};
use super::search::Pattern;
use crate::query::{Context, Error, Filter};
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
            Ok(program) => {
                let scan = self.new_scan(text, program);
                commands.extend(self.request(&scan));
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

    fn compile(&self, purpose: Purpose, text: &str) -> Result<Program, Error> {
        if purpose == Purpose::Search {
            return Pattern::compile(text).map(Program::Search);
        }
        Filter::compile(text, &Context { cursor: self.time }).map(Program::Filter)
    }

    fn new_scan(&mut self, expression: String, program: Program) -> Scan {
        self.generation += 1;
        Scan::new(self.generation, expression, program)
    }

    /// Asks for what a scan has not seen yet.
    fn request(&self, scan: &Scan) -> Option<Cmd> {
        let segments = scan.missing(&self.snapshot, self.time);
        let request = ScanRequest {
            generation: scan.generation,
            program: scan.program.clone(),
            snapshot: self.snapshot.clone(),
            segments,
        };
        (!request.segments.is_empty()).then_some(Cmd::Scan(request))
    }

    /// Asks for the segments that have come since, for every scan.
    pub(super) fn rescan(&mut self) -> Vec<Cmd> {
        let preview = self.prompt.as_ref().and_then(|prompt| prompt.preview.as_ref());
        let scans = [self.filter.as_ref(), self.search.as_ref(), preview];
        scans.into_iter().flatten().filter_map(|scan| self.request(scan)).collect()
    }

    /// Jumps to the first match of a search that was submitted before it had found one.
    pub(super) fn after_found(&mut self, generation: u64) {
        let Some(search) = &self.search else { return };
        if search.generation != generation || !self.search_jump || search.found.count == 0 {
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
    pub(super) fn set_filter(&mut self, expression: String) -> Result<Vec<Cmd>, Error> {
        let program = self.compile(Purpose::Filter, &expression)?;
        let scan = self.new_scan(expression, program);
        let mut commands: Vec<Cmd> = self.request(&scan).into_iter().collect();
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
        let Some(test) = self.cursor().and_then(|cursor| main_test(&self.snapshot, cursor.id)) else {
            self.say("the record under the cursor has no value to filter by");
            return Vec::new();
        };
        let test = if keep { test } else { format!("!({test})") };
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
            return exchanges.get(row).map(|exchange| format!("dns.qry.name == {}", quoted(&exchange.name)));
        }
    };
    Some(address.map_or_else(|| format!("qube == {}", quoted(&table.info.origin)), |a| format!("ip.addr == {a}")))
}

/// A string as the filter language writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Names of fields that fit the word before the cursor.
pub(super) fn completion(_snapshot: &Snapshot, text: &str, cursor: usize) -> Option<Completion> {
    let start = text[..cursor].rfind(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').map_or(0, |at| at + 1);
    let names = ["ip.addr", "ip.src", "ip.dst", "port", "nft.prefix", "dns.qry.name", "qube", "kind", "level"];
    let fits = names.iter().filter(|name| name.starts_with(&text[start..cursor]));
    let words: Vec<_> = fits.map(|name| ((*name).to_owned(), String::new())).collect();
    (!words.is_empty()).then_some(Completion { range: start..cursor, words, selected: 0 })
}
