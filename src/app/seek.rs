//! Looks for the next record with a property, segment by segment, and stops at the first.

use crate::store::{Run, Segment, SortKey, Timeline};

/// The first record after `from` whose row passes the test that `tests` gives for its segment; segments for which it
/// gives none are skipped.
pub fn next<'a, T: Fn(usize) -> bool + 'a>(
    timeline: &'a Timeline,
    from: SortKey,
    tests: impl Fn(&'a Segment) -> Option<T>,
) -> Option<SortKey> {
    let mut best: Option<SortKey> = None;
    for run in timeline.runs().iter().filter(|run| run.segment.span.1 >= from.time) {
        if best.is_some_and(|best| run.segment.span.0 > best.time) {
            break;
        }
        let Some(test) = tests(&run.segment) else { continue };
        let ranks = run.segment.rank_of(from)..run.segment.rows;
        let found = passing(run, ranks, test).find(|key| *key > from);
        best = [best, found].into_iter().flatten().min();
    }
    best
}

/// The last record before `from` whose row passes the test.
pub fn previous<'a, T: Fn(usize) -> bool + 'a>(
    timeline: &'a Timeline,
    from: SortKey,
    tests: impl Fn(&'a Segment) -> Option<T>,
) -> Option<SortKey> {
    let mut runs: Vec<&Run> = timeline.runs().iter().filter(|run| run.segment.span.0 <= from.time).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.segment.span.1));
    let mut best: Option<SortKey> = None;
    for run in runs {
        if best.is_some_and(|best| run.segment.span.1 < best.time) {
            break;
        }
        let Some(test) = tests(&run.segment) else { continue };
        let ranks = (0..run.segment.rank_of(from)).rev();
        best = best.max(passing(run, ranks, test).next());
    }
    best
}

fn passing<'a>(
    run: &'a Run,
    ranks: impl Iterator<Item = usize> + 'a,
    test: impl Fn(usize) -> bool + 'a,
) -> impl Iterator<Item = SortKey> + 'a {
    let wanted = move |rank: &usize| {
        let row = run.segment.row_at(*rank);
        run.rows.contains(row) && test(row)
    };
    ranks.filter(wanted).map(|rank| run.segment.sort_key(rank))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{kept, timeline};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_a_walk_finds(tables in prop::collection::vec(prop::collection::vec((0..60i64, 0..4u8), 1..30), 1..4),
                                      start in 0..90usize) {
            let timeline = timeline(&tables);
            let wanted = |key: &SortKey| kept(&tables, *key) == 3;
            let tests = |segment: &Segment| {
                let first = segment.id(0);
                let rows: Vec<bool> = tables[first.table().0 as usize].iter().map(|row| row.1 == 3).collect();
                Some(move |row: usize| rows[row])
            };
            let all: Vec<SortKey> = timeline.forward(SortKey::start_of(crate::record::Timestamp(0))).collect();
            let Some(from) = all.get(start % all.len().max(1)).copied() else { return Ok(()) };
            prop_assert_eq!(next(&timeline, from, tests), all.iter().copied().find(|key| *key > from && wanted(key)));
            prop_assert_eq!(previous(&timeline, from, tests), all.iter().copied().rfind(|key| *key < from && wanted(key)));
        }
    }
}
