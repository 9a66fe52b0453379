//! What the finder finds: actions, what panes can show, sources, values.

use std::sync::Arc;

use super::filters::field_test;
use super::finder::{Choice, Finder, Item, Outcome};
use super::model::{Model, Overlay};
use super::msg::Cmd;
use super::names;
use super::scope::{self, Contents, Scope};
use crate::config::Chord;
use crate::query::complete::values;
use crate::query::schema::FieldName;
use crate::record::TableId;
use crate::store::Snapshot;

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
        let offers = contents(&model.snapshot).chain(sources(&model.snapshot)).chain(found_values(&model.snapshot));
        for (label, note, target) in offers.take(super::finder::MAX_ITEMS) {
            items.push(Item::new(&label, &note, targets.len()));
            targets.push(target);
        }
        Self { finder: Finder::new(items), targets }
    }

    /// The finder.
    #[must_use]
    pub const fn finder(&self) -> &Finder {
        &self.finder
    }
}

/// A label, a note, and what choosing it does.
type Offer = (String, String, Target);

/// What a pane can show, by contents and origin.
fn contents(snapshot: &Snapshot) -> impl Iterator<Item = Offer> + '_ {
    Contents::ALL.into_iter().flat_map(|contents| {
        let origins = scope::origins(snapshot, contents);
        let several = (origins.len() > 1).then(|| {
            let note = format!("show those of {} origins", origins.len());
            (contents.name().to_owned(), note, Target::Scope(Scope::of(contents)))
        });
        let one = move |(origin, count)| {
            let label = format!("{} {origin}", contents.name());
            (label, format!("show {count} records"), Target::Scope(Scope::of_origin(contents, &origin)))
        };
        origins.into_iter().map(one).chain(several)
    })
}

fn sources(snapshot: &Snapshot) -> impl Iterator<Item = Offer> + '_ {
    let common = names::common_folder(snapshot);
    let filled = snapshot.tables().filter(|table| table.info.records() > 0 && !table.info.derived);
    filled.map(move |table| {
        let note = format!("show {} records of this {}", table.info.records(), table.info.format);
        (names::short(&table.info.name, common).to_owned(), note, Target::Source(table.id))
    })
}

/// Values that occur, to filter by.
fn found_values(snapshot: &Snapshot) -> impl Iterator<Item = Offer> + '_ {
    let fields = FIELDS.into_iter().filter_map(|name| Some((name, FieldName::resolve(name)?)));
    fields.flat_map(|(name, field)| {
        values(snapshot, &field).into_iter().take(MOST_VALUES).filter_map(move |(value, count)| {
            let test = field_test(name, &value)?;
            Some((value, format!("filter by {name}, seen {count} times"), Target::Test(test)))
        })
    })
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
