//! Rows around the matches of a filter.

use std::sync::Arc;

use crate::store::{Bitmap, Rows, Run};

/// Adds the `around` rows before and after each selected row, in the time order of its source. `runs` are those of one
/// source, ascending; `scopes` the rows of each that may be added.
pub fn widen(runs: &mut [Run], scopes: &[Arc<Rows>], around: usize) {
    let matches: Vec<Vec<usize>> = runs.iter().map(|run| ranks(run, &run.rows)).collect();
    for place in 0..runs.len() {
        let rows = runs[place].segment.rows;
        let before = place.checked_sub(1).map(|p| (matches[p].last().copied(), runs[p].segment.rows));
        let mut near = vec![false; rows];
        let mut cover = |low: usize, high: usize| near[low.min(rows)..high.min(rows)].fill(true);
        for rank in &matches[place] {
            cover(rank.saturating_sub(around), rank.saturating_add(around + 1));
        }
        if let Some((Some(last), length)) = before {
            cover(0, (last + around + 1).saturating_sub(length));
        }
        if let Some(first) = matches.get(place + 1).and_then(|next| next.first()) {
            cover(rows.saturating_sub(around.saturating_sub(*first)), rows);
        }
        runs[place].rows = Arc::new(select(&runs[place], &near, &scopes[place]));
    }
}

/// The ranks of the selected rows, ascending.
fn ranks(run: &Run, rows: &Rows) -> Vec<usize> {
    (0..run.segment.rows).filter(|rank| rows.contains(run.segment.row_at(*rank))).collect()
}

fn select(run: &Run, near: &[bool], scope: &Rows) -> Rows {
    let mut set = Bitmap::empty(run.segment.rows);
    for rank in (0..run.segment.rows).filter(|rank| near[*rank]) {
        let row = run.segment.row_at(rank);
        if scope.contains(row) {
            set.insert(row);
        }
    }
    Rows::from_bitmap(set, run.segment.rows)
}
