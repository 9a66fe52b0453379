//! Zones of text logs that name none, told from copies of their lines elsewhere.

use std::collections::{BTreeMap, HashMap};

use super::clock::Clock;
use super::lines::Line;
use super::sighting::Key;
use crate::record::{FiveTuple, TableId};

/// Zones differ by multiples of this many seconds.
const STEP: i64 = 900;
/// Copies differ from a multiple by at most this many seconds.
const TOLERANCE: i64 = 3;
/// Copies that are needed.
const ENOUGH: usize = 3;

type Content = (Key, FiveTuple, u8, u8);

/// Seconds to add to the times of each table whose zone was inferred, where copies of its lines of the same qube tell
/// so. `inferred` has the qube of each table, and whether it had to be inferred.
pub fn shifts(lines: &[Line], inferred: &BTreeMap<TableId, (u32, bool)>) -> BTreeMap<TableId, i64> {
    let mut shifts = BTreeMap::new();
    let mut qubes: BTreeMap<u32, Vec<(TableId, bool)>> = BTreeMap::new();
    for (table, (qube, guessed)) in inferred {
        qubes.entry(*qube).or_default().push((*table, *guessed));
    }
    let mixed = |tables: &&Vec<(TableId, bool)>| tables.iter().any(|t| t.1) && tables.iter().any(|t| !t.1);
    for tables in qubes.values().filter(mixed) {
        let is_base = |table: TableId| tables.contains(&(table, false));
        let base = unique_times(lines.iter().filter(|line| is_base(line.id.table())));
        for (table, _) in tables.iter().filter(|table| table.1) {
            let own = unique_times(lines.iter().filter(|line| line.id.table() == *table));
            shifts.extend(shift(&own, &base).filter(|seconds| *seconds != 0).map(|seconds| (*table, seconds)));
        }
    }
    shifts
}

/// The times of the lines whose content is there once, copies of the same moment aside.
fn unique_times<'a>(lines: impl Iterator<Item = &'a Line>) -> HashMap<Content, Option<i64>> {
    let mut times = HashMap::new();
    for line in lines {
        let content = (line.key, line.tuple, line.ttl, line.tcp_flags);
        let near = |time: &i64| time.abs_diff(line.at) <= TOLERANCE.unsigned_abs() * 1_000_000_000;
        times.entry(content).and_modify(|time: &mut Option<i64>| *time = time.filter(near)).or_insert(Some(line.at));
    }
    times
}

/// The multiple of a quarter of an hour that most copies differ by.
fn shift(own: &HashMap<Content, Option<i64>>, base: &HashMap<Content, Option<i64>>) -> Option<i64> {
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    for (content, time) in own {
        let both = time.zip(base.get(content).copied().flatten());
        let Some(difference) = both.map(|(own, base)| base.saturating_sub(own).div_euclid(1_000_000_000)) else {
            continue;
        };
        let multiple = (difference + STEP / 2).div_euclid(STEP) * STEP;
        if (difference - multiple).abs() <= TOLERANCE {
            *votes.entry(multiple).or_default() += 1;
        }
    }
    let (seconds, count) = votes.iter().max_by_key(|(seconds, count)| (**count, -seconds.abs()))?;
    (*count >= ENOUGH && *count * 2 > votes.values().sum()).then_some(*seconds)
}

/// Whole quarters of an hour, in seconds, that the clock of a qube whose zone had to be assumed is off by: that is a
/// zone, not a clock.
pub fn of_clocks(clocks: &BTreeMap<u32, Clock>, zoneless: &[bool]) -> BTreeMap<u32, i64> {
    let guessed = |qube: &u32| zoneless.get(*qube as usize).copied().unwrap_or(false);
    let mut zones = BTreeMap::new();
    for (qube, clock) in clocks.iter().filter(|(qube, _)| guessed(qube)) {
        let Some(longest) = clock.stretches.iter().max_by_key(|stretch| stretch.pairs) else { continue };
        let seconds = (longest.offset / 1e9) as i64;
        let zone = (seconds + STEP / 2).div_euclid(STEP) * STEP;
        if zone != 0 {
            zones.insert(*qube, zone);
        }
    }
    zones
}
