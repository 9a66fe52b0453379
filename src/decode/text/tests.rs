use proptest::prelude::*;

use super::super::Packet;
use super::super::Reject;
use super::*;
use crate::record::{Level, Timestamp};

/// What a test keeps of an entry.
type Seen = (u64, u64, Option<i64>, Option<i64>, Level, Option<String>);

#[derive(Default)]
struct Entries(Vec<Seen>);

impl Sink for Entries {
    fn entry(&mut self, entry: Entry<'_>) {
        let nft = if let Body::Nft(nft) = &entry.body { Some(format!("{nft:?}")) } else { None };
        let at = |time: Option<crate::record::Time>| time.map(|time| time.at.0);
        self.0.push((entry.offset, entry.length, at(entry.received), at(entry.claimed), entry.level, nft));
    }

    fn packet(&mut self, _: Packet<'_>) {}

    fn reject(&mut self, reject: Reject) {
        panic!("{reject:?}");
    }
}

fn hints() -> Hints {
    Hints { modified: Some(Timestamp(1_760_000_000_000_000_000)), ..Hints::default() }
}

/// Decodes `bytes` in windows that grow by `step` bytes.
fn decode(bytes: &[u8], step: usize) -> Vec<Seen> {
    let (mut decoder, mut sink) = (TextDecoder::new(hints()), Entries::default());
    let (mut start, mut end) = (0, 0);
    while start < bytes.len() {
        end = (end + step).min(bytes.len());
        let window = Window { bytes: &bytes[start..end], offset: start as u64, last: end == bytes.len() };
        start += decoder.decode(window, &mut sink);
    }
    sink.0
}

fn line(text: &str) -> Line<'_> {
    parse_line(text.as_bytes(), &hints())
}

fn words<'a>(line: &Line<'a>) -> (&'a str, &'a str, Option<u32>, &'a str) {
    let text = |bytes: Option<&'a [u8]>| std::str::from_utf8(bytes.unwrap_or(b"-")).unwrap();
    (text(line.host), text(line.identifier), line.pid, text(Some(line.message)))
}

#[test]
fn senders_are_read_in_each_form() {
    for (text, expected) in [
        ("Aug  5 18:54:07 work bash[12]: HISTORY: x", ("work", "bash", Some(12), "HISTORY: x")),
        ("Aug  5 18:54:07 work sudo:     user : TTY", ("work", "sudo", None, "    user : TTY")),
        ("Aug  5 18:54:07 UDMP [WAN-1] DESCR=\"x\" y", ("UDMP", "-", None, "[WAN-1] DESCR=\"x\" y")),
        ("2025-08-05T18:54:07+0000 fw kernel: new", ("fw", "kernel", None, "new")),
        ("2025-08-05T18:54:07Z bash[7]: x", ("-", "bash", Some(7), "x")),
        ("2025-08-05T18:54:07Z something happened", ("-", "-", None, "something happened")),
        ("2025-08-05 18:54:07 INFO main: x", ("-", "-", None, "INFO main: x")),
        ("Tue 2025-08-05 18:54:07 UTC fink a.service[1]: x", ("fink", "a.service", Some(1), "x")),
        ("1754420047.123456 fink rtkit[1]: x", ("fink", "rtkit", Some(1), "x")),
        ("[   12.345678] fink rtkit[1]: x", ("fink", "rtkit", Some(1), "x")),
        ("[   12.345678] usb 1-1: new", ("-", "-", None, "[   12.345678] usb 1-1: new")),
        ("<13>Aug  5 18:54:07 work bash[12]: x", ("work", "bash", Some(12), "x")),
        ("<13>bash[12]: x", ("-", "bash", Some(12), "x")),
        ("<38>1 2025-08-05T18:54:07Z h sshd 44 - [a b=\"]\\\"\"] m x", ("h", "sshd", Some(44), "m x")),
        ("<38>1 2025-08-05T18:54:07Z h sshd 44 ID47 - m x", ("h", "sshd", Some(44), "m x")),
        ("<38>1 - - - - - - m", ("-", "-", None, "m")),
        ("Aug  5 18:54:07 work bash[12]:", ("work", "bash", Some(12), "")),
        ("  File \"x\", line 1", ("-", "-", None, "  File \"x\", line 1")),
        ("kern  :warn  : [    1.0] x", ("-", "-", None, "[    1.0] x")),
        ("text\r\n", ("-", "-", None, "text")),
    ] {
        assert_eq!(words(&line(text)), expected, "{text}");
    }
}

#[test]
fn levels_are_only_those_that_are_given() {
    for (text, level) in [
        ("<11>Aug  5 18:54:07 h x: y", Level::Error),
        ("<191>x", Level::Debug),
        ("<192>x", Level::Unknown),
        ("<>x", Level::Unknown),
        ("kern  :warn  : x", Level::Warning),
        ("Tue Aug  5 18:54:06 UTC 2025\t<12>x", Level::Warning),
        ("Aug  5 18:54:07 h x: error: y", Level::Unknown),
        ("error: y", Level::Unknown),
    ] {
        assert_eq!(line(text).level, level, "{text}");
    }
}

#[test]
fn received_is_what_stands_before_the_first_tab() {
    let both = line("2026-01-01T00:00:01Z\tDec 31 23:59:59 work x: y");
    assert_eq!(both.received.map(|t| (t.at.0, t.inferred)), Some((1_767_225_601_000_000_000, false)));
    assert_eq!(both.claimed.map(|t| (t.at.0, t.inferred)), Some((1_767_225_599_000_000_000, true)));
    let faked = line("2026-01-01T00:00:01Z\t2020-01-01T00:00:00Z\tx");
    assert_eq!(faked.received, both.received);
    assert_eq!(faked.claimed.map(|t| t.at.0), Some(1_577_836_800_000_000_000));
    let bare = line("Tue Aug  5 18:54:06 UTC 2025\tTraceback:");
    assert_eq!((bare.claimed, bare.message), (None, b"Traceback:".as_slice()));
    assert!(bare.received.is_some());
    assert_eq!(line("Aug  5 18:54:07\tx").received, None);
}

#[test]
fn only_the_kernel_logs_nft_lines() {
    let nft = "FW IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=TCP SPT=1 DPT=2";
    for (before, is_nft) in [
        ("", true),
        ("Aug  5 18:54:07 fw kernel: ", true),
        ("Aug  5 18:54:07 fw kernel: [12.345678] ", true),
        ("Tue Aug  5 18:54:06 UTC 2025\tAug  5 18:54:07 fw kernel: ", true),
        ("<6>[12.345678] ", true),
        ("[12.345678] ", true),
        ("[12.345678] fw kernel: ", true),
        ("<174>1 2003-08-24T05:14:15+00:00 - - - - - ", true),
        ("Aug  5 18:54:07 fw bash[1]: ", false),
        ("2025-08-05T18:54:07Z fw kernel[1]: ", true),
    ] {
        let text = format!("{before}{nft}");
        let found = line(&text).nft();
        assert_eq!(found.is_some(), is_nft, "{text}");
        assert!(found.is_none_or(|nft| nft.prefix == b"FW"), "{text}");
    }
}

#[test]
fn every_line_is_one_record() {
    for (text, lengths) in
        [("", &[][..]), ("\n", &[1]), ("a", &[1]), ("a\n\n\r\nb", &[2, 1, 2, 1]), ("\0\0\n\u{fffd}\n", &[3, 4])]
    {
        let found: Vec<_> = decode(text.as_bytes(), 3).iter().map(|entry| entry.1).collect();
        assert_eq!(found, lengths, "{text:?}");
    }
}

#[test]
fn a_huge_line_is_one_record_with_its_times() {
    let mut bytes = b"2026-01-01T00:00:01Z\tAug  5 18:54:07 fw kernel: ".to_vec();
    bytes.resize(3 << 20, b'x');
    bytes.extend_from_slice(b"\nshort\n");
    let entries = decode(&bytes, 100_000);
    assert_eq!(entries.iter().map(|e| (e.0, e.1)).collect::<Vec<_>>(), [(0, (3 << 20) + 1), ((3 << 20) + 1, 6)]);
    assert!(entries[0].2.is_some() && entries[0].3.is_some());
    assert_eq!(entries, decode(&bytes, bytes.len()));
}

/// Lines of all kinds, some of them near and above the length where they are kept apart.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "\\PC{0,60}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..80),
        (0..4_usize).prop_map(|extra| vec![b'x'; HEAD - 2 + extra]),
        (HEAD..3 * HEAD).prop_map(|length| [b"<12>Aug  5 18:54:07 h p[1]: ".as_slice(), &vec![b'y'; length]].concat()),
        Just(b"2025-08-05T18:54:08Z\tAug  5 18:54:07 fw kernel: FW IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=4 PROTO=TCP SPT=1 DPT=2".to_vec()),
        (0..3_500_usize).prop_map(|mac| {
            let mac = "f".repeat(mac);
            format!("FW IN=a OUT=b MAC={mac} SRC=1.2.3.4 DST=5.6.7.8 LEN=4 PROTO=TCP SPT=1 DPT=2").into_bytes()
        }),
        Just(b"Tue Aug  5 18:54:06 UTC 2025\tx\r".to_vec()),
    ];
    (prop::collection::vec(line, 0..12), any::<bool>()).prop_map(|(lines, ends)| {
        let mut bytes = lines.join(b"\n".as_slice());
        bytes.extend_from_slice(if ends { b"\n" } else { b"" });
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_windows_give_the_same_records(bytes in log(), step in prop_oneof![500..5_000_usize, Just(HEAD), Just(HEAD + 1)]) {
        let whole = decode(&bytes, bytes.len().max(1));
        prop_assert_eq!(&decode(&bytes, step), &whole);
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| line.len() as u64);
        prop_assert_eq!(whole.iter().map(|entry| entry.1).collect::<Vec<_>>(), lines.collect::<Vec<_>>());
        prop_assert_eq!(whole.iter().map(|entry| entry.1).sum::<u64>(), bytes.len() as u64);
    }

    #[test]
    fn a_whole_line_gives_what_the_decoder_gave(bytes in log()) {
        for (offset, length, received, claimed, level, nft) in decode(&bytes, 4096) {
            let line = parse_line(&bytes[offset as usize..(offset + length) as usize], &hints());
            let times = (line.received.map(|t| t.at.0), line.claimed.map(|t| t.at.0));
            prop_assert_eq!((times, line.level), ((received, claimed), level));
            prop_assert_eq!(line.nft().map(|nft| format!("{nft:?}")), nft);
        }
    }
}
