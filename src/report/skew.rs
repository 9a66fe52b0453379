//! Clocks: how far each is ahead of the reference.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::links::seconds;
use super::{Format, json};
use crate::civil;
use crate::escape::{Form, escape};
use crate::link::Links;
use crate::link::clock::{Clock, Stretch};
use crate::record::{Precision, Timestamp};
use crate::store::Snapshot;

/// A clock's drift is written out so often that it makes no more than this between two entries, in nanoseconds.
const RESOLUTION: f64 = 2e6;
/// The most entries for the drift of one stretch.
const MOST_ENTRIES: i64 = 1_000;

/// Prints the clocks: lines for people, or one JSON object with a member for each qube.
///
/// # Errors
/// When the output fails.
pub fn print(snapshot: &Snapshot, links: &Links, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let Format::Text { ascii } = format else { return json::write_line(&offsets(links), out) };
    for (qube, clock) in &links.clocks {
        let name = escape(links.qubes.name(*qube).as_bytes(), Form { ascii, tab: 0 });
        if links.reference == Some(*qube) {
            writeln!(out, "{name} is the reference")?;
        } else {
            print_clock(&name, clock, ascii, out)?;
        }
    }
    for (table, shift) in &links.lines.shifts {
        let name = snapshot.table(*table).map_or("", |table| &*table.info.name);
        let name = escape(name.as_bytes(), Form { ascii, tab: 0 });
        writeln!(out, "{name}: names no zone; {}", zone(*shift))?;
    }
    Ok(())
}

fn zone(shift: i64) -> String {
    let (sign, minutes) = (if shift < 0 { '+' } else { '-' }, shift.abs() / 60);
    format!("taken to be UTC{sign}{:02}:{:02}, which agrees with other sources", minutes / 60, minutes % 60)
}

fn print_clock(name: &str, clock: &Clock, ascii: bool, out: &mut dyn Write) -> io::Result<()> {
    let about = if ascii { "+-" } else { "±" };
    for (place, stretch) in clock.stretches.iter().enumerate() {
        let from = civil::rfc3339(Timestamp(stretch.from), Precision::Millisecond);
        writeln!(
            out,
            "{name} {:+.4} s {about}{:.4} from {from}, {:+.1} ppm, {} pairs{}",
            stretch.offset / 1e9,
            stretch.uncertainty / 1e9,
            stretch.drift * 1e6,
            stretch.pairs,
            clock.step(place).map_or_else(String::new, |step| format!(", a step of {:+.4} s", step / 1e9)),
        )?;
    }
    Ok(())
}

/// The offset of each clock by the name of its qube: one number with a drift, or a list of entries by local time.
#[must_use]
pub fn offsets(links: &Links) -> Value {
    let clocks = links.clocks.iter();
    clocks.map(|(qube, clock)| (links.qubes.name(*qube).to_string(), offset(clock, links, *qube))).collect()
}

fn offset(clock: &Clock, links: &Links, qube: u32) -> Value {
    match clock.stretches.as_slice() {
        [one] => json!({
            "offset": one.offset / 1e9,
            "drift_ppm": one.drift * 1e6,
            "at": seconds(one.from),
            "uncertainty": one.uncertainty / 1e9,
            "pairs": one.pairs,
        }),
        stretches => {
            let ends = stretches.iter().skip(1).map(|next| next.from).chain([last_seen(links, qube)]);
            let each = stretches.iter().enumerate().zip(ends);
            each.flat_map(|((place, stretch), end)| entries(stretch, end, clock.step(place))).collect()
        }
    }
}

/// Entries that follow the drift of a stretch; the first one says whether the clock stepped there.
fn entries(stretch: &Stretch, end: i64, step: Option<f64>) -> impl Iterator<Item = Value> {
    let length = end.saturating_sub(stretch.from).max(0);
    let change = (length as f64 * stretch.drift).abs();
    let count = ((change / RESOLUTION).ceil() as i64).clamp(1, MOST_ENTRIES);
    (0..count).map(move |n| {
        let middle = (length / count * n + length / count / 2) as f64;
        json!({
            "from": seconds(stretch.from.saturating_add(length / count * n)),
            "offset": middle.mul_add(stretch.drift, stretch.offset) / 1e9,
            "drift_ppm": stretch.drift * 1e6,
            "step": step.filter(|_| n == 0).map(|step| step / 1e9),
            "uncertainty": stretch.uncertainty / 1e9,
            "pairs": stretch.pairs,
        })
    })
}

/// The last time of a qube's own clock.
fn last_seen(links: &Links, qube: u32) -> i64 {
    let lines = links.lines.logged.iter().filter(|logged| logged.qube == qube).map(|logged| logged.at);
    let parts = links.parts.parts.iter().filter(|part| part.qube == qube).map(|part| part.end);
    lines.chain(parts).max().unwrap_or(0)
}
