//! Links as JSON lines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::json;
use super::provenance::{Place, provenance};
use crate::link::evidence::{Evidence, Shared};
use crate::link::lines::Logged;
use crate::link::parts::Piece;
use crate::link::{Link, Links};
use crate::record::{FiveTuple, RecordId, protocol};
use crate::store::{Columns, Snapshot, Table};

/// Prints the links of every line: one object for each line and each capture file in which its connection is. A line
/// that is there several times is printed once, with its copies. Gives how many were printed.
///
/// # Errors
/// When the output fails.
pub fn print(snapshot: &Snapshot, links: &Links, least: f64, out: &mut dyn Write) -> io::Result<u64> {
    let mut printed = 0;
    for link in links.links.iter().filter(|link| link.confidence >= least) {
        let logged = &links.lines.logged[link.logged as usize];
        let lines = shown_lines(snapshot, links, logged);
        let first = links.parts.pieces.partition_point(|piece| piece.part < link.part);
        for piece in links.parts.pieces[first..].iter().take_while(|piece| piece.part == link.part) {
            for (line, copies) in &lines {
                json::write_line(&claim(snapshot, links, link, *line, copies, piece), out)?;
                printed += 1;
            }
        }
    }
    Ok(printed)
}

/// The lines of a packet, each with its copies in other files.
pub fn shown_lines(snapshot: &Snapshot, links: &Links, logged: &Logged) -> Vec<(RecordId, Vec<RecordId>)> {
    let mut by_prefix: BTreeMap<Vec<u8>, Vec<RecordId>> = BTreeMap::new();
    for line in &links.lines.lines[logged.lines.clone()] {
        by_prefix.entry(prefix(snapshot, line.id)).or_default().push(line.id);
    }
    let mut shown = Vec::new();
    for ids in by_prefix.into_values() {
        let rank = |id: &RecordId| snapshot.table(id.table()).map_or(u8::MAX, |table| rank(table));
        let best = ids.iter().map(rank).min().unwrap_or(u8::MAX);
        let (own, copies): (Vec<RecordId>, Vec<RecordId>) = ids.iter().partition(|id| rank(id) == best);
        shown.extend(own.into_iter().map(|id| (id, copies.clone())));
    }
    shown
}

/// Which of the copies of a line is shown: the kernel's own log first.
fn rank(table: &Table) -> u8 {
    match table.info.format {
        "nft log" => 0,
        _ if table.info.is_journal() => 2,
        _ => 1,
    }
}

fn prefix(snapshot: &Snapshot, id: RecordId) -> Vec<u8> {
    let Some((_, segment, row)) = snapshot.find(id) else { return Vec::new() };
    let Columns::Entries(entries) = &segment.columns else { return Vec::new() };
    let nft = entries.nft.as_ref().and_then(|nft| Some((nft, nft.index(row)?)));
    nft.map_or_else(Vec::new, |(nft, place)| nft.prefix(place).to_vec())
}

fn claim(snapshot: &Snapshot, links: &Links, link: &Link, line: RecordId, copies: &[RecordId], piece: &Piece) -> Value {
    let (file, number) = place(snapshot, line);
    let (capture, _) = place(snapshot, piece.first);
    let copies: Vec<Value> = copies.iter().map(|id| place(snapshot, *id)).map(|(f, n)| json!([f, n])).collect();
    json!({
        "nft_file": file,
        "nft_line_no": number,
        "pcap_file": capture,
        "flow": flow(&links.parts.parts[link.part as usize].tuple),
        "first_packet_ts": seconds(piece.at),
        "confidence": (link.confidence * 1e4).round() / 1e4,
        "evidence": evidence(&link.evidence, link.direct),
        "copies": copies,
    })
}

/// The source of a record, and its line, entry or frame there.
pub fn place(snapshot: &Snapshot, id: RecordId) -> (String, u64) {
    provenance(snapshot, id).map_or_else(Default::default, |provenance| {
        let (Place::Line(number) | Place::Entry(number) | Place::Frame(number)) = provenance.place;
        (provenance.source, number)
    })
}

/// A tuple as a JSON object.
pub fn flow(tuple: &FiveTuple) -> Value {
    let protocol = protocol::name(tuple.protocol).map_or_else(|| tuple.protocol.to_string(), str::to_lowercase);
    json!({
        "proto": protocol,
        "src": tuple.source.to_string(),
        "sport": tuple.source_port,
        "dst": tuple.destination.to_string(),
        "dport": tuple.destination_port,
    })
}

/// Seconds, as JSON numbers are.
pub const fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// What speaks for a link.
fn evidence(evidence: &Evidence, direct: bool) -> Value {
    let shared: Vec<&str> =
        Shared::NAMES.iter().filter(|(field, _)| evidence.shared.has(*field)).map(|(_, name)| *name).collect();
    json!({"shared": shared, "hops": evidence.hops, "seconds": seconds(evidence.gap), "direct": direct})
}
