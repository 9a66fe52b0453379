use proptest::prelude::*;

use super::super::{Body, Entry, Packet};
use super::*;
use crate::record::Level;

/// Offset, length, claimed, level and nf_log fields.
type SeenEntry = (u64, u64, Option<i64>, Level, Option<String>);

#[derive(Debug, Default, PartialEq, Clone)]
struct Seen {
    entries: Vec<SeenEntry>,
    rejects: Vec<Reject>,
}

impl Sink for Seen {
    fn entry(&mut self, entry: Entry<'_>) {
        let nft = if let Body::Nft(nft) = &entry.body { Some(format!("{nft:?}")) } else { None };
        self.entries.push((entry.offset, entry.length, entry.claimed.map(|time| time.at.0), entry.level, nft));
    }

    fn packet(&mut self, _: Packet<'_>) {}

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

impl Seen {
    fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.1).chain(self.rejects.iter().map(|reject| reject.length)).sum()
    }
}

fn decode(bytes: &[u8], step: usize) -> Seen {
    let (mut decoder, mut sink) = (JournalDecoder::new(), Seen::default());
    let (mut start, mut end) = (0, 0);
    while start < bytes.len() {
        end = (end + step).min(bytes.len());
        let window = Window { bytes: &bytes[start..end], offset: start as u64, last: end == bytes.len() };
        start += decoder.decode(window, &mut sink);
    }
    sink
}

fn entry(number: u32, more: &[u8]) -> Vec<u8> {
    let mut entry =
        format!("__CURSOR=c\n__REALTIME_TIMESTAMP={}\nMESSAGE=m\n", 1_754_420_047_000_000 + u64::from(number));
    entry.push_str("_BOOT_ID=91c28e668d0b30ee959ae6b482fb36e4\n");
    [entry.as_bytes(), more, b"\n"].concat()
}

fn binary(name: &str, data: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\n", &(data.len() as u64).to_le_bytes(), data, b"\n"].concat()
}

/// Entries and rejects of one entry, `middle`, and another entry.
fn counts(middle: &[u8]) -> (usize, usize) {
    let seen = decode(&[entry(1, b""), middle.to_vec(), entry(2, b"")].concat(), 7);
    (seen.entries.len(), seen.rejects.len())
}

/// The numbers of entries are those that systemd-journal-remote 252 imports from the same bytes, except where it gives
/// up (marked): this decoder goes on.
#[test]
fn entries_are_what_journal_remote_imports() {
    let time = b"__REALTIME_TIMESTAMP=1754420047746617\n".as_slice();
    let with = |rest: &[u8]| [time, rest, b"\n"].concat();
    assert_eq!(counts(b""), (2, 0));
    assert_eq!(counts(b"hello world\n"), (2, 1));
    assert_eq!(counts(b"hello world\n\n\nfoo=bar\n"), (2, 1));
    assert_eq!(counts(b"\n\n\n"), (2, 1));
    assert_eq!(counts(b"MESSAGE=x\n\n"), (3, 0));
    assert_eq!(counts(&with(b"_TRANSPORT=kernel\n")), (3, 0));
    assert_eq!(counts(&with(b"")), (2, 1));
    assert_eq!(counts(&with(b"__SEQNUM=1\n")), (2, 1));
    assert_eq!(counts(&with(&binary("MESSAGE", b"a\n\nbc"))), (3, 0));
    assert_eq!(counts(&with(&binary("message", b"abcde"))), (2, 1));
    assert_eq!(counts(&with(b"MESSAGE=a\0b\n")), (3, 0));
    assert_eq!(counts(time), (2, 0));
    assert_eq!(counts(&with(&[[b'A'; 64].as_slice(), b"=x\n"].concat())), (3, 0));
    assert_eq!(counts(&with(&[[b'A'; 65].as_slice(), b"=x\n"].concat())), (2, 1));
    assert_eq!(counts(&with(&b"F=1\n".repeat(FIELDS_MAX + 5))), (3, 0));
    let time_is = |time: &str| format!("__REALTIME_TIMESTAMP={time}\nMESSAGE=a\n\n").into_bytes();
    assert_eq!(counts(&time_is("36028797018963967")), (3, 0));
    for gives_up in [time_is("abc"), time_is("0"), time_is("36028797018963968"), b"HELLO\n".to_vec()] {
        assert_eq!(counts(&gives_up), (2, 1));
    }
    let huge = [b"MESSAGE\n".as_slice(), &(900_u64 << 20).to_le_bytes(), b"abcde\n"].concat();
    assert_eq!(counts(&with(&huge)), (2, 1));
    let unterminated = [b"MESSAGE\n".as_slice(), &5_u64.to_le_bytes(), b"abcdeX\n"].concat();
    assert_eq!(counts(&with(&unterminated)), (2, 1));
}

#[test]
fn the_first_entry_must_have_a_time() {
    let seen = decode(b"MESSAGE=x\n\n", 100);
    assert_eq!((seen.entries.len(), seen.rejects.len()), (0, 1));
}

#[test]
fn a_torn_end_is_rejected() {
    let both = [entry(1, b""), entry(2, b"")].concat();
    let first = entry(1, b"").len() as u64;
    for cut in 1..20 {
        let seen = decode(&both[..both.len() - cut], 1000);
        let rejected: Vec<_> = seen.rejects.iter().map(|reject| (reject.offset, reject.length)).collect();
        assert_eq!((seen.entries.len(), rejected), (1, vec![(first, first - cut as u64)]));
    }
}

#[test]
fn columns_come_from_the_fields() {
    let nft = b"FW:new IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=TCP SPT=1 DPT=2";
    let message = [b"MESSAGE=".as_slice(), nft, b"\nPRIORITY=4\n"].concat();
    let kinds = |more: &[u8]| {
        let seen = decode(&entry(1, &[&message, more].concat()), 10);
        let (.., claimed, level, nft) = seen.entries[0].clone();
        assert_eq!((claimed, level), (Some(1_754_420_047_000_001_000), Level::Warning));
        nft.is_some()
    };
    assert!(kinds(b"_TRANSPORT=kernel\n"));
    assert!(kinds(b"SYSLOG_IDENTIFIER=kernel\n"));
    assert!(!kinds(b"_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=kernel\n"));
    assert!(!kinds(b""));
    let as_binary = entry(1, &[binary("MESSAGE", nft), b"_TRANSPORT=kernel\n".to_vec()].concat());
    assert!(decode(&as_binary, 3).entries[0].4.is_some());
}

#[test]
fn fields_of_an_entry_are_listed() {
    let bytes = [b"A=1\nnot a field\nEMPTY=\n".to_vec(), binary("B", b"x\n=y"), b"C==\n\n".to_vec()].concat();
    let found: Vec<_> = fields(&bytes).collect();
    let expected: [(&[u8], &[u8]); 4] = [(b"A", b"1"), (b"EMPTY", b""), (b"B", b"x\n=y"), (b"C", b"=")];
    assert_eq!(found, expected);
    assert_eq!(fields(&b"A=1\n".repeat(FIELDS_MAX + 9)).count(), FIELDS_MAX);
    assert_eq!(fields(&[b"A\n".as_slice(), &u64::MAX.to_le_bytes(), b"x"].concat()).count(), 0);
}

#[test]
fn huge_fields_are_passed_over() {
    let data = vec![b'\n'; 3 << 20];
    let text = [b"LONG=".as_slice(), &vec![b'x'; 2 << 20], b"\n"].concat();
    let bytes =
        [entry(1, &[binary("COREDUMP", &data), text, b"PRIORITY=3\n".to_vec()].concat()), entry(2, b"")].concat();
    let seen = decode(&bytes, 50_000);
    assert_eq!(seen.entries.len(), 2);
    assert_eq!((seen.entries[0].3, seen.bytes()), (Level::Error, bytes.len() as u64));
    assert_eq!(seen, decode(&bytes, bytes.len()));
}

/// A kernel's message with an nf_log line in front, `size` bytes long.
fn long_message(size: usize) -> Vec<u8> {
    let mut message = b"FW IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=TCP SPT=1 DPT=2 URGP=0 ".to_vec();
    message.resize(size, b'x');
    message
}

fn export() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => (any::<u32>(), prop::collection::vec(any::<u8>(), 0..30)).prop_map(|(n, data)| entry(n, &binary("B", &data))),
        2 => Just(entry(1, b"_TRANSPORT=kernel\nPRIORITY=6\n")),
        1 => (VALUE_MAX - 12..VALUE_MAX + 12).prop_map(|size| entry(3, &[binary("MESSAGE", &long_message(size)), b"_TRANSPORT=kernel\n".to_vec()].concat())),
        2 => (VALUE_MAX - 12..VALUE_MAX + 12_000).prop_map(|size| entry(3, &[b"_TRANSPORT=kernel\nMESSAGE=".as_slice(), &long_message(size), b"\n"].concat())),
        1 => (VALUE_MAX - 2..VALUE_MAX + 2).prop_map(|size| [vec![b'j'; size], b"\n".to_vec()].concat()),
        2 => prop::collection::vec(any::<u8>(), 0..40),
        2 => "[A-Z]{1,3}\n\\PC{0,20}\n{0,2}".prop_map(String::into_bytes),
        1 => Just(b"__CURSOR=".to_vec()),
        1 => Just(b"\n".to_vec()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_windows_give_the_same_records(bytes in export(), step in 300..9_000_usize) {
        let whole = decode(&bytes, bytes.len().max(1));
        prop_assert_eq!(&decode(&bytes, step), &whole);
        prop_assert_eq!(whole.bytes(), bytes.len() as u64);
    }

    #[test]
    fn records_do_not_overlap(bytes in export()) {
        let seen = decode(&bytes, 1 << 20);
        let entries = seen.entries.iter().map(|entry| (entry.0, entry.1));
        let mut extents: Vec<_> = entries.chain(seen.rejects.iter().map(|reject| (reject.offset, reject.length))).collect();
        extents.sort_unstable();
        prop_assert!(extents.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0));
    }

    #[test]
    fn small_windows_give_the_same_records(bytes in prop::collection::vec(
        prop::sample::select(b"\n\nAB=_\0\x01".to_vec()), 0..120), step in 1..9_usize
    ) {
        prop_assert_eq!(decode(&bytes, step), decode(&bytes, bytes.len().max(1)));
    }

    #[test]
    fn fields_of_any_bytes_are_bounded(bytes in export()) {
        let sum: usize = fields(&bytes).map(|(name, value)| name.len() + value.len()).sum();
        prop_assert!(sum <= bytes.len());
    }
}
