//! The story of a connection, and orphans.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::links::{flow, place, seconds, shown_lines};
use super::{Format, json};
use crate::civil;
use crate::escape::{Form, escape};
use crate::link::Links;
use crate::link::orphans::Orphan;
use crate::link::story::{Proof, Story};
use crate::query;
use crate::record::{Kind, Precision, RecordId, Timestamp};
use crate::store::{Snapshot, SortKey, Table};

/// How far before a connection, and after it began, entries are looked at, in nanoseconds: the clocks of qubes that
/// saw no packets are known only to differ by seconds.
const NEAR: i64 = 5_000_000_000;
/// The most entries that are looked at.
const MOST_ENTRIES: usize = 20_000;

/// A record of a story.
struct Told {
    at: i64,
    id: RecordId,
}

/// Prints the story of a connection: what is known of it as a whole, then its records by corrected time.
///
/// # Errors
/// When the output fails.
pub fn print(snapshot: &Snapshot, links: &Links, story: &Story, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let mut records = records(snapshot, links, story);
    records.extend(entries(snapshot, links, story));
    records.sort_by_key(|told| (told.at, told.id));
    match format {
        Format::Text { ascii } => {
            print_head(snapshot, links, story, ascii, out)?;
            records.iter().try_for_each(|told| print_record(snapshot, told, ascii, out))
        }
        Format::JsonLines => {
            json::write_line(&head(snapshot, links, story), out)?;
            records.iter().try_for_each(|told| json::write_line(&record(snapshot, told), out))
        }
    }
}

/// The lines and flows of the connection, and the look-up before it.
fn records(snapshot: &Snapshot, links: &Links, story: &Story) -> Vec<Told> {
    let mut records = Vec::new();
    for packet in &story.logged {
        let logged = &links.lines.logged[*packet as usize];
        let at = links.corrected(logged.qube, logged.at);
        records.extend(shown_lines(snapshot, links, logged).into_iter().map(|(id, _)| Told { at, id }));
    }
    for part in &story.parts {
        let part = &links.parts.parts[*part as usize];
        records.push(Told { at: links.corrected(part.qube, part.start), id: part.flow });
    }
    for id in story.exchanges.iter().copied().chain(story.cause.iter().map(|cause| cause.exchange)) {
        let time = snapshot.find(id).map(|(table, segment, row)| (table, segment.key_time(row)));
        records.extend(time.map(|(table, at)| Told { at: corrected(links, table, at), id }));
    }
    records
}

fn corrected(links: &Links, table: &Table, at: Timestamp) -> i64 {
    links.qubes.find(&table.info.origin).map_or(at.0, |qube| links.corrected(qube, at.0))
}

/// Text and journal entries near the beginning that name an address or the name of the connection, by the qube's clock
/// where it is known.
fn entries(snapshot: &Snapshot, links: &Links, story: &Story) -> Vec<Told> {
    let Some(start) = story.hops.iter().map(|hop| hop.at).min() else { return Vec::new() };
    let words = words(story);
    let timeline = snapshot.timeline(|table| !table.info.derived && table.flows.is_none());
    let mut found = Vec::new();
    let from = SortKey::start_of(Timestamp(start.saturating_sub(NEAR * 2)));
    for key in timeline.forward(from).take(MOST_ENTRIES) {
        if key.time.0 > start.saturating_add(NEAR * 2) {
            break;
        }
        let Some((table, segment, row)) = snapshot.find(key.id) else { continue };
        if !matches!(segment.kind(row), Kind::Text | Kind::Journal) {
            continue;
        }
        let at = corrected(links, table, segment.claimed(row).unwrap_or(key.time));
        let text = query::summary(snapshot, key.id).text;
        if at.abs_diff(start) <= NEAR.unsigned_abs() && words.iter().any(|word| text.contains(word.as_str())) {
            found.push(Told { at, id: key.id });
        }
    }
    found
}

/// What an entry that speaks of the connection would name.
fn words(story: &Story) -> Vec<String> {
    let mut words: Vec<String> = story.hops.iter().map(|hop| hop.tuple.destination.to_string()).collect();
    words.extend(story.cause.iter().filter(|cause| cause.name.len() > 3).map(|cause| cause.name.to_string()));
    words.sort();
    words.dedup();
    words
}

fn print_head(snapshot: &Snapshot, links: &Links, story: &Story, ascii: bool, out: &mut dyn Write) -> io::Result<()> {
    let form = Form { ascii, tab: 0 };
    let arrow = if ascii { " > " } else { " ▸ " };
    let hop = |(source, at): (String, String)| format!("{source} {at}");
    let chain: Vec<String> = chain(links, story).into_iter().map(hop).collect();
    writeln!(out, "chain    {}", escape(chain.join(arrow).as_bytes(), form))?;
    if let Some(hop) = story.hops.first() {
        writeln!(out, "to       {} port {}", hop.tuple.destination, hop.tuple.destination_port)?;
    }
    match &story.cause {
        Some(cause) => writeln!(
            out,
            "name     {} ({})",
            escape(cause.name.as_bytes(), form),
            if cause.proof == Proof::Proven { "proven: an answer names the address" } else { "timing only" }
        )?,
        None => writeln!(out, "name     none")?,
    }
    let outcome = outcome(snapshot, links, story).unwrap_or("not captured");
    writeln!(out, "outcome  {outcome}")
}

/// Each source address with the qube where it was first seen, from the origin on.
fn chain(links: &Links, story: &Story) -> Vec<(String, String)> {
    let mut chain: Vec<(String, String)> = Vec::new();
    for hop in &story.hops {
        let source = hop.tuple.source.to_string();
        if chain.iter().all(|(seen, _)| *seen != source) {
            chain.push((source, format!("at {}", links.qubes.name(hop.qube))));
        }
    }
    chain
}

fn outcome(snapshot: &Snapshot, links: &Links, story: &Story) -> Option<&'static str> {
    let flows = story.parts.iter().filter_map(|part| snapshot.flow(links.parts.parts[*part as usize].flow));
    flows.map(|flow| flow.outcome).max().map(|outcome| outcome.name())
}

fn print_record(snapshot: &Snapshot, told: &Told, ascii: bool, out: &mut dyn Write) -> io::Result<()> {
    let Some((table, segment, row)) = snapshot.find(told.id) else { return Ok(()) };
    let form = Form { ascii, tab: 0 };
    let (source, number) = place(snapshot, told.id);
    let file = source.rsplit('/').next().unwrap_or_default();
    let text = query::summary(snapshot, told.id).text;
    writeln!(
        out,
        "{} {} {} {}:{number} {}",
        civil::rfc3339(Timestamp(told.at), Precision::Millisecond),
        escape(table.info.origin.as_bytes(), form),
        segment.kind(row).name(),
        escape(file.as_bytes(), form),
        escape(text.as_bytes(), form),
    )
}

fn head(snapshot: &Snapshot, links: &Links, story: &Story) -> Value {
    let hops = story.hops.iter().map(|hop| {
        json!({
            "qube": &**links.qubes.name(hop.qube),
            "flow": flow(&hop.tuple),
            "ttl": hop.ttl,
            "time": seconds(hop.at),
        })
    });
    let cause = story.cause.as_ref().map(
        |cause| json!({"name": &*cause.name, "proof": if cause.proof == Proof::Proven { "proven" } else { "timing" }}),
    );
    json!({
        "chain": chain(links, story).into_iter().map(|(source, _)| source).collect::<Vec<_>>(),
        "hops": hops.collect::<Vec<_>>(),
        "name": cause,
        "outcome": outcome(snapshot, links, story),
    })
}

fn record(snapshot: &Snapshot, told: &Told) -> Value {
    let Some((table, segment, row)) = snapshot.find(told.id) else { return Value::Null };
    let (source, number) = place(snapshot, told.id);
    json!({
        "time": seconds(told.at),
        "qube": &*table.info.origin,
        "kind": segment.kind(row).name(),
        "source": source,
        "number": number,
        "text": query::summary(snapshot, told.id).text,
    })
}

/// Prints orphans; gives how many.
///
/// # Errors
/// When the output fails.
pub fn print_orphans(snapshot: &Snapshot, links: &Links, format: Format, out: &mut dyn Write) -> io::Result<u64> {
    let mut printed = 0;
    for orphan in links.orphans(snapshot) {
        let (ids, qube, reason) = match orphan {
            Orphan::Line(packet, qube, reason) => {
                let logged = &links.lines.logged[packet as usize];
                (shown_lines(snapshot, links, logged).into_iter().map(|(id, _)| id).collect(), qube, reason)
            }
            Orphan::Flow(part, qube, reason) => (vec![links.parts.parts[part as usize].flow], qube, reason),
        };
        for id in ids {
            print_orphan(snapshot, id, links.qubes.name(qube), reason.text(), format, out)?;
            printed += 1;
        }
    }
    Ok(printed)
}

fn print_orphan(
    snapshot: &Snapshot,
    id: RecordId,
    missing_at: &str,
    reason: &str,
    format: Format,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((table, segment, row)) = snapshot.find(id) else { return Ok(()) };
    let (source, number) = place(snapshot, id);
    let (kind, text) = (segment.kind(row).name(), query::summary(snapshot, id).text);
    match format {
        Format::JsonLines => json::write_line(
            &json!({
                "kind": kind, "qube": &*table.info.origin, "source": source, "number": number,
                "missing_at": missing_at, "reason": reason, "text": text,
            }),
            out,
        ),
        Format::Text { ascii } => {
            let form = Form { ascii, tab: 0 };
            let time = civil::rfc3339(segment.key_time(row), segment.key_precision(row));
            let line = format!("{time} {} {kind} not at {missing_at}: {reason}: {text}", table.info.origin);
            writeln!(out, "{}", escape(line.as_bytes(), form))
        }
    }
}
