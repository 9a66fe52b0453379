//! The help overlay: every action with its keys, section by section, and the filter language in short.

use super::action::{ACTIONS, Context, Topic};
use super::keys::Keys;

/// A row of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of a section.
    Heading(&'static str),
    /// What keys do.
    Entry(String, &'static str),
    /// What a filter keeps.
    Example(&'static str, &'static str),
    /// An empty row.
    Blank,
}

/// The filter language by example: expression and meaning.
pub const FILTERS: &[(&str, &str)] = &[
    ("timeout", "has this text"),
    ("/re(fused|set)/", "matches this regex"),
    ("dns", "of this kind or protocol"),
    ("port == 443 && ip.addr == 10.137.0.17", "both; either side counts"),
    ("!(ip.addr in {10.137.0.0/16, 10.139.0.0/16})", "in none of these networks"),
    ("nft.prefix == \"SYSFW:new\" || ip.len > 1400", "one or the other"),
    ("dns.qry.name ~ \"mozilla\\.org$\"", "the field matches"),
    ("_COMM == \"curl\" && PRIORITY <= 4", "journal fields by name"),
    ("received - claimed > 5s", "back-dated or delayed"),
    ("t in @-2s..@+500ms", "near the cursor in time"),
];

/// The state of the help overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    rows: Vec<Row>,
    /// The first row that is shown.
    top: usize,
}

impl Help {
    /// The help for these keys, with the actions that have a meaning in `context`.
    #[must_use]
    pub fn new(keys: &Keys, context: Context) -> Self {
        let mut rows = Vec::new();
        for topic in Topic::ALL {
            let here = ACTIONS.iter().filter(|info| info.topic == topic && info.works_in(context));
            let entries = here.map(|info| Row::Entry(keys.of(info.action).join(", "), info.doc));
            section(&mut rows, topic.name(), entries.collect());
        }
        let filters = FILTERS.iter().map(|(expression, meaning)| Row::Example(expression, meaning));
        section(&mut rows, "Filters", filters.collect());
        Self { rows, top: 0 }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The first row to show where `height` rows have room: the last page is always full.
    #[must_use]
    pub fn top(&self, height: usize) -> usize {
        self.top.min(self.rows.len().saturating_sub(height))
    }

    /// Scrolls by rows, down when positive, where `height` rows are shown.
    pub fn scroll(&mut self, rows: isize, height: usize) {
        self.top = self.top(height).saturating_add_signed(rows);
        self.top = self.top(height);
    }
}

fn section(rows: &mut Vec<Row>, heading: &'static str, entries: Vec<Row>) {
    if entries.is_empty() {
        return;
    }
    if !rows.is_empty() {
        rows.push(Row::Blank);
    }
    rows.push(Row::Heading(heading));
    rows.extend(entries);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Keymap;
    use crate::query::{self, Filter};
    use crate::record::Timestamp;

    fn help(context: Context) -> Help {
        let keymap = Keymap::load("default", None).expect("built in");
        Help::new(&Keys::compile(&keymap).expect("built in"), context)
    }

    #[test]
    fn it_has_every_action_of_the_context_and_no_other() {
        let rows = help(Context::Detail).rows;
        for info in ACTIONS {
            let shown = rows.iter().any(|row| matches!(row, Row::Entry(_, doc) if *doc == info.doc));
            assert_eq!(shown, info.works_in(Context::Detail), "{}", info.name);
        }
    }

    #[test]
    fn the_examples_of_filters_are_filters() {
        let context = query::Context { cursor: Some(Timestamp(0)), day: None };
        for (expression, _) in FILTERS {
            assert_eq!(Filter::compile(expression, &context).err(), None, "{expression}");
        }
    }

    #[test]
    fn scrolling_stops_at_the_ends() {
        let mut help = help(Context::Pane);
        help.scroll(-3, 10);
        assert_eq!(help.top(10), 0);
        help.scroll(isize::MAX, 10);
        assert_eq!(help.top(10), help.rows.len() - 10);
        assert_eq!(help.top(1000), 0);
    }
}
