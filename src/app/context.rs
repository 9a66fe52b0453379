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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::segments;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_near_a_match_are_added(rows in prop::collection::vec((0..60i64, 0..4u8), 1..60), around in 0..6usize,
                                       size in 1..20usize) {
            let mut sorted = rows;
            sorted.sort_by_key(|row| row.0);
            let segments = segments(&sorted, size);
            let select = |wanted: fn(u8) -> bool| -> Vec<Run> {
                let rows = |start: usize, count: usize| {
                    Rows::from_bitmap(Bitmap::from_test(count, |row| wanted(sorted[start + row].1)), count)
                };
                let run = |segment: &Arc<crate::store::Segment>| Run {
                    segment: Arc::clone(segment),
                    rows: Arc::new(rows(segment.first_row as usize, segment.rows)),
                };
                segments.iter().map(run).collect()
            };
            let mut runs = select(|kind| kind == 3);
            let scopes: Vec<Arc<Rows>> = select(|kind| kind > 0).into_iter().map(|run| run.rows).collect();
            // What reaches over a whole segment is left out: segments have 65,536 rows, contexts at most 99.
            prop_assume!(segments.iter().all(|segment| segment.rows >= around));
            widen(&mut runs, &scopes, around);
            for (row, (_, kind)) in sorted.iter().enumerate() {
                let near = (row.saturating_sub(around)..=row + around).any(|at| sorted.get(at).is_some_and(|r| r.1 == 3));
                let shown = runs.iter().any(|run| {
                    row.checked_sub(run.segment.first_row as usize).is_some_and(|at| at < run.segment.rows && run.rows.contains(at))
                });
                prop_assert_eq!(shown, near && *kind > 0, "row {}", row);
            }
        }
    }
}
