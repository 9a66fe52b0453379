//! How much work a scan is, and that it can be stopped and continued.

use std::sync::atomic::{AtomicBool, Ordering};

use logvm::query::{Filter, Found, Results, Work, scan};
use logvm::record::{Level, Timestamp};

use super::world::{ENTRIES, Line, Records, START, What, World};
use super::{context, rows};

/// `count` lines, a second apart, ten in a segment; every seventh has the word `needle`.
fn many(count: usize) -> Records {
    let line = |number: usize| Line {
        text: format!(
            "Aug  5 18:54:10 work app[{number}]: {}\n",
            if number.is_multiple_of(7) { "needle" } else { "hay" }
        )
        .into_bytes(),
        received: Some(START.offset(number as i64 * 1_000_000_000)),
        claimed: None,
        level: if number.is_multiple_of(2) { Level::Error } else { Level::Info },
        what: What::Text,
    };
    Records { lines: (0..count).map(line).collect(), per_segment: 10, ..Records::default() }
}

struct Scanned {
    found: Vec<Found>,
    work: Work,
}

fn run(world: &World, expression: &str, near: Option<Timestamp>, known: &Results) -> Scanned {
    let filter = Filter::compile(expression, &context()).unwrap();
    let mut found = Vec::new();
    let go_on = AtomicBool::new(false);
    let work = scan(&filter, &world.snapshot, &|_| true, near, known, &go_on, &mut |each| found.push(each));
    Scanned { found, work }
}

#[test]
fn segments_outside_the_time_asked_for_are_not_looked_at() {
    let world = many(100).store();
    let scanned = run(&world, "t >= @+35s and t < @+40s and needle", None, &Results::default());
    assert_eq!((scanned.work.segments, scanned.work.segments_skipped, scanned.work.rows_scanned), (10, 9, 10));
    assert_eq!((scanned.work.rows_read, scanned.work.bytes_read), (5, 5 * 34 + 3));
    let whole = run(&world, "t >= @+30s && t < @+40s", None, &Results::default());
    assert_eq!((whole.work.segments_skipped, whole.work.rows_scanned), (10, 0));
}

#[test]
fn bytes_are_read_for_the_rows_that_the_cheap_parts_left() {
    let world = many(100).store();
    let work = run(&world, "needle and level == err", None, &Results::default()).work;
    assert_eq!(work.rows_read, 50);
    let work = run(&world, "needle or level == err", None, &Results::default()).work;
    assert_eq!(work.rows_read, 50);
    let work = run(&world, "needle and kind == packet", None, &Results::default()).work;
    assert_eq!((work.rows_read, work.bytes_read, work.segments_skipped), (0, 0, 10));
}

#[test]
fn the_part_on_the_screen_comes_first() {
    let world = many(100).store();
    let scanned = run(&world, "needle", Some(START.offset(55_000_000_000)), &Results::default());
    let order: Vec<u64> = scanned.found.iter().map(|found| found.key().1).collect();
    assert_eq!(order[..3], [50, 60, 40]);
    assert_eq!(order.len(), 10);
}

#[test]
fn a_cancelled_scan_stops_after_the_segment_at_hand() {
    let world = many(100).store();
    let filter = Filter::compile("needle", &context()).unwrap();
    let cancelled = AtomicBool::new(false);
    let mut finished = 0;
    let work = scan(&filter, &world.snapshot, &|_| true, None, &Results::default(), &cancelled, &mut |_| {
        finished += 1;
        cancelled.store(finished == 3, Ordering::Relaxed);
    });
    assert_eq!((finished, work.cancelled, work.rows_read), (3, true, 30));
    let work = scan(&filter, &world.snapshot, &|_| true, None, &Results::default(), &cancelled, &mut |_| panic!());
    assert_eq!((work.rows_read, work.cancelled), (0, true));
}

#[test]
fn a_store_that_grew_is_scanned_where_it_grew() {
    let mut world = many(95).store();
    let mut results = Results::default();
    run(&world, "needle", None, &results).found.into_iter().for_each(|found| results.add(found));
    assert_eq!(results.count(), 14);
    let grown = many(100).store().snapshot;
    let table_of = |snapshot: &logvm::store::Snapshot| (**snapshot.table(ENTRIES).expect("it has entries")).clone();
    let mut table = table_of(&grown);
    table.segments[..9].clone_from_slice(&table_of(&world.snapshot).segments[..9]);
    world.snapshot.insert(table);
    let again = run(&world, "needle", None, &results);
    assert_eq!((again.work.segments, again.work.rows_read), (1, 10));
    again.found.into_iter().for_each(|found| results.add(found));
    results.retain(&world.snapshot);
    assert_eq!(results.count(), 15);
    assert_eq!(results.timeline(&world.snapshot, |_| true).count(), rows(&world, ENTRIES, "needle").len() as u64);
}

#[test]
fn packets_are_scanned_again_when_their_flows_changed() {
    let world = super::sample();
    let mut results = Results::default();
    run(&world, "port == 443", None, &results).found.into_iter().for_each(|found| results.add(found));
    assert_eq!(run(&world, "port == 443", None, &results).work.segments, 0);
    let mut snapshot = world.snapshot.clone();
    let flows = (**snapshot.table(super::world::FLOWS).expect("it has flows")).clone();
    snapshot.insert(flows);
    let changed = World { snapshot };
    assert_eq!(run(&changed, "port == 443", None, &results).work.segments, 1);
}

#[test]
fn bytes_that_cannot_be_read_back_are_counted() {
    let mut world = many(20).store();
    let mut table = (**world.snapshot.table(ENTRIES).expect("it has entries")).clone();
    table.content = logvm::store::Content::None;
    world.snapshot.insert(table);
    let work = run(&world, "needle", None, &Results::default()).work;
    assert_eq!((work.rows_unreadable, work.bytes_read), (20, 0));
}
