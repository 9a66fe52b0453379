//! Works out what is visible: reads the records of the screen, and only these.

use super::brief::{NARROW, brief};
use super::clock::Clock;
use super::model::Model;
use super::panes::records::{Pane, Row};
use crate::query::summary;
use crate::record::{Level, Precision, Timestamp};
use crate::store::{Columns, Rows, Segment, SortKey};

/// The most bytes of a line that are kept for drawing, beyond what is shifted out to the left.
const LONGEST_LINE: usize = 4096;

/// Makes the model ready to be drawn: lays the screen out and fills panes, strip and drawer.
pub fn fill(model: &mut Model) {
    model.arrange();
    model.refresh();
    for place in 0..model.panes.len() {
        let visible = model.layout.panes.get(place).is_some_and(Option::is_some);
        if visible {
            fill_pane(model, place);
        }
    }
    let selection = model.filter.as_ref().filter(|_| model.filter_on).map(|scan| &scan.found);
    let width = usize::from(model.layout.strip.width);
    if model.layout.strip.height > 0 {
        model.strip.fill(&model.snapshot, selection, model.filter_changes, width);
    }
    let cursor = model.cursor().map(|key| key.id);
    if let (Some(detail), Some(framed)) = (&mut model.detail, model.layout.drawer) {
        detail.fill(&model.snapshot, cursor, usize::from(framed.inner.width));
    }
}

fn fill_pane(model: &mut Model, place: usize) {
    let (keys, line) = model.panes[place].visible();
    let narrow = model.panes[place].width < NARROW;
    let mut rows: Vec<Row> = keys.iter().filter_map(|key| row(model, *key, narrow)).collect();
    for place in 1..rows.len() {
        rows[place].delta = Some(rows[place].key.time.since(rows[place - 1].key.time));
    }
    let pane = &mut model.panes[place];
    pane.rows = rows;
    pane.line = line;
    pane.position = position(pane);
}

/// How many records are before the cursor, where telling that needs no walk through unsorted rows.
fn position(pane: &Pane) -> Option<u64> {
    let runs = pane.timeline().runs();
    let cheap = runs.len() <= 4096
        && !runs.iter().any(|run| run.segment.order.is_some() && matches!(&*run.rows, Rows::Some(_)));
    let cursor = pane.cursor?;
    cheap.then(|| pane.timeline().rank(cursor))
}

fn row(model: &Model, key: SortKey, narrow: bool) -> Option<Row> {
    let (table, segment, place) = model.snapshot.find(key.id)?;
    let (time, precision) = shown_time(model.clock, segment, place);
    let whole = summary(&model.snapshot, key.id).text;
    let short = if narrow { brief(&model.snapshot, key.id) } else { None };
    // What the short line leaves out comes behind it, for those who scroll to the right.
    let mut text = short.map_or_else(|| whole.clone(), |short| format!("{short} | {whole}"));
    text.truncate(text.floor_char_boundary(LONGEST_LINE.saturating_add(model.shift.saturating_mul(4))));
    let pattern = model.search.as_ref().and_then(|search| search.look_for.pattern.as_ref());
    let found = pattern.map_or_else(Vec::new, |pattern| pattern.find_in(&text));
    Some(Row {
        key,
        time,
        precision,
        delta: None,
        origin: std::sync::Arc::clone(&table.info.origin),
        kind: segment.kind(place),
        level: level(segment, place),
        text,
        marked: model.marks.get(key).is_some(),
        context: is_context(model, segment, place),
        found,
    })
}

fn shown_time(clock: Clock, segment: &Segment, row: usize) -> (Option<Timestamp>, Precision) {
    let Columns::Entries(entries) = &segment.columns else {
        return (Some(segment.key_time(row)), segment.key_precision(row));
    };
    match clock {
        Clock::Claimed => (segment.claimed(row), entries.times.get(row).claimed),
        Clock::Received => (segment.received(row).or_else(|| segment.claimed(row)), segment.key_precision(row)),
    }
}

fn level(segment: &Segment, row: usize) -> Level {
    match &segment.columns {
        Columns::Entries(entries) => entries.level.get(row),
        _ => Level::Unknown,
    }
}

/// Shown although the filter does not let it through.
fn is_context(model: &Model, segment: &Segment, row: usize) -> bool {
    let around = model.context > 0;
    around && model.selection().is_some_and(|found| !found.rows(segment).is_some_and(|rows| rows.contains(row)))
}
