//! Links, clocks and stories against the truth of the recordings, and what must not change them.

mod relabel;
mod truth;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use logvm::ingest::{Input, Options, Reading};
use logvm::link::Links;
use logvm::record::RecordId;
use logvm::report;
use logvm::store::Snapshot;

use crate::data;
use truth::Truth;

fn read(paths: Vec<Input>) -> Snapshot {
    let reading = Reading::start(paths, Options::default());
    reading.wait();
    reading.store().snapshot()
}

fn seed(number: u32) -> Snapshot {
    read(vec![Input::Path(data::seed(number).join("input"))])
}

fn find(snapshot: &Snapshot) -> Links {
    Links::find(snapshot, None, &AtomicBool::new(false)).unwrap()
}

/// What is printed, a claim each, without the order.
fn claims(snapshot: &Snapshot, links: &Links) -> BTreeSet<String> {
    let mut out = Vec::new();
    report::links::print(snapshot, links, 0.5, &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// The links as records: a line and the first packet of a flow in a file.
fn pairs(links: &Links) -> BTreeSet<(RecordId, RecordId)> {
    let mut pairs = BTreeSet::new();
    for link in links.links.iter().filter(|link| link.confidence >= 0.5) {
        let lines = &links.lines.lines[links.lines.logged[link.logged as usize].lines.clone()];
        for piece in links.parts.pieces.iter().filter(|piece| piece.part == link.part) {
            pairs.extend(lines.iter().map(|line| (line.id, piece.first)));
        }
    }
    pairs
}

#[test]
fn lines_and_flows_are_linked_as_they_truly_belong() {
    for number in [1, 2] {
        let snapshot = seed(number);
        let truth = Truth::read(number);
        let score = truth.score(&claims(&snapshot, &find(&snapshot)));
        assert!(score.precision() >= 0.995, "seed {number}: {score:?}");
        assert!(score.recall() >= 0.97, "seed {number}: {score:?}");
        assert!(score.recall_of("port") >= 0.95, "seed {number}: {score:?}");
        assert!(score.line_recall() >= 0.98, "seed {number}: {score:?}");
    }
}

#[test]
fn clocks_are_told_within_hundredths() {
    for number in [1, 2] {
        let links = find(&seed(number));
        let truth = Truth::read(number);
        for (qube, error) in truth.clock_errors(&links) {
            assert!(error < 0.02, "seed {number}: {qube} is off by {error}");
        }
    }
}

#[test]
fn without_journals_whole_seconds_are_enough() {
    let snapshot = read(vec![Input::Path(data::seed(2).join("input/NetLogs"))]);
    let links = find(&snapshot);
    let truth = Truth::read(2);
    let score = truth.score(&claims(&snapshot, &links));
    assert!(score.precision() >= 0.995 && score.recall() >= 0.97, "{score:?}");
    for (qube, error) in truth.clock_errors(&links) {
        assert!(error < 0.02, "{qube} is off by {error}");
    }
}

#[test]
fn logs_alone_and_captures_alone_are_no_reason_to_stop() {
    let logs = read(vec![Input::Path(data::seed(1).join("input/QubesLogs"))]);
    let links = find(&logs);
    assert!(links.links.is_empty());
    assert!(links.peers.len() > 200, "two qubes logged the same packets: {}", links.peers.len());
    let captures = ["sys-dns", "sys-vpn"].map(|qube| Input::Path(data::seed(1).join("input/NetLogs").join(qube)));
    let links = find(&read(captures.to_vec()));
    let connections: BTreeSet<u32> = links.connections.iter().copied().collect();
    assert!(links.lines.lines.is_empty() && connections.len() < links.parts.parts.len());
}

#[test]
fn the_same_input_gives_the_same_output() {
    let (a, b) = (seed(1), seed(1));
    assert_eq!(claims(&a, &find(&a)), claims(&b, &find(&b)));
}

#[test]
fn other_addresses_ports_names_and_times_change_no_link() {
    for number in [1, 2] {
        let snapshot = seed(number);
        let expected = pairs(&find(&snapshot));
        for (name, other) in relabel::variants(&snapshot) {
            let found = pairs(&find(&other));
            assert!(
                found == expected,
                "seed {number}: {name} changed {} links",
                found.symmetric_difference(&expected).count()
            );
        }
    }
}

#[test]
fn an_unrelated_capture_changes_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("NetLogs/elsewhere/2025-08-28");
    std::fs::create_dir_all(&other).unwrap();
    let name = "pcaps-2025-08-28.tgz";
    std::fs::copy(data::seed(2).join("input/NetLogs/sys-dns/2025-08-28").join(name), other.join(name)).unwrap();
    let alone = seed(1);
    let both = read(vec![Input::Path(data::seed(1).join("input")), Input::Path(folder.path().to_path_buf())]);
    assert_eq!(claims(&both, &find(&both)), claims(&alone, &find(&alone)));
}

#[test]
fn a_stopped_search_gives_nothing() {
    assert!(Links::find(&seed(1), None, &AtomicBool::new(true)).is_none());
}

#[test]
fn a_story_has_every_vantage_and_the_way_it_took() {
    let snapshot = seed(2);
    let links = find(&snapshot);
    let table = snapshot.tables().find(|table| table.info.name.contains("sys-net/2025-08-28/nft")).map(Arc::clone);
    let id = RecordId::new(table.unwrap().id, 39);
    let story = links.story(&snapshot, id).unwrap();
    let mut sources: Vec<String> = story.hops.iter().map(|hop| hop.tuple.source.to_string()).collect();
    sources.dedup();
    assert_eq!(sources, ["10.138.13.37", "10.137.0.6", "10.137.0.40", "10.137.0.30"]);
    let packet = links.parts.parts[story.parts[0] as usize].flow;
    assert_eq!(links.story(&snapshot, packet).unwrap(), story);
}

#[test]
fn what_left_past_the_tunnel_is_an_orphan_and_nothing_else_is() {
    for number in [1, 2] {
        let snapshot = seed(number);
        let links = find(&snapshot);
        let truth = Truth::read(number);
        for orphan in links.orphans(&snapshot) {
            let logvm::link::orphans::Orphan::Line(packet, ..) = orphan else { continue };
            let logged = &links.lines.logged[packet as usize];
            for (line, _) in report::links::shown_lines(&snapshot, &links, logged) {
                let (file, number) = report::links::place(&snapshot, line);
                assert!(truth.is_without_flow(&file, number), "{file}:{number} has packets");
            }
        }
    }
}
