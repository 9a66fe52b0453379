//! Sources: what inputs turn into, and what damage and hostility do.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use logvm::source::{Identity, Limits, Visitor, Walk, list};

use crate::data::seed;

/// A source as it was delivered.
#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    identity: Identity,
    bytes: Vec<u8>,
    error: Option<String>,
}

#[derive(Debug, Default, PartialEq)]
struct Seen {
    leaves: Vec<Leaf>,
    problems: Vec<(String, String)>,
}

impl Visitor for Seen {
    fn source(&mut self, identity: &Identity, reader: &mut dyn Read) {
        let mut bytes = Vec::new();
        let error = reader.read_to_end(&mut bytes).err().map(|error| error.to_string());
        self.leaves.push(Leaf { identity: identity.clone(), bytes, error });
    }

    fn problem(&mut self, name: &str, message: String) {
        self.problems.push((name.to_owned(), message));
    }
}

fn visit_files(inputs: &[PathBuf]) -> Seen {
    let (limits, progress, cancelled) = (Limits::default(), AtomicU64::new(0), AtomicBool::new(false));
    let walk = Walk { limits: &limits, progress: &progress, cancelled: &cancelled };
    let listing = list(inputs, &limits);
    let mut seen = Seen::default();
    for file in &listing.files {
        walk.file(file, &mut seen);
    }
    seen.problems.extend(listing.problems.into_iter().map(|problem| (problem.name, problem.message)));
    assert_eq!(progress.load(Ordering::Relaxed), listing.files.iter().map(|file| file.size).sum::<u64>());
    seen
}

/// Names below `input/`, origins, days and sizes as `ls -l`, `zcat | wc -c` and `tar tvzf` give them.
const SEED1: &[(&str, &str, u8, u64)] = &[
    ("NetLogs/sys-dns/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185403.pcap", "sys-dns", 5, 13_638),
    ("NetLogs/sys-dns/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185423.pcap", "sys-dns", 5, 22_544),
    ("NetLogs/sys-dns/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185444.pcap", "sys-dns", 5, 14_036),
    ("NetLogs/sys-dns/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185505.pcap", "sys-dns", 5, 7_158),
    ("NetLogs/sys-firewall/2025-08-05/nft-2025-08-05.log.gz", "sys-firewall", 5, 116_263),
    ("NetLogs/sys-net/2025-08-05/nft-2025-08-05.log.gz", "sys-net", 5, 59_814),
    ("NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185404.pcap", "sys-vpn", 5, 151_276),
    ("NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185424.pcap", "sys-vpn", 5, 177_694),
    ("NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185444.pcap", "sys-vpn", 5, 208_596),
    ("NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185504.pcap", "sys-vpn", 5, 118_244),
    ("QubesLogs/disp1234/1754420042.log", "disp1234", 5, 5_834),
    ("QubesLogs/personal/1754420042.log", "personal", 5, 9_100),
    ("QubesLogs/sys-dns/1754420042.log", "sys-dns", 5, 20_150),
    ("QubesLogs/sys-firewall/1754420042.log", "sys-firewall", 5, 79_173),
    ("QubesLogs/sys-firewall/1754420092.log", "sys-firewall", 5, 47_837),
    ("QubesLogs/sys-net/1754420042.log", "sys-net", 5, 66_099),
    ("QubesLogs/sys-vpn/1754420042.log", "sys-vpn", 5, 1_645),
    ("QubesLogs/work/1754420042.log", "work", 5, 3_718),
    ("QubesLogs/work/1754420092.log", "work", 5, 3_147),
    ("journal/disp1234.export.gz", "disp1234", 0, 23_828),
    ("journal/personal.export.gz", "personal", 0, 41_461),
    ("journal/sys-dns.export.gz", "sys-dns", 0, 61_242),
    ("journal/sys-firewall.export.gz", "sys-firewall", 0, 298_656),
    ("journal/sys-net.export.gz", "sys-net", 0, 154_092),
    ("journal/sys-vpn.export.gz", "sys-vpn", 0, 6_279),
    ("journal/work.export.gz", "work", 0, 29_862),
];

/// As for the first recording.
const SEED2: &[(&str, &str, u8, u64)] = &[
    ("NetLogs/sys-dns/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010504.pcap", "sys-dns", 28, 306_608),
    ("NetLogs/sys-dns/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010524.pcap", "sys-dns", 28, 264_804),
    ("NetLogs/sys-dns/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010544.pcap", "sys-dns", 28, 169_000),
    ("NetLogs/sys-dns/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010604.pcap", "sys-dns", 28, 20_382),
    ("NetLogs/sys-firewall/2025-08-28/nft-2025-08-28.log.gz", "sys-firewall", 28, 77_374),
    ("NetLogs/sys-net/2025-08-28/nft-2025-08-28.log.gz", "sys-net", 28, 37_519),
    ("NetLogs/sys-vpn/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010504.pcap", "sys-vpn", 28, 309_968),
    ("NetLogs/sys-vpn/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010524.pcap", "sys-vpn", 28, 271_992),
    ("NetLogs/sys-vpn/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010544.pcap", "sys-vpn", 28, 174_338),
    ("NetLogs/sys-vpn/2025-08-28/pcaps-2025-08-28.tgz!netpcap/pcap-20250828010604.pcap", "sys-vpn", 28, 20_382),
    ("QubesLogs/disp1234/1756343100.log", "disp1234", 28, 4_340),
    ("QubesLogs/personal/1756343100.log", "personal", 28, 5_427),
    ("QubesLogs/sys-dns/1756343100.log", "sys-dns", 28, 13_064),
    ("QubesLogs/sys-firewall/1756343100.log", "sys-firewall", 28, 67_510),
    ("QubesLogs/sys-firewall/1756343143.log", "sys-firewall", 28, 17_538),
    ("QubesLogs/sys-net/1756343100.log", "sys-net", 28, 43_623),
    ("QubesLogs/sys-vpn/1756343100.log", "sys-vpn", 28, 1_790),
    ("QubesLogs/work/1756343100.log", "work", 28, 3_732),
    ("QubesLogs/work/1756343143.log", "work", 28, 1_279),
    ("journal/disp1234.export.gz", "disp1234", 0, 19_081),
    ("journal/personal.export.gz", "personal", 0, 24_669),
    ("journal/sys-dns.export.gz", "sys-dns", 0, 40_603),
    ("journal/sys-firewall.export.gz", "sys-firewall", 0, 200_784),
    ("journal/sys-net.export.gz", "sys-net", 0, 102_183),
    ("journal/sys-vpn.export.gz", "sys-vpn", 0, 6_498),
    ("journal/work.export.gz", "work", 0, 20_801),
];

fn facts(seen: &Seen, prefix: &str) -> Vec<(String, String, u8, u64)> {
    let fact = |leaf: &Leaf| {
        let identity = &leaf.identity;
        let name = identity.name.strip_prefix(prefix).unwrap_or(&identity.name).to_owned();
        let day = identity.date.map_or(0, |date| date.day);
        (name, identity.origin.clone().unwrap_or_default(), day, leaf.bytes.len() as u64)
    };
    seen.leaves.iter().map(fact).collect()
}

fn owned(facts: &[(&str, &str, u8, u64)]) -> Vec<(String, String, u8, u64)> {
    facts.iter().map(|(name, origin, day, size)| ((*name).to_owned(), (*origin).to_owned(), *day, *size)).collect()
}

#[test]
fn recordings_give_the_sources_that_other_tools_see() {
    for (number, expected) in [(1, SEED1), (2, SEED2)] {
        let input = seed(number).join("input");
        let seen = visit_files(std::slice::from_ref(&input));
        assert_eq!(seen.problems, []);
        assert!(seen.leaves.iter().all(|leaf| leaf.error.is_none()));
        assert_eq!(facts(&seen, &format!("{}/", input.display())), owned(expected));
    }
}
