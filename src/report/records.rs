//! Records as lines of text or of JSON.

use std::collections::VecDeque;
use std::io::{self, Write};

use super::provenance::{Provenance, provenance};
use super::{Format, json};
use crate::civil;
use crate::escape::{Form, escape_to};
use crate::query::{self, Value};
use crate::record::{RecordId, Timestamp};
use crate::store::{Snapshot, SortKey, Timeline};

/// Which of the matches are printed, and with what around them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Records before and after each match.
    pub context: usize,
    /// At most this many matches.
    pub limit: Option<u64>,
    /// Only matches at or after this time.
    pub since: Option<Timestamp>,
    /// Only matches before this time.
    pub until: Option<Timestamp>,
}

/// Prints records of one snapshot.
pub struct Printer<'a> {
    snapshot: &'a Snapshot,
    format: Format,
    out: &'a mut dyn Write,
}

impl<'a> Printer<'a> {
    /// Prints to `out`.
    pub fn new(snapshot: &'a Snapshot, format: Format, out: &'a mut dyn Write) -> Self {
        Self { snapshot, format, out }
    }

    /// Prints `matches`, each with its neighbours in `all`; gives the number of matches printed.
    ///
    /// # Errors
    /// When the output fails.
    pub fn print(&mut self, matches: &Timeline, all: &Timeline, extent: Extent) -> io::Result<u64> {
        let limit = usize::try_from(extent.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let start = SortKey::start_of(extent.since.unwrap_or(Timestamp(i64::MIN)));
        let inside = |key: &SortKey| extent.until.is_none_or(|until| key.time < until);
        let mut printed = 0;
        let mut last: Option<SortKey> = None;
        for key in matches.forward(start).take_while(inside).take(limit) {
            printed += 1;
            if extent.context == 0 {
                self.record(key.id, true)?;
            } else {
                last = self.with_context(key, matches, all, extent.context, last)?;
            }
        }
        Ok(printed)
    }

    /// Prints a match with its neighbours, as far as they come after `last`; gives the last record printed.
    fn with_context(
        &mut self,
        key: SortKey,
        matches: &Timeline,
        all: &Timeline,
        context: usize,
        last: Option<SortKey>,
    ) -> io::Result<Option<SortKey>> {
        let fresh = |neighbour: &SortKey| last.is_none_or(|last| *neighbour > last);
        let mut before: VecDeque<SortKey> = all.backward(key).take(context).take_while(fresh).collect();
        let oldest = before.back().copied().unwrap_or(key);
        let gap = last.is_some_and(|last| all.forward(last).nth(1) != Some(oldest) && fresh(&oldest));
        if gap && matches!(self.format, Format::Text { .. }) {
            writeln!(self.out, "--")?;
        }
        let mut end = last;
        while let Some(neighbour) = before.pop_back() {
            self.record(neighbour.id, false)?;
        }
        for neighbour in all.forward(key).take(context + 1).filter(fresh) {
            self.record(neighbour.id, matches.contains(neighbour.id))?;
            end = Some(neighbour);
        }
        Ok(end)
    }

    fn record(&mut self, id: RecordId, matched: bool) -> io::Result<()> {
        match self.format {
            Format::Text { ascii } => self.line(id, Form { ascii, tab: 0 }),
            Format::JsonLines => self.object(id, matched),
        }
    }

    fn line(&mut self, id: RecordId, form: Form) -> io::Result<()> {
        let Some((table, segment, row)) = self.snapshot.find(id) else { return Ok(()) };
        let mut line = civil::rfc3339(segment.key_time(row), segment.key_precision(row));
        line.push(' ');
        escape_to(&mut line, table.info.origin.as_bytes(), form);
        line.push(' ');
        line.push_str(segment.kind(row).name());
        line.push(' ');
        escape_to(&mut line, query::summary(self.snapshot, id).text.as_bytes(), form);
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    fn object(&mut self, id: RecordId, matched: bool) -> io::Result<()> {
        let mut object = serde_json::Map::new();
        let journal = self.snapshot.find(id).is_some_and(|(table, ..)| table.info.is_journal());
        // The text of a journal entry is all its fields once more.
        for (name, value) in query::fields(self.snapshot, id).into_iter().filter(|(name, _)| !journal || name != "text")
        {
            object.insert(name.into_owned(), json_value(&value));
        }
        if let Some(provenance) = provenance(self.snapshot, id) {
            object.insert(
                "provenance".to_owned(),
                serde_json::to_value::<Provenance>(provenance).map_err(io::Error::other)?,
            );
        }
        if !matched {
            object.insert("context".to_owned(), true.into());
        }
        json::write_line(&object, self.out)
    }
}

fn json_value(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Number(number) => (*number).into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::Present => true.into(),
        other => other.to_string().into(),
    }
}
