//! A list of records in the order of time, with a cursor.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::app::context::widen;
use crate::app::scope::Scope;
use crate::query::{Copies, Results};
use crate::record::{Kind, Level, Precision, TableId, Timestamp};
use crate::store::{Bitmap, Rows, Run, Segment, Snapshot, SortKey, Timeline};

/// A pane.
#[derive(Clone, Debug)]
pub struct Pane {
    /// The records it shows.
    pub scope: Scope,
    /// The record under the cursor; absent only when there is no record.
    pub cursor: Option<SortKey>,
    /// The line on which the cursor is, from the top of the pane.
    pub line: usize,
    /// Lines that the pane has on the screen.
    pub height: usize,
    /// Columns that it has.
    pub width: usize,
    /// The visible records, from the top.
    pub rows: Vec<Row>,
    /// How many records it has.
    pub count: u64,
    /// How many records are before the cursor, where that is cheap to tell.
    pub position: Option<u64>,
    /// How many lines it does not show since they are copies of others.
    pub copies: u64,
    /// Its records have more than one origin.
    pub several_origins: bool,
    /// The record to which the user moved: the cursor returns to it when a filter shows it again.
    anchor: Option<SortKey>,
    timeline: Timeline,
    stamp: Option<Stamp>,
    scopes: HashMap<(TableId, u64), Scoped>,
}

/// The rows of a segment that belong to a pane's scope.
#[derive(Clone, Debug)]
struct Scoped {
    segment: Arc<Segment>,
    rows: Arc<Rows>,
    /// How many were left out as copies.
    copies: usize,
}

impl Scoped {
    fn new(scope: &Scope, segment: &Arc<Segment>, copies: Option<&Copies>) -> Self {
        let all = scope.rows(segment);
        let rows = match copies.and_then(|copies| copies.of(segment)) {
            Some(copies) => without(&all, copies, segment.rows),
            None => all.clone(),
        };
        let copies = all.count(segment.rows) - rows.count(segment.rows);
        Self { segment: Arc::clone(segment), rows: Arc::new(rows), copies }
    }
}

/// The rows of the one set that are not in the other, of a segment of `rows` rows.
fn without(all: &Rows, copies: &Rows, rows: usize) -> Rows {
    Rows::from_bitmap(Bitmap::from_test(rows, |row| all.contains(row) && !copies.contains(row)), rows)
}

/// What a visible record needs to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place.
    pub key: SortKey,
    /// The time that is shown, if the record has that one.
    pub time: Option<Timestamp>,
    /// How finely that was written.
    pub precision: Precision,
    /// Nanoseconds since the record above.
    pub delta: Option<i64>,
    /// The qube it comes from.
    pub origin: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// Its severity.
    pub level: Level,
    /// The line; it may hold any character.
    pub text: String,
    /// It is marked.
    pub marked: bool,
    /// It is shown only as context of a match.
    pub context: bool,
    /// Bytes of the text that the search matches.
    pub found: Vec<Range<usize>>,
}

/// What the records of a pane depend on; while it stays the same they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The snapshot's version.
    pub version: u64,
    /// Counts the changes of the filter and its results.
    pub filter: u64,
    /// Counts the changes of what is known of copies, and whether they are shown.
    pub copies: u64,
    /// Context rows around matches.
    pub context: usize,
}

impl Pane {
    /// A pane without records yet.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            cursor: None,
            line: 0,
            height: 1,
            width: 80,
            rows: Vec::new(),
            count: 0,
            copies: 0,
            position: None,
            several_origins: false,
            anchor: None,
            timeline: Timeline::default(),
            stamp: None,
            scopes: HashMap::new(),
        }
    }

    /// Shows other records from now on.
    pub fn set_scope(&mut self, scope: Scope) {
        if scope != self.scope {
            self.scope = scope;
            self.stamp = None;
            self.scopes.clear();
        }
    }

    /// Its records.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Takes in what has changed: new records, another filter. The cursor goes to the nearest record that is left.
    pub fn refresh(&mut self, snapshot: &Snapshot, filter: Option<&Results>, copies: Option<&Copies>, stamp: Stamp) {
        if self.stamp == Some(stamp) {
            return;
        }
        if self.stamp.is_some_and(|before| before.copies != stamp.copies) {
            self.scopes.clear();
        }
        self.stamp = Some(stamp);
        // Who asks for one source gets all of it.
        let copies = copies.filter(|_| self.scope.table.is_none());
        self.timeline = self.build(snapshot, filter, copies, stamp.context);
        self.count = self.timeline.count();
        self.several_origins = self.has_several_origins(snapshot);
        self.cursor = match self.anchor {
            Some(anchor) => self.nearest_kept(anchor),
            None => self.timeline.first(),
        };
    }

    fn build(
        &mut self,
        snapshot: &Snapshot,
        filter: Option<&Results>,
        copies: Option<&Copies>,
        context: usize,
    ) -> Timeline {
        let mut all = Vec::new();
        self.copies = 0;
        let scope = self.scope.clone();
        for table in snapshot.tables().filter(|table| scope.takes(table)) {
            let scopes: Vec<Arc<Rows>> =
                table.segments.iter().map(|segment| self.scope_rows(segment, copies)).collect();
            let selected = |(segment, rows): (&Arc<Segment>, &Arc<Rows>)| Run {
                segment: Arc::clone(segment),
                rows: filter.map_or_else(|| Arc::clone(rows), |filter| filtered(filter, segment, rows)),
            };
            let mut runs: Vec<Run> = table.segments.iter().zip(&scopes).map(selected).collect();
            if filter.is_some() && context > 0 {
                widen(&mut runs, &scopes, context);
            }
            all.append(&mut runs);
        }
        Timeline::new(all)
    }

    /// The rows of a segment that belong to the scope, without copies; worked out once for each segment.
    fn scope_rows(&mut self, segment: &Arc<Segment>, copies: Option<&Copies>) -> Arc<Rows> {
        let key = (segment.table, segment.first_row);
        if !self.scopes.get(&key).is_some_and(|known| Arc::ptr_eq(&known.segment, segment)) {
            self.scopes.insert(key, Scoped::new(&self.scope, segment, copies));
        }
        let known = &self.scopes[&key];
        self.copies += known.copies as u64;
        Arc::clone(&known.rows)
    }

    fn has_several_origins(&self, snapshot: &Snapshot) -> bool {
        let mut origins = self.timeline.runs().iter().filter_map(|run| snapshot.table(run.segment.table));
        let first = origins.next().map(|table| &table.info.origin);
        origins.any(|table| Some(&table.info.origin) != first)
    }

    /// The record itself where it is still shown, else the next one, else the last one before.
    fn nearest_kept(&self, cursor: SortKey) -> Option<SortKey> {
        self.timeline.forward(cursor).next().or_else(|| self.timeline.backward(cursor).next())
    }

    /// Puts the cursor on a record of the pane; keeps the screen still where the record is visible.
    pub fn go(&mut self, key: SortKey) {
        let visible = self.rows.iter().position(|row| row.key == key);
        self.line = visible.unwrap_or(self.height / 3);
        self.set_cursor(Some(key));
    }

    /// Moves the cursor by up to `rows` records; the screen scrolls only where it must.
    pub fn step(&mut self, rows: i64) {
        let Some(cursor) = self.cursor else { return };
        let (key, moved) = self.walk(cursor, rows);
        let line = self.line as i64 + if rows < 0 { -moved } else { moved };
        self.line = line.clamp(0, self.height.saturating_sub(1) as i64) as usize;
        self.set_cursor(Some(key));
    }

    /// Moves the cursor and the screen by up to `rows` records.
    pub fn scroll(&mut self, rows: i64) {
        let Some(cursor) = self.cursor else { return };
        self.set_cursor(Some(self.walk(cursor, rows).0));
    }

    const fn set_cursor(&mut self, key: Option<SortKey>) {
        self.cursor = key;
        self.anchor = key;
    }

    /// The record `rows` away, or the last in that direction, and how far it is.
    fn walk(&self, from: SortKey, rows: i64) -> (SortKey, i64) {
        let wanted = usize::try_from(rows.unsigned_abs()).unwrap_or(usize::MAX);
        let count_last = |keys: &mut dyn Iterator<Item = SortKey>| {
            keys.take(wanted).fold((from, 0), |(_, moved), key| (key, moved + 1))
        };
        if rows < 0 {
            count_last(&mut self.timeline.backward(from))
        } else {
            count_last(&mut self.timeline.forward(from).skip(1))
        }
    }

    /// Goes to the first record.
    pub fn first(&mut self) {
        self.set_cursor(self.timeline.first());
        self.line = 0;
    }

    /// Goes to the last record.
    pub fn last(&mut self) {
        self.set_cursor(self.timeline.last());
        self.line = self.height.saturating_sub(1);
    }

    /// Goes to the first record at or after a moment, else to the last one.
    pub fn go_from(&mut self, time: Timestamp) {
        if let Some(key) = self.nearest_kept(SortKey::start_of(time)) {
            self.go(key);
        }
    }

    /// Goes to the record that is nearest to the interval `[from, to)`: the first one inside it where there is one.
    pub fn go_near(&mut self, from: Timestamp, to: Timestamp) {
        let start = SortKey::start_of(from);
        let after = self.timeline.forward(start).next();
        let before = self.timeline.backward(start).next();
        let nearest = match (before, after) {
            (Some(before), Some(after)) if after.time >= to && from.since(before.time) < after.time.since(from) => {
                before
            }
            (before, after) => match after.or(before) {
                Some(key) => key,
                None => return,
            },
        };
        if self.cursor != Some(nearest) {
            self.go(nearest);
        }
    }

    /// The records of the screen around the cursor, and the line the cursor is on then.
    #[must_use]
    pub fn visible(&self) -> (Vec<SortKey>, usize) {
        let Some(cursor) = self.cursor else { return (Vec::new(), 0) };
        let height = self.height.max(1);
        let mut keys: Vec<SortKey> = self.timeline.backward(cursor).take(height - 1).collect();
        keys.reverse();
        let above = keys.len();
        keys.extend(self.timeline.forward(cursor).take(height));
        let below = keys.len() - above;
        let wanted = self.line.min(height - 1);
        let line = wanted.max(height.saturating_sub(below)).min(above);
        let start = above - line;
        keys.drain(..start);
        keys.truncate(height);
        (keys, line)
    }
}

fn filtered(filter: &Results, segment: &Segment, scope: &Arc<Rows>) -> Arc<Rows> {
    filter.rows(segment).map_or_else(|| Arc::new(Rows::None), |rows| both(scope, rows, segment.rows))
}

/// The rows that are in both sets, of a segment of `rows` rows.
fn both(one: &Arc<Rows>, other: &Arc<Rows>, rows: usize) -> Arc<Rows> {
    match (&**one, &**other) {
        (Rows::None, _) | (_, Rows::None) => Arc::new(Rows::None),
        (Rows::All, _) => Arc::clone(other),
        (_, Rows::All) => Arc::clone(one),
        (Rows::Some(left), Rows::Some(right)) => {
            let mut common = left.clone();
            common.intersect(right);
            Arc::new(Rows::from_bitmap(common, rows))
        }
    }
}
