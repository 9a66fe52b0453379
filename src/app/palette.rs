//! What the finder finds: actions, what panes can show, sources, values.

use std::sync::Arc;

use super::filters::field_test;
use super::finder::{Choice, Finder, Item, Outcome};
use super::model::{Model, Overlay};
use super::msg::Cmd;
use super::scope::{self, Contents, Scope};
use crate::config::Chord;
use crate::query::complete::values;
use crate::query::schema::FieldName;
use crate::record::TableId;

/// Fields whose values can be found.
const FIELDS: [&str; 3] = ["ip.dst", "dns.qry.name", "nft.prefix"];
/// Values of each of them that are offered, the most frequent first.
const MOST_VALUES: usize = 500;

/// The finder and what its items stand for.
pub struct Palette {
    finder: Finder,
    targets: Vec<Target>,
}

/// What choosing an item shows.
#[derive(Clone, Debug)]
enum Target {
    /// Records in the focused pane.
    Scope(Scope),
    /// One source in the focused pane.
    Source(TableId),
    /// The records with a value.
    Test(String),
}

impl Palette {
    fn new(model: &Model) -> Self {
        let mut items = Item::actions(model.context());
        let mut targets = Vec::new();
        let mut add = |label: &str, note: &str, target: Target| {
            items.push(Item::new(label, note, targets.len()));
            targets.push(target);
        };
        for contents in Contents::ALL {
            let origins = scope::origins(&model.snapshot, contents);
            for (origin, count) in &origins {
                let label = format!("{} {origin}", contents.name());
                add(&label, &format!("show {count} records"), Target::Scope(Scope::of_origin(contents, origin)));
            }
            if origins.len() > 1 {
                let note = format!("show those of {} origins", origins.len());
                add(contents.name(), &note, Target::Scope(Scope::of(contents)));
            }
        }
        for table in model.snapshot.tables().filter(|table| table.info.records() > 0).take(super::finder::MAX_ITEMS) {
            add(&table.info.name, table.info.format, Target::Source(table.id));
        }
        for name in FIELDS {
            let Some(field) = FieldName::resolve(name) else { continue };
            for (value, count) in values(&model.snapshot, &field).into_iter().take(MOST_VALUES) {
                if let Some(test) = field_test(name, &value) {
                    add(&value, &format!("filter by {name}, seen {count} times"), Target::Test(test));
                }
            }
        }
        Self { finder: Finder::new(items), targets }
    }

    /// The finder.
    #[must_use]
    pub const fn finder(&self) -> &Finder {
        &self.finder
    }
}

impl Model {
    pub(super) fn open_finder(&mut self) {
        self.overlay = Some(Overlay::Finder(Box::new(Palette::new(self))));
    }

    /// Gives a key to the finder.
    pub(super) fn press_in_finder(&mut self, chord: Chord) -> Vec<Cmd> {
        let Some(Overlay::Finder(palette)) = &mut self.overlay else { return Vec::new() };
        let chosen = match palette.finder.press(chord) {
            Outcome::Open => return Vec::new(),
            Outcome::Closed => None,
            Outcome::Chosen(Choice::Action(action)) => {
                self.overlay = None;
                return self.act(action);
            }
            Outcome::Chosen(Choice::Item(number)) => palette.targets.get(number).cloned(),
        };
        self.overlay = None;
        match chosen {
            Some(Target::Test(test)) => return self.add_test(test),
            Some(Target::Scope(scope)) => self.show_scope(scope),
            Some(Target::Source(id)) => {
                if let Some(table) = self.snapshot.table(id).map(Arc::clone) {
                    self.show_scope(Scope::of_table(&table));
                }
            }
            None => {}
        }
        Vec::new()
    }

    pub(super) fn paste_in_finder(&mut self, text: &str) {
        if let Some(Overlay::Finder(palette)) = &mut self.overlay {
            palette.finder.paste(text);
        }
    }
}
