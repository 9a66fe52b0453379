//! Rows around the matches of a filter.

use std::ops::Range;
use std::sync::Arc;

use crate::store::{Bitmap, Rows, Run};

/// Adds the `around` rows before and after each selected row, in the time order of its source. `runs` are those of one
/// source, ascending; `scopes` the rows of each that may be added.
pub fn widen(runs: &mut [Run], scopes: &[Arc<Rows>], around: usize) {
    let matches: Vec<Vec<usize>> = runs.iter().map(ranks).collect();
    for place in 0..runs.len() {
        let rows = runs[place].segment.rows;
        let near = near(&matches, place, rows, around, |place| runs[place].segment.rows);
        if !near.is_empty() {
            runs[place].rows = Arc::new(select(&runs[place], &near, &scopes[place]));
        }
    }
}

/// The stretches of ranks of a segment that are near a match in it, or in the one before or after it.
fn near(
    matches: &[Vec<usize>],
    place: usize,
    rows: usize,
    around: usize,
    rows_of: impl Fn(usize) -> usize,
) -> Vec<Range<usize>> {
    let before = place.checked_sub(1).and_then(|before| Some((matches[before].last()?, rows_of(before))));
    let after = matches.get(place + 1).and_then(|after| after.first());
    let from_before = before.map(|(last, length)| 0..(last + around + 1).saturating_sub(length));
    let own = matches[place].iter().map(|rank| rank.saturating_sub(around)..rank + around + 1);
    let from_after = after.map(|first| rows.saturating_sub(around.saturating_sub(*first))..rows);
    let all = from_before.into_iter().chain(own).chain(from_after);
    all.map(|near| near.start.min(rows)..near.end.min(rows)).filter(|near| !near.is_empty()).collect()
}

/// The ranks of the selected rows, ascending.
fn ranks(run: &Run) -> Vec<usize> {
    let rows = run.segment.rows;
    match &*run.rows {
        Rows::None => Vec::new(),
        Rows::Some(set) if run.segment.order.is_none() => set.iter().collect(),
        set => (0..rows).filter(|rank| set.contains(run.segment.row_at(*rank))).collect(),
    }
}

/// The rows of the scope in the given stretches of ranks, which are in ascending order but may overlap.
fn select(run: &Run, near: &[Range<usize>], scope: &Rows) -> Rows {
    let mut set = Bitmap::empty(run.segment.rows);
    let mut done = 0;
    for stretch in near {
        for rank in stretch.start.max(done)..stretch.end {
            let row = run.segment.row_at(rank);
            if scope.contains(row) {
                set.insert(row);
            }
        }
        done = done.max(stretch.end);
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
