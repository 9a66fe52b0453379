//! Moving in time, and panes that follow.

use super::model::{MOST_PANES, Model};
use super::panes::records::Pane;
use super::scope::{self, Contents, Scope};
use super::seek;
use crate::record::{Level, Timestamp};
use crate::store::column::Column;
use crate::store::{Columns, Segment, SortKey};

impl Model {
    pub(super) fn step(&mut self, rows: i64) {
        self.touched = true;
        self.pane_mut().step(rows);
        self.follow();
    }

    pub(super) fn scroll(&mut self, rows: i64) {
        self.touched = true;
        self.pane_mut().scroll(rows);
        self.follow();
    }

    /// Moves far: remembers where from.
    pub(super) fn jump_with(&mut self, go: impl FnOnce(&mut Pane)) {
        self.touched = true;
        if let Some(cursor) = self.cursor() {
            self.jumps.push((self.focus, cursor));
        }
        go(self.pane_mut());
        self.follow();
    }

    /// Goes to the first record at or after a moment, else to the last one.
    pub(super) fn jump_to_time(&mut self, time: Timestamp) {
        self.jump_with(|pane| pane.go_from(time));
    }

    pub(super) fn move_by_time(&mut self, seconds: i64) {
        let Some(cursor) = self.cursor() else { return };
        let target = cursor.time.offset(seconds.saturating_mul(1_000_000_000));
        let timeline = self.pane().timeline();
        let start = SortKey::start_of(target);
        let next = if seconds > 0 {
            timeline.forward(start).next().or_else(|| timeline.last())
        } else {
            timeline.forward(start).next().filter(|key| *key < cursor).or_else(|| timeline.backward(cursor).next())
        };
        if let Some(key) = next {
            self.touched = true;
            self.pane_mut().go(key);
            self.follow();
        }
    }

    /// Takes the time of the focused pane's cursor, and lets the other panes go there.
    pub(super) fn follow(&mut self) {
        let Some(cursor) = self.cursor() else { return };
        self.time = Some(cursor.time);
        if !self.sync {
            return;
        }
        let (from, to) = self.interval(cursor);
        let focus = self.focus;
        for (_, pane) in self.panes.iter_mut().enumerate().filter(|(place, _)| *place != focus) {
            pane.go_near(from, to);
        }
    }

    pub(super) fn focus_pane(&mut self, pane: usize) {
        if pane < self.panes.len() {
            self.focus = pane;
            self.time = self.cursor().map(|cursor| cursor.time).or(self.time);
        }
    }

    pub(super) fn toggle_sync(&mut self) {
        self.sync = !self.sync;
        self.follow();
        self.say(if self.sync { "panes follow each other in time" } else { "panes move on their own" });
    }

    pub(super) fn split(&mut self) {
        if self.panes.len() >= MOST_PANES {
            return self.say(format!("{MOST_PANES} panes are the most"));
        }
        self.arranged = true;
        let scope = self.pane().scope.clone();
        self.panes.insert(self.focus + 1, Pane::new(scope));
        self.refresh();
        self.follow();
        self.focus += 1;
    }

    pub(super) fn close_pane(&mut self) {
        if self.panes.len() == 1 {
            return self.say("the last pane stays open");
        }
        self.arranged = true;
        self.panes.remove(self.focus);
        self.focus_pane(self.focus.min(self.panes.len() - 1));
        self.focus = self.focus.min(self.panes.len() - 1);
    }

    /// Shows other records in the focused pane, of the origin that it shows now where that has any.
    pub(super) fn show(&mut self, contents: Contents) {
        let there = scope::origins(&self.snapshot, contents);
        if there.is_empty() {
            return self.say(format!("the archive has no {}", contents.name()));
        }
        let origins = self.pane().scope.origins.clone();
        let origins = origins.filter(|origins| origins.iter().any(|origin| there.contains_key(origin)));
        self.show_scope(Scope { origins, ..Scope::of(contents) });
    }

    /// Shows the packets of the flow under the cursor, or of the flow of the packet there; where there is none, all
    /// packets.
    pub(super) fn show_packets(&mut self) {
        let Some(cursor) = self.cursor() else { return self.show(Contents::Packets) };
        let found = self.snapshot.find(cursor.id);
        let flow = match found.map(|(_, segment, _)| &segment.columns) {
            Some(Columns::Flows(_)) => Some(cursor.id),
            Some(Columns::Packets(_)) => self.snapshot.flow_of(cursor.id),
            _ => None,
        };
        match (flow, found) {
            (Some(flow), Some((table, ..))) if self.pane().scope.flow != Some(flow) => {
                let scope = Scope::of_flow(flow, &table.info.origin);
                self.show_scope(scope);
            }
            _ => self.show(Contents::Packets),
        }
    }

    /// Shows other records in the focused pane, at the same time.
    pub(super) fn show_scope(&mut self, scope: Scope) {
        self.arranged = true;
        let at = self.time;
        self.pane_mut().set_scope(scope);
        self.refresh();
        if let Some(at) = at {
            self.pane_mut().go_near(at, at.offset(1_000_000_000));
        }
        self.follow();
    }

    /// Makes the panes suit the archive while it is read, until the user arranges them; panes that the user has looked
    /// at keep what they show.
    pub(super) fn suit_panes(&mut self) {
        if self.arranged {
            return;
        }
        let scopes = scope::defaults(&self.snapshot);
        let mut panes = std::mem::take(&mut self.panes);
        let focused = panes.get(self.focus).map(|pane| pane.scope.contents);
        for scope in scopes {
            let contents = scope.contents;
            let mut pane = match panes.iter().position(|pane| pane.scope.contents == contents) {
                Some(place) => panes.remove(place),
                None => Pane::new(scope.clone()),
            };
            if !self.touched {
                pane.set_scope(scope);
            }
            self.panes.push(pane);
        }
        let same = |pane: &Pane| self.touched && Some(pane.scope.contents) == focused;
        self.focus = self.panes.iter().position(same).unwrap_or(0);
    }

    pub(super) fn seek_warning(&mut self, forward: bool) {
        let Some(cursor) = self.cursor() else { return };
        let timeline = self.pane().timeline();
        let found =
            if forward { seek::next(timeline, cursor, warnings) } else { seek::previous(timeline, cursor, warnings) };
        self.jump_or_say(found, "no further warning in this pane");
    }

    pub(super) fn seek_match(&mut self, forward: bool) {
        let Some(search) = &self.search else { return self.say("no search yet: / starts one") };
        let Some(cursor) = self.cursor() else { return };
        let timeline = self.pane().timeline();
        let tests = |segment: &Segment| {
            let rows = search.found.rows(segment).filter(|rows| ***rows != crate::store::Rows::None);
            rows.map(|rows| move |row| rows.contains(row))
        };
        let found = if forward { seek::next(timeline, cursor, tests) } else { seek::previous(timeline, cursor, tests) };
        let nothing = if search.done { "no further match in this pane" } else { "no match yet: still searching" };
        self.jump_or_say(found, nothing);
    }

    /// Goes to the next mark in the order of time, in the focused pane if it shows it, else in the one that does.
    pub(super) fn seek_mark(&mut self, forward: bool) {
        let Some(cursor) = self.cursor() else { return };
        let shown = |key: &SortKey| self.pane_of(*key).is_some();
        let found = if forward { self.marks.after(cursor).find(shown) } else { self.marks.before(cursor).find(shown) };
        if let Some(pane) = found.and_then(|key| self.pane_of(key)) {
            self.jumps.push((self.focus, cursor));
            self.focus = pane;
        }
        self.jump_or_say(found, "no further mark");
    }

    /// The pane that shows a record, the focused one before others.
    pub(super) fn pane_of(&self, key: SortKey) -> Option<usize> {
        let shows = |place: &usize| self.panes[*place].timeline().contains(key.id);
        [self.focus].into_iter().chain(0..self.panes.len()).find(shows)
    }

    fn jump_or_say(&mut self, found: Option<SortKey>, nothing: &str) {
        match found {
            Some(key) => self.jump_with(|pane| pane.go(key)),
            None => self.say(nothing),
        }
    }

    pub(super) fn jump_back(&mut self) {
        let Some(cursor) = self.cursor() else { return };
        match self.jumps.back((self.focus, cursor)) {
            Some(place) => self.return_to(place),
            None => self.say("no earlier jump"),
        }
    }

    pub(super) fn jump_forward(&mut self) {
        match self.jumps.forward() {
            Some(place) => self.return_to(place),
            None => self.say("no later jump"),
        }
    }

    fn return_to(&mut self, (pane, key): super::jumps::Place) {
        self.focus = pane.min(self.panes.len() - 1);
        if self.pane().timeline().contains(key.id) {
            self.pane_mut().go(key);
        } else {
            self.pane_mut().go_near(key.time, key.time.offset(1));
        }
        self.follow();
    }

    pub(super) fn toggle_mark(&mut self) {
        let Some(cursor) = self.cursor() else { return };
        let marked = self.marks.toggle(cursor);
        self.say(if marked { "marked" } else { "mark removed" });
    }
}

/// The test for level warning or worse, for segments that may have such rows.
fn warnings(segment: &Segment) -> Option<impl Fn(usize) -> bool> {
    let Columns::Entries(entries) = &segment.columns else { return None };
    let may = match &entries.level {
        Column::Uniform(level) => *level <= Level::Warning,
        Column::Each(_) => true,
    };
    may.then_some(|row| entries.level.get(row) <= Level::Warning)
}
