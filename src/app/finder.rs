//! The finder: picks an action, or one of the items its caller gives, by a few letters of its name.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::action::{ACTIONS, Action, Context};
use crate::config::{Chord, Key};
use crate::escape::{self, Form};

/// At most this many items are looked through, which keeps a key press below some milliseconds.
pub const MAX_ITEMS: usize = 20_000;
/// At most this many matches are kept, the best ones.
pub const MAX_MATCHES: usize = 200;
/// At most this many columns of a label are kept: the work of matching grows with it.
const MAX_LABEL: usize = 160;
/// At most this many characters of a query are taken.
const MAX_QUERY: usize = 64;
/// Rows that a page key moves.
const PAGE: usize = 10;

/// What choosing an item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Runs an action.
    Action(Action),
    /// Whatever the caller keeps under this number.
    Item(usize),
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is matched and shown; harmless.
    pub label: String,
    /// What is shown behind it; harmless.
    pub note: String,
    /// What choosing it does.
    pub choice: Choice,
}

impl Item {
    /// An item of the caller. Label and note may come from a log: they are made harmless here.
    #[must_use]
    pub fn new(label: &str, note: &str, number: usize) -> Self {
        Self { label: harmless(label), note: harmless(note), choice: Choice::Item(number) }
    }

    /// All actions that have a meaning in `context`.
    #[must_use]
    pub fn actions(context: Context) -> Vec<Self> {
        let here = ACTIONS.iter().filter(|info| info.works_in(context));
        let item = |info: &super::action::ActionInfo| Self {
            label: info.name.to_owned(),
            note: info.doc.to_owned(),
            choice: Choice::Action(info.action),
        };
        here.map(item).collect()
    }
}

fn harmless(text: &str) -> String {
    escape::cut(text.as_bytes(), 0..MAX_LABEL, Form::default()).text()
}

/// An item that matches the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The place of the item among those that the finder was opened with; see [`Finder::item`].
    pub item: usize,
    /// The characters of its label that the query matched, ascending.
    pub letters: Vec<usize>,
    score: i64,
}

/// What a key led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The finder stays open.
    Open,
    /// The finder closes; nothing was chosen.
    Closed,
    /// The finder closes; this was chosen.
    Chosen(Choice),
}

/// The state of the finder.
pub struct Finder {
    query: String,
    items: Vec<Item>,
    left_out: usize,
    matches: Vec<Match>,
    matching: usize,
    selected: usize,
    matcher: SkimMatcherV2,
}

impl Finder {
    /// Opens on `items`, in the order that an empty query shows them in. Items beyond [`MAX_ITEMS`] are left out.
    #[must_use]
    pub fn new(mut items: Vec<Item>) -> Self {
        let left_out = items.len().saturating_sub(MAX_ITEMS);
        items.truncate(MAX_ITEMS);
        let (query, matcher) = (String::new(), SkimMatcherV2::default().ignore_case());
        let mut finder = Self { query, items, left_out, matches: Vec::new(), matching: 0, selected: 0, matcher };
        finder.search();
        finder
    }

    /// What was typed.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The item of a match.
    #[must_use]
    pub fn item(&self, found: &Match) -> Option<&Item> {
        self.items.get(found.item)
    }

    /// The best matches, the best first; at most [`MAX_MATCHES`].
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// How many items match, including those that [`Finder::matches`] has no room for.
    #[must_use]
    pub const fn matching(&self) -> usize {
        self.matching
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is nothing to choose from.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many items were not looked through because there were too many.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// The place of the selected match in [`Finder::matches`].
    #[must_use]
    pub const fn selected(&self) -> usize {
        self.selected
    }

    /// Takes a key: typed characters and Backspace edit, C-u empties and C-w takes a word away, arrows, C-n, C-p and
    /// the paging keys move, Enter chooses, Esc and C-c close.
    pub fn press(&mut self, chord: Chord) -> Outcome {
        if let Some(c) = chord.typed() {
            self.type_in(c);
            return Outcome::Open;
        }
        match chord.key {
            Key::Enter => return self.choose(),
            Key::Esc => return Outcome::Closed,
            Key::Char('c') if chord.modifiers.control => return Outcome::Closed,
            Key::Char(c) if chord.modifiers.control => self.control(c),
            Key::Backspace => self.edit(|query| query.truncate(last_character(query))),
            Key::Down => self.go(1),
            Key::Up => self.go(-1),
            Key::PageDown => self.go(PAGE as isize),
            Key::PageUp => self.go(-(PAGE as isize)),
            Key::Home => self.selected = 0,
            Key::End => self.selected = self.matches.len().saturating_sub(1),
            _ => {}
        }
        Outcome::Open
    }

    fn control(&mut self, c: char) {
        match c {
            'n' => self.go(1),
            'p' => self.go(-1),
            'u' => self.edit(String::clear),
            'w' => self.edit(|query| query.truncate(query.trim_end().rfind(' ').map_or(0, |blank| blank + 1))),
            'h' => self.edit(|query| query.truncate(last_character(query))),
            _ => {}
        }
    }

    /// Adds pasted text to the query; what could not be typed is left away.
    pub fn paste(&mut self, text: &str) {
        text.chars().filter(|c| !c.is_control()).take(MAX_QUERY).for_each(|c| self.add(c));
        self.search();
    }

    fn type_in(&mut self, c: char) {
        self.add(c);
        self.search();
    }

    fn add(&mut self, c: char) {
        if self.query.chars().count() < MAX_QUERY {
            self.query.push(c);
        }
    }

    fn edit(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.query);
        self.search();
    }

    /// Moves the selection; it stops at the ends.
    fn go(&mut self, rows: isize) {
        let last = self.matches.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(rows).min(last);
    }

    fn choose(&self) -> Outcome {
        let item = self.matches.get(self.selected).and_then(|found| self.items.get(found.item));
        item.map_or(Outcome::Open, |item| Outcome::Chosen(item.choice))
    }

    /// Finds the matches of the query: every word of it, in any order. Ties keep the order of the items.
    fn search(&mut self) {
        let words: Vec<&str> = self.query.split_whitespace().collect();
        let places = self.items.iter().enumerate();
        let mut found: Vec<Match> =
            places.filter_map(|(item, Item { label, .. })| self.find(item, label, &words)).collect();
        found.sort_by(|a, b| b.score.cmp(&a.score).then(a.item.cmp(&b.item)));
        self.matching = found.len();
        found.truncate(MAX_MATCHES);
        self.matches = found;
        self.selected = 0;
    }

    fn find(&self, item: usize, label: &str, words: &[&str]) -> Option<Match> {
        let (mut score, mut letters) = (0_i64, Vec::new());
        for word in words {
            let (points, places) = self.matcher.fuzzy_indices(label, word)?;
            score = score.saturating_add(points);
            letters.extend(places);
        }
        letters.sort_unstable();
        letters.dedup();
        Some(Match { item, letters, score })
    }
}

/// Where the last character starts.
fn last_character(query: &str) -> usize {
    query.char_indices().next_back().map_or(0, |(start, _)| start)
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finder").field("query", &self.query).field("selected", &self.selected).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::chord;

    fn keys(finder: &mut Finder, text: &str) -> Outcome {
        let chords = chord::sequence(text).expect("chords");
        chords.into_iter().map(|chord| finder.press(chord)).last().unwrap_or(Outcome::Open)
    }

    fn best(query: &str) -> Option<Choice> {
        let mut finder = Finder::new(Item::actions(Context::Pane));
        finder.paste(query);
        finder.matches().first().and_then(|found| finder.item(found)).map(|item| item.choice)
    }

    #[test]
    fn a_few_letters_find_an_action() {
        assert_eq!(best("gtt"), Some(Choice::Action(Action::GoToTime)));
        assert_eq!(best("mark prev"), Some(Choice::Action(Action::PreviousMark)));
        assert_eq!(best("QUIT"), Some(Choice::Action(Action::Quit)));
        assert_eq!(best("zzzz"), None);
    }

    #[test]
    fn every_action_is_found_by_its_whole_name() {
        for info in ACTIONS.iter().filter(|info| info.works_in(Context::Pane)) {
            assert_eq!(best(info.name), Some(Choice::Action(info.action)), "{}", info.name);
        }
    }

    #[test]
    fn keys_edit_move_and_choose() {
        let items = ["alpha", "beta", "gamma"].iter().enumerate().map(|(i, name)| Item::new(name, "", i)).collect();
        let mut finder = Finder::new(items);
        assert_eq!(keys(&mut finder, "Down Down Down Enter"), Outcome::Chosen(Choice::Item(2)));
        assert_eq!(keys(&mut finder, "b e x"), Outcome::Open);
        assert_eq!((finder.matching(), keys(&mut finder, "Enter")), (0, Outcome::Open));
        assert_eq!(keys(&mut finder, "Backspace Enter"), Outcome::Chosen(Choice::Item(1)));
        keys(&mut finder, "C-u");
        assert_eq!((finder.query(), finder.matching()), ("", 3));
        assert_eq!(keys(&mut finder, "Esc"), Outcome::Closed);
    }

    #[test]
    fn hostile_labels_are_harmless_and_bounded() {
        let item = Item::new(&format!("\x1b]0;{}", "a".repeat(1 << 20)), "\u{202e}", 0);
        assert!(item.label.starts_with("␛]0;aaa") && item.label.chars().count() == MAX_LABEL);
        assert_eq!(item.note, "⟨U+202E⟩");
    }

    #[test]
    fn too_many_items_are_counted() {
        let items = (0..MAX_ITEMS + 5).map(|number| Item::new(&format!("host-{number}"), "", number)).collect();
        let mut finder = Finder::new(items);
        assert_eq!((finder.len(), finder.left_out()), (MAX_ITEMS, 5));
        finder.paste("host");
        assert_eq!((finder.matching(), finder.matches().len()), (MAX_ITEMS, MAX_MATCHES));
    }
}
