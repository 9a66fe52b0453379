//! The finder: an archive by a few letters of its line.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use crate::archive::Archive;
use crate::input::Input;
use crate::list::List;

/// At most this many archives are looked through, which keeps a key press below some milliseconds.
pub const MAX_ITEMS: usize = 20_000;
/// At most this many matches are kept, the best ones.
pub const MAX_MATCHES: usize = 200;

/// An archive that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its place in [`Finder::items`].
    pub item: usize,
    /// The characters of its line that matched, ascending.
    pub letters: Vec<usize>,
    score: i64,
}

/// The state of the finder.
pub struct Finder {
    /// What is typed.
    pub input: Input,
    /// Id and harmless line of the archives that are looked through.
    pub items: Vec<(String, String)>,
    /// Archives that were too many to be looked through.
    pub left_out: usize,
    /// The best matches, the best first.
    pub matches: Vec<Match>,
    /// How many match, those without room included.
    pub matching: usize,
    /// The cursor in [`Finder::matches`].
    pub list: List,
    matcher: SkimMatcherV2,
}

impl Finder {
    /// Opens on archives, in the order that an empty query shows them in.
    #[must_use]
    pub fn new<'a>(archives: impl ExactSizeIterator<Item = &'a Archive>) -> Self {
        let mut finder = Self {
            input: Input::default(),
            left_out: archives.len().saturating_sub(MAX_ITEMS),
            items: archives.take(MAX_ITEMS).map(|archive| (archive.id.clone(), archive.label())).collect(),
            matches: Vec::new(),
            matching: 0,
            list: List::default(),
            matcher: SkimMatcherV2::default().ignore_case(),
        };
        finder.search();
        finder
    }

    /// The id of the archive under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&str> {
        let found = self.matches.get(self.list.cursor)?;
        self.items.get(found.item).map(|(id, _)| id.as_str())
    }

    /// Moves the cursor.
    pub fn step(&mut self, rows: isize) {
        self.list.step(rows, self.matches.len());
    }

    /// Finds what has every word that is typed, in any order. Ties keep the order of the archives.
    pub fn search(&mut self) {
        let words: Vec<&str> = self.input.text().split_whitespace().collect();
        let items = self.items.iter().enumerate();
        let mut found: Vec<Match> = items.filter_map(|(item, (_, line))| self.find(item, line, &words)).collect();
        found.sort_by(|a, b| b.score.cmp(&a.score).then(a.item.cmp(&b.item)));
        self.matching = found.len();
        found.truncate(MAX_MATCHES);
        self.matches = found;
        self.list.go(0, self.matches.len());
    }

    fn find(&self, item: usize, line: &str, words: &[&str]) -> Option<Match> {
        let (mut score, mut letters) = (0_i64, Vec::new());
        for word in words {
            let (points, places) = self.matcher.fuzzy_indices(line, word)?;
            score = score.saturating_add(points);
            letters.extend(places);
        }
        letters.sort_unstable();
        letters.dedup();
        Some(Match { item, letters, score })
    }
}
