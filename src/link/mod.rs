//! L4: which records belong to one connection, whatever was translated on the way and whatever the clocks said.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicBool;

use crate::record::{FiveTuple, RecordId};
use crate::store::Snapshot;

mod choice;
pub mod clock;
mod connections;
pub mod evidence;
pub mod lines;
pub mod orphans;
mod pairs;
pub mod parts;
mod qubes;
pub mod sighting;
pub mod story;
mod zones;

use choice::Joined;
pub use choice::Link;
use clock::Clock;
use clock::network::Network;
use lines::Lines;
use pairs::Tuples;
use parts::{Parts, directed};
pub use qubes::Qubes;
use sighting::Sighting;

/// The probability from which a link counts where nothing else is asked for.
pub const LIKELY: f64 = 0.5;

/// The links of an archive, and the clocks that they were found with.
#[derive(Debug)]
pub struct Links {
    /// The qubes.
    pub qubes: Qubes,
    /// The lines.
    pub lines: Lines,
    /// The flows.
    pub parts: Parts,
    /// The clock of each qube that could be compared with the reference.
    pub clocks: BTreeMap<u32, Clock>,
    /// The qube whose clock the others are compared with.
    pub reference: Option<u32>,
    /// The links, by logged packet and part.
    pub links: Vec<Link>,
    /// The connection of each part.
    pub connections: Vec<u32>,
    /// Logged packets of two qubes that are one packet, sorted, each pair both ways.
    pub peers: Vec<(u32, u32)>,
}

struct Nodes<'a> {
    lines: &'a Lines,
    parts: &'a Parts,
}

impl Tuples for Nodes<'_> {
    fn tuple(&self, sighting: &Sighting) -> FiveTuple {
        let node = sighting.node as usize;
        match self.parts.parts.get(node) {
            Some(part) => directed(&part.tuple, sighting.reversed),
            None => self.lines.logged[node - self.parts.parts.len()].tuple,
        }
    }
}

impl Links {
    /// Links everything that is in a snapshot; against the clock of `reference`, else of the qube with most pairs.
    /// `None` when stopped.
    #[must_use]
    pub fn find(snapshot: &Snapshot, reference: Option<&str>, stop: &AtomicBool) -> Option<Self> {
        let mut qubes = Qubes::default();
        let mut lines = Lines::collect(snapshot, &mut qubes);
        let wanted: HashSet<_> = lines.lines.iter().map(|line| line.key).collect();
        let mut parts = Parts::collect(snapshot, &mut qubes, &wanted, stop)?;
        let mut sightings = std::mem::take(&mut parts.sightings);
        let first = u32::try_from(parts.parts.len()).ok()?;
        let wish = reference.and_then(|name| qubes.find(name));
        let mut told = told(&mut sightings, &lines, &parts, wish, stop)?;
        let zones = zones::of_clocks(&told.1, &lines.zoneless);
        if !zones.is_empty() {
            zones.iter().for_each(|(qube, seconds)| lines.shift(*qube, *seconds));
            sightings.retain(|sighting| sighting.node < first);
            told = self::told(&mut sightings, &lines, &parts, wish, stop)?;
        }
        let (reference, clocks) = told;
        pairs::correct(&mut sightings, &clocks);
        let nodes = Nodes { lines: &lines, parts: &parts };
        let matches = pairs::matches(&sightings, &nodes, &clocks, stop)?;
        let Joined { links, connections, peers } = choice::join(&parts.parts, matches);
        Some(Self { qubes, lines, parts, clocks, reference, links, connections, peers })
    }

    /// The reference's time of a moment by a qube's clock.
    #[must_use]
    pub fn corrected(&self, qube: u32, at: i64) -> i64 {
        self.clocks.get(&qube).map_or(at, |clock| clock.to_reference(at))
    }

    /// The links of a logged packet that are likely.
    pub fn likely_links(&self, logged: u32) -> impl Iterator<Item = &Link> {
        let first = self.links.partition_point(|link| link.logged < logged);
        let own = self.links[first..].iter().take_while(move |link| link.logged == logged);
        own.filter(|link| link.confidence >= LIKELY)
    }

    /// The logged packet of a line.
    #[must_use]
    pub fn logged_of(&self, line: RecordId) -> Option<u32> {
        let place = self.lines.lines.iter().position(|other| other.id == line)?;
        let after = self.lines.logged.partition_point(|logged| logged.lines.start <= place);
        u32::try_from(after.checked_sub(1)?).ok()
    }
}

/// The reference, and the clocks against it.
type Told = (Option<u32>, BTreeMap<u32, Clock>);

/// Puts the lines to the sightings of packets, in order, and tells the clocks from all.
fn told(
    sightings: &mut Vec<Sighting>,
    lines: &Lines,
    parts: &Parts,
    wish: Option<u32>,
    stop: &AtomicBool,
) -> Option<Told> {
    sightings.extend(lines.sightings(parts.parts.len() as u32));
    sightings.sort_unstable_by_key(pairs::order);
    let nodes = Nodes { lines, parts };
    let network = Network::new(pairs::clock_pairs(sightings, &nodes, &lines.zoneless, stop)?);
    let reference = wish.or_else(|| network.center());
    let clocks = reference.map(|reference| network.clocks(reference)).unwrap_or_default();
    Some((reference, clocks))
}
