//! Sources: what inputs turn into, and what damage and hostility do.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use logvm::source::{Identity, Limits, Visitor, Walk, list};

use crate::archives::{archive, gz, header, member, zst};
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
pub const SEED1: &[(&str, &str, u8, u64)] = &[
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
pub const SEED2: &[(&str, &str, u8, u64)] = &[
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
        let day = identity.date.map_or(0, |date| date.day());
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

/// Bytes that compress little.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 26) as u8 + b'0'
    };
    (0..length).map(|_| next()).collect()
}

fn visit(bytes: &[u8]) -> Seen {
    visit_limited(bytes, &Limits::default())
}

fn visit_limited(mut bytes: &[u8], limits: &Limits) -> Seen {
    visit_reader(&mut bytes, limits)
}

fn visit_reader(reader: &mut dyn Read, limits: &Limits) -> Seen {
    let (progress, cancelled) = (AtomicU64::new(0), AtomicBool::new(false));
    let walk = Walk { limits, progress: &progress, cancelled: &cancelled };
    let mut seen = Seen::default();
    walk.stream("in", reader, &mut seen);
    seen
}

impl Seen {
    fn names(&self) -> Vec<&str> {
        self.leaves.iter().map(|leaf| leaf.identity.name.as_str()).collect()
    }

    /// Whether there is exactly one problem and it has these words.
    fn only_problem(&self, name: &str, words: &str) {
        let [(of, message)] = &self.problems[..] else { panic!("{:?}", self.problems) };
        assert!(of == name && message.contains(words), "{of}: {message}");
    }
}

#[test]
fn layers_of_archives_and_compression_are_opened_by_content() {
    let inner = gz(&archive(&[member(b"netpcap/a.gz", b'0', &gz(b"one")), member(b"b", b'0', b"two")]));
    let outer = archive(&[member(b"NetLogs/sys-vpn/2025-08-05.bin", b'0', &inner), member(b"empty", b'0', b"")]);
    let seen = visit(&zst(&outer));
    let start = "in!NetLogs/sys-vpn/2025-08-05.bin!";
    assert_eq!(seen.names(), [&format!("{start}netpcap/a.gz"), &format!("{start}b"), "in!empty"]);
    let contents: Vec<&[u8]> = seen.leaves.iter().map(|leaf| &leaf.bytes[..]).collect();
    assert_eq!(contents, [&b"one"[..], b"two", b""]);
    let origins: Vec<_> = seen.leaves.iter().map(|leaf| leaf.identity.origin.as_deref()).collect();
    assert_eq!(origins, [Some("sys-vpn"), Some("sys-vpn"), None]);
    assert_eq!(seen.problems, []);
}

#[test]
fn a_member_cannot_rename_the_qube_that_its_archive_comes_from() {
    let inner = archive(&[member(b"QubesLogs/sys-net/1.log", b'0', b"x")]);
    let seen = visit(&archive(&[member(b"NetLogs/work/2025-08-05/x.tar", b'0', &inner)]));
    assert_eq!(seen.leaves[0].identity.origin.as_deref(), Some("work"));
}

#[test]
fn nothing_but_files_is_opened_and_bad_names_are_told() {
    let link = |kind| header(b"link", kind, b"00000000000\0", b"/etc/passwd");
    let tar = archive(&[
        member(b"../up", b'0', b"1"),
        member(b"/abs", b'0', b"2"),
        link(b'2'),
        link(b'1'),
        link(b'3'),
        link(b'6'),
        member(b"dir/", b'5', b""),
        member(b"ok", b'0', b"3"),
    ]);
    let seen = visit(&tar);
    assert_eq!(seen.names(), ["in!../up", "in!/abs", "in!ok"]);
    let told: Vec<&str> = seen.problems.iter().map(|(_, message)| message.split(':').next().unwrap()).collect();
    let leads_out = "its name leads out of the archive";
    let (symbolic, hard) = ("a symbolic link to /etc/passwd", "a hard link to /etc/passwd");
    assert_eq!(told, [leads_out, leads_out, symbolic, hard, "a character device", "a FIFO"]);
}

#[test]
fn long_names_of_gnu_and_pax_are_used_and_huge_ones_refused() {
    let name = "d/".repeat(200) + "name";
    let record = format!("path={name}\n");
    let pax = format!("{} {record}", record.len() + 4);
    let huge = header(b"././@LongLink", b'L', b"\x80\0\0\0\0\0\0\0\x40\0\0\0", b"");
    let tar = archive(&[
        member(b"././@LongLink", b'L', format!("{name}\0").as_bytes()),
        member(b"short", b'0', b"1"),
        member(b"PaxHeaders/x", b'x', pax.as_bytes()),
        member(b"short", b'0', b"2"),
        member(b"plain", b'0', b"3"),
        huge,
    ]);
    let seen = visit(&tar);
    assert_eq!(seen.names(), [&format!("in!{name}"), &format!("in!{name}"), "in!plain"]);
    assert!(seen.problems[0].1.contains("an extended header of 1073741824 bytes"), "{:?}", seen.problems);
    assert!(seen.problems[1].1.contains("cut off"), "{:?}", seen.problems);
}

#[test]
fn a_name_beyond_the_limit_is_cut_and_its_contents_are_read() {
    let name = "n".repeat(10_000);
    let tar = archive(&[member(b"L", b'L', name.as_bytes()), member(b"short", b'0', b"1")]);
    let seen = visit(&tar);
    assert_eq!(seen.leaves[0].bytes, b"1");
    assert_eq!(seen.leaves[0].identity.name.len(), 4096 + '…'.len_utf8());
    assert!(seen.problems[0].1.contains("10003 bytes"));
}

#[test]
fn a_size_that_lies_is_told_with_the_place() {
    let lie = header(b"big", b'0', b"00000001000\0", b"");
    let seen = visit(&[member(b"a", b'0', b"1"), lie.clone(), vec![b'x'; 100]].concat());
    assert_eq!(seen.leaves[0].error, None);
    assert_eq!(seen.leaves[1].bytes, [b'x'; 100]);
    assert_eq!(
        seen.leaves[1].error.as_deref(),
        Some("the archive is cut off at byte 1636: 100 of 512 bytes are there")
    );
    seen.only_problem("in", "cut off at byte 1636");

    let enormous = header(b"big", b'0', &[0xff; 12], b"");
    let seen = visit(&archive(&[member(b"a", b'0', b"1"), enormous, member(b"b", b'0', b"2")]));
    assert_eq!(seen.names(), ["in!a", "in!b"]);
    seen.only_problem("in", "no header of tar at byte 1024 (its size is no number): 512 bytes are not read");
}

#[test]
fn a_damaged_header_costs_only_its_own_member() {
    let mut bad = member(b"bad", b'0', &[b'x'; 700]);
    bad[0] ^= 1;
    let seen = visit(&archive(&[member(b"a", b'0', b"1"), bad, member(b"b", b'0', b"2")]));
    assert_eq!(seen.names(), ["in!a", "in!b"]);
    seen.only_problem("in", "no header of tar at byte 1024 (its checksum is wrong): 1536 bytes are not read");
}

#[test]
fn an_archive_cut_at_any_block_gives_what_is_there_and_says_so() {
    let whole = archive(&[member(b"a", b'0', &noise(1000)), member(b"L", b'L', b"long"), member(b"b", b'0', b"2")]);
    assert_eq!(visit(&whole).problems, []);
    for blocks in 1..whole.len() / 512 {
        for extra in [0, 1, 511] {
            let cut = blocks * 512 + extra;
            let seen = visit(&whole[..cut]);
            let expected = &whole[512..1512.min(cut)];
            assert_eq!(seen.leaves[0].bytes, expected, "cut at {cut}");
            assert_eq!(seen.leaves[0].error.is_some(), cut < 1512, "cut at {cut}");
            seen.only_problem("in", &format!("at byte {cut}"));
        }
    }
}

#[test]
fn bytes_after_the_end_of_an_archive_are_told_unless_they_are_zeros() {
    let tar = archive(&[member(b"a", b'0', b"1")]);
    assert_eq!(visit(&[tar.clone(), vec![0; 8192]].concat()).problems, []);
    let seen = visit(&[tar, vec![0; 600], b"hidden".to_vec()].concat());
    seen.only_problem("in", "606 bytes after the end of the archive, from byte 2048");
}

#[test]
fn all_members_of_gz_and_frames_of_zst_are_read() {
    assert_eq!(visit(&[gz(b"one "), gz(b""), gz(b"two")].concat()).leaves[0].bytes, b"one two");
    assert_eq!(visit(&[gz(b"one"), vec![0; 100]].concat()).leaves[0].error, None);
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
    let frames = [zst(b"one "), skippable.clone(), zst(b""), zst(b"two")].concat();
    assert_eq!(visit(&frames).leaves[0].bytes, b"one two");
    assert_eq!(visit(&[skippable, frames].concat()).leaves[0].bytes, b"one two");
}

#[test]
fn all_before_damage_is_given_then_an_error_with_the_place() {
    let contents = noise(700_000);
    for (compressed, name) in [(gz(&contents), "gzip"), (zst(&contents), "zstd")] {
        for cut in [1, 4, 8, 1000, compressed.len() / 2] {
            let leaf = visit(&compressed[..compressed.len() - cut]).leaves.remove(0);
            let error = leaf.error.unwrap();
            assert!(error.contains(&format!("{name} data is cut off")), "{error}");
            assert!(error.contains(&format!("at byte {}", compressed.len() - cut)), "{error}");
            assert!(leaf.bytes == contents[..leaf.bytes.len()]);
            // A block of zstd is 128 KiB; deflate gives all but the last symbols.
            let kept = leaf.bytes.len() * 100 / contents.len();
            assert!(kept >= if cut < 10 { 80 } else { 37 }, "{name} {cut}: {kept} %");
        }
        let garbage = [&compressed[..], b"garbage"].concat();
        let leaf = visit(&garbage).leaves.remove(0);
        assert!(leaf.bytes == contents && leaf.error.is_some());
    }
}

#[test]
fn damage_within_deflate_data_loses_nothing_before_it() {
    let contents = noise(100_000);
    let mut stored = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    stored.write_all(&contents).unwrap();
    stored.flush().unwrap();
    let start = stored.get_ref().len();
    stored.write_all(b"more").unwrap();
    let mut bytes = stored.finish().unwrap();
    bytes[start] = 7;
    let leaf = visit(&bytes).leaves.remove(0);
    assert!(leaf.bytes == contents, "{} bytes", leaf.bytes.len());
    assert!(leaf.error.unwrap().contains("damaged (invalid deflate data)"));
}

#[test]
fn a_wrong_checksum_of_gz_is_told_after_the_contents() {
    let mut bytes = gz(b"contents");
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    let leaf = visit(&bytes).leaves.remove(0);
    assert_eq!(leaf.bytes, b"contents");
    assert!(leaf.error.unwrap().contains("wrong checksum"));
}

#[test]
fn bombs_stop_at_the_limits() {
    let limits = Limits { ratio: 100, free_expansion: 1 << 20, ..Limits::default() };
    for bomb in [gz(&vec![0; 64 << 20]), zst(&vec![0; 64 << 20]), gz(&gz(&vec![0; 64 << 20]))] {
        let leaf = visit_limited(&bomb, &limits).leaves.remove(0);
        assert!(leaf.error.unwrap().contains("have expanded to"));
        assert!(leaf.bytes.len() < 16 << 20, "{}", leaf.bytes.len());
    }
    let many = archive(&(0..64).map(|_| member(b"m", b'0', &gz(&vec![0; 1 << 20]))).collect::<Vec<_>>());
    let seen = visit_limited(&many, &limits);
    assert!(seen.leaves.iter().any(|leaf| leaf.error.is_some()));
    assert!(seen.leaves.iter().map(|leaf| leaf.bytes.len()).sum::<usize>() < 16 << 20);
}

#[test]
fn depth_members_names_and_problems_have_limits() {
    let limits = Limits { depth: 2, members: 3, names: 10, problems: 2, ..Limits::default() };
    assert_eq!(visit_limited(&gz(&gz(b"x")), &limits).leaves.len(), 1);
    visit_limited(&gz(&gz(&gz(b"x"))), &limits).only_problem("in", "2 layers");
    let many = archive(&vec![member(b"m", b'0', b"1"); 5]);
    let seen = visit_limited(&many, &limits);
    assert_eq!(seen.leaves.len(), 3);
    seen.only_problem("in", "more than 3 members");
    let seen = visit_limited(&archive(&vec![member(b"123456", b'0', b"1"); 2]), &limits);
    assert_eq!(seen.leaves.len(), 1);
    seen.only_problem("in", "names of more than 10 bytes");
    let links = archive(&vec![header(b"l", b'2', b"0\0", b"x"); 3]);
    let seen = visit_limited(&links, &limits);
    assert_eq!(seen.problems.len(), 3);
    assert!(seen.problems[2].1.contains("1 more"));
}

/// A reader that gives at most so many bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

fn any_archive() -> Vec<u8> {
    let inner = gz(&archive(&[member(b"x", b'0', &noise(3000)), member(b"y", b'0', &zst(&noise(5000)))]));
    let mut bad = member(b"bad", b'0', b"x");
    bad[1] = b'!';
    let members = [member(b"NetLogs/work-2025-08-05.tgz", b'0', &inner), bad, header(b"l", b'2', b"0\0", b"t")];
    zst(&archive(&members))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_chunking_gives_the_same(step in 1..700_usize, cut in 0..9000_usize) {
        let whole = any_archive();
        let bytes = &whole[..whole.len() - cut.min(whole.len())];
        let trickled = visit_reader(&mut Trickle(bytes, step), &Limits::default());
        assert_eq!(trickled, visit(bytes));
    }

    #[test]
    fn no_damage_panics(place in proptest::prelude::any::<proptest::sample::Index>(), byte: u8, layers in 0..3_usize) {
        let inner = archive(&[
            member(b"L", b'L', b"name"),
            member(b"PaxHeaders/x", b'x', b"10 path=a\n13 size=4096\n"),
            member(b"x", b'0', &noise(600)),
            member(b"sparse", b'S', b"hole"),
            member(b"y", b'0', &gz(b"contents")),
        ]);
        let mut bytes = match layers {
            0 => inner,
            1 => gz(&inner),
            _ => zst(&inner),
        };
        let at = place.index(bytes.len());
        bytes[at] = byte;
        visit(&bytes);
    }
}

#[test]
fn a_file_and_a_stream_give_the_same() {
    let directory = tempfile::tempdir().unwrap();
    for (number, bytes) in [any_archive(), b"plain text\n".to_vec(), Vec::new(), gz(b"x")].iter().enumerate() {
        let path = directory.path().join(number.to_string());
        std::fs::write(&path, bytes).unwrap();
        let name = path.to_str().unwrap();
        let (file, stream) = (visit_files(std::slice::from_ref(&path)), visit(bytes));
        let of_file: Vec<_> = file.leaves.iter().map(|leaf| (&leaf.bytes, &leaf.error)).collect();
        let of_stream: Vec<_> = stream.leaves.iter().map(|leaf| (&leaf.bytes, &leaf.error)).collect();
        assert_eq!(of_file, of_stream);
        let renamed = |seen: &Seen, from: &str| -> Vec<(String, String)> {
            seen.problems.iter().map(|(name, message)| (name.replacen(from, "", 1), message.clone())).collect()
        };
        assert_eq!(renamed(&file, name), renamed(&stream, "in"));
    }
}

#[test]
fn only_a_plain_file_can_be_read_again_from_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (plain, packed) = (directory.path().join("plain"), directory.path().join("packed"));
    std::fs::write(&plain, b"text").unwrap();
    std::fs::write(&packed, gz(b"text")).unwrap();
    let seen = visit_files(&[plain.clone(), packed]);
    assert_eq!(seen.leaves[0].identity.rereadable, Some(plain));
    assert_eq!(seen.leaves[0].identity.size, Some(4));
    assert_eq!(seen.leaves[1].identity.rereadable, None);
    assert_eq!(seen.leaves[1].identity.size, None);
}

#[test]
fn directories_are_listed_in_order_and_links_and_sockets_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for path in ["b/1", "b/0", "b-c/2", "a"] {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), path).unwrap();
    }
    std::os::unix::fs::symlink(root, root.join("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let seen = visit_files(&[root.to_path_buf(), root.join("missing")]);
    let contents: Vec<_> = seen.leaves.iter().map(|leaf| String::from_utf8_lossy(&leaf.bytes)).collect();
    assert_eq!(contents, ["a", "b-c/2", "b/0", "b/1"]);
    let told: Vec<&str> = seen.problems.iter().map(|(_, message)| &message[..]).collect();
    assert_eq!(told[..2], ["a symbolic link: not read", "a socket: not read"]);
    assert!(told[2].starts_with("cannot be read: No such file"));
}

#[test]
fn a_listing_has_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    (0..5).for_each(|number| std::fs::write(directory.path().join(number.to_string()), b"").unwrap());
    let limits = Limits { members: 3, ..Limits::default() };
    let listing = list(&[directory.path().to_path_buf()], &limits);
    assert_eq!((listing.files.len(), listing.problems.len()), (3, 1));
    assert!(listing.problems[0].message.contains("there are 3 files"));
}

#[test]
fn what_may_not_be_read_is_told_and_the_rest_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let (closed, open) = (directory.path().join("closed"), directory.path().join("open"));
    std::fs::write(&closed, b"1").unwrap();
    std::fs::write(&open, b"2").unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&closed).is_ok() {
        eprintln!("skipped: nothing is closed to root");
        return;
    }
    let seen = visit_files(&[directory.path().to_path_buf()]);
    assert_eq!(seen.leaves.len(), 1);
    seen.only_problem(closed.to_str().unwrap(), "cannot be opened: Permission denied");
}

#[test]
fn cancelling_stops_readers_without_problems() {
    let (limits, progress, cancelled) = (Limits::default(), AtomicU64::new(0), AtomicBool::new(true));
    let walk = Walk { limits: &limits, progress: &progress, cancelled: &cancelled };
    let mut seen = Seen::default();
    walk.stream("in", &mut &any_archive()[..], &mut seen);
    assert_eq!(seen.problems, []);
    assert_eq!(seen.leaves[0].error.as_deref(), Some("cancelled"));
}
