//! The nft lines of an archive, and which of them speak of one packet.

use std::collections::BTreeMap;
use std::ops::Range;

use super::qubes::Qubes;
use super::sighting::{Header, Key, Sighting};
use super::zones;
use crate::record::{FiveTuple, Precision, RecordId, TableId};
use crate::store::segment::{EntryColumns, NftColumns};
use crate::store::{Columns, Segment, Snapshot, Table};

/// Copies of a line are at most this far apart: whoever passed a line on may have stamped it anew.
const COPY_DELAY: i64 = 100_000_000;

/// An nft line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The record.
    pub id: RecordId,
    /// Qube that logged it.
    pub qube: u32,
    /// When it says, in nanoseconds by the qube's clock; the moment is in `[at, at + width]`.
    pub at: i64,
    /// How finely that was written.
    pub width: i64,
    /// Addresses and ports.
    pub tuple: FiveTuple,
    /// What the packet is compared by.
    pub key: Key,
    /// TTL or hop limit.
    pub ttl: u8,
    /// TCP flags.
    pub tcp_flags: u8,
    /// TCP sequence number, where the line has it.
    pub sequence: u32,
}

/// A packet that a qube logged: one line or several, in one file or several.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its lines.
    pub lines: Range<usize>,
    /// Qube that logged it.
    pub qube: u32,
    /// When, by the qube's clock: the narrowest of the lines' intervals.
    pub at: i64,
    /// Width of that interval.
    pub width: i64,
    /// Addresses and ports.
    pub tuple: FiveTuple,
}

/// All lines, those of one packet next to each other.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The lines.
    pub lines: Vec<Line>,
    /// The packets.
    pub logged: Vec<Logged>,
    /// Seconds that were added to the times of tables whose zone or year was inferred.
    pub shifts: BTreeMap<TableId, i64>,
    /// Qubes of which every line has an inferred zone or year.
    pub zoneless: Vec<bool>,
}

impl Lines {
    /// Collects the lines of all tables.
    pub fn collect(snapshot: &Snapshot, qubes: &mut Qubes) -> Self {
        let mut lines = Vec::new();
        let mut inferred = BTreeMap::new();
        for table in snapshot.tables().filter(|table| !table.info.derived) {
            let before = lines.len();
            let qube = qubes.place(&table.info.origin);
            let guessed = table.segments.iter().any(|segment| collect(table, segment, qube, &mut lines));
            if lines.len() > before {
                inferred.insert(table.id, (qube, guessed));
            }
        }
        let shifts = zones::shifts(&lines, &inferred);
        for line in &mut lines {
            let seconds = shifts.get(&line.id.table()).copied().unwrap_or(0);
            line.at = line.at.saturating_add(seconds.saturating_mul(1_000_000_000));
        }
        let mut zoneless = vec![true; qubes.len()];
        inferred.values().filter(|(_, guessed)| !guessed).for_each(|(qube, _)| zoneless[*qube as usize] = false);
        lines.sort_by_key(|line| (line.qube, line.key, line.tuple, line.ttl, line.tcp_flags, line.at, line.id));
        let logged = group(&lines);
        Self { lines, logged, shifts, zoneless }
    }

    /// Takes a whole number of seconds from all times of a qube: its logs are in another zone than was assumed.
    pub fn shift(&mut self, qube: u32, seconds: i64) {
        let nanoseconds = seconds.saturating_mul(1_000_000_000);
        for line in self.lines.iter_mut().filter(|line| line.qube == qube) {
            line.at = line.at.saturating_sub(nanoseconds);
            self.shifts.insert(line.id.table(), -seconds);
        }
        for logged in self.logged.iter_mut().filter(|logged| logged.qube == qube) {
            logged.at = logged.at.saturating_sub(nanoseconds);
        }
    }

    /// The sightings that they are, with the numbers of their nodes from `first` on.
    pub fn sightings(&self, first: u32) -> impl Iterator<Item = Sighting> + '_ {
        self.logged.iter().zip(first..).flat_map(|(logged, node)| {
            let line = &self.lines[logged.lines.start];
            let sighting = Sighting {
                key: line.key,
                at: logged.at,
                width: logged.width,
                node,
                qube: logged.qube,
                ttl: line.ttl,
                tcp_flags: line.tcp_flags,
                reversed: false,
            };
            let sequence = (line.sequence != 0).then(|| Sighting {
                key: Key::of_sequence(line.sequence, line.tuple.destination_port),
                ttl: 0,
                ..sighting
            });
            std::iter::once(sighting).chain(sequence)
        })
    }
}

/// Adds the lines of a segment; gives whether one of their times was inferred.
fn collect(table: &Table, segment: &Segment, qube: u32, lines: &mut Vec<Line>) -> bool {
    let Columns::Entries(entries) = &segment.columns else { return false };
    let Some(nft) = &entries.nft else { return false };
    let mut inferred = false;
    for place in 0..nft.len() {
        let row = nft.row(place);
        let Some(at) = entries.claimed.as_ref().and_then(|times| times.get(row)) else { continue };
        inferred |= entries.times.get(row).inferred;
        let id = RecordId::new(table.id, segment.first_row + row as u64);
        lines.push(line(nft, place, id, qube, at.0, width(entries, row)));
    }
    inferred
}

fn line(nft: &NftColumns, place: usize, id: RecordId, qube: u32, at: i64, width: i64) -> Line {
    let tuple = nft.tuple(place);
    let header = Header {
        ip_id: nft.ip_id[place],
        flow_label: nft.flow_label.get(place),
        ip_length: nft.ip_length.get(place),
        ttl: nft.ttl.get(place),
        tcp_flags: nft.tcp_flags.get(place),
    };
    let (ttl, tcp_flags) = (header.ttl, header.tcp_flags);
    let sequence = nft.sequence.get(place);
    Line { id, qube, at, width, tuple, key: Key::of(&tuple, &header), ttl, tcp_flags, sequence }
}

fn width(entries: &EntryColumns, row: usize) -> i64 {
    match entries.times.get(row).claimed {
        Precision::Second => 1_000_000_000,
        Precision::Millisecond => 1_000_000,
        Precision::Microsecond => 1_000,
        Precision::Nanosecond => 0,
    }
}

fn group(lines: &[Line]) -> Vec<Logged> {
    let mut logged: Vec<Logged> = Vec::new();
    let mut end = i64::MIN;
    for (place, line) in lines.iter().enumerate() {
        let line_end = line.at.saturating_add(line.width);
        if let Some(last) = logged.last_mut()
            && same_packet(&lines[last.lines.start], line)
            && line.at <= end.saturating_add(COPY_DELAY)
        {
            last.lines.end = place + 1;
            narrow(last, line);
            end = end.max(line_end);
        } else {
            let (qube, at, width, tuple) = (line.qube, line.at, line.width, line.tuple);
            logged.push(Logged { lines: place..place + 1, qube, at, width, tuple });
            end = line_end;
        }
    }
    logged
}

fn same_packet(a: &Line, b: &Line) -> bool {
    (a.qube, a.key, a.tuple, a.ttl, a.tcp_flags) == (b.qube, b.key, b.tuple, b.ttl, b.tcp_flags)
}

/// Takes the interval of a line in, where it is narrower.
fn narrow(logged: &mut Logged, line: &Line) {
    if line.width < logged.width {
        (logged.at, logged.width) = (line.at, line.width);
    }
}
