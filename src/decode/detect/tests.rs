use proptest::prelude::*;

use super::*;

fn told(head: &[u8], name: &str) -> (Format, String) {
    let Detection { format, reason } = detect(head, name);
    (format, reason)
}

#[test]
fn captures_are_told_by_their_magic() {
    for (magic, reason) in [
        (0xa1b2_c3d4_u32.to_le_bytes(), "starts with pcap magic a1b2c3d4, little-endian, microseconds"),
        (0xa1b2_c3d4_u32.to_be_bytes(), "starts with pcap magic a1b2c3d4, big-endian, microseconds"),
        (0xa1b2_3c4d_u32.to_le_bytes(), "starts with pcap magic a1b23c4d, little-endian, nanoseconds"),
    ] {
        assert_eq!(told(&magic, "x.pcap"), (Format::Pcap, reason.to_owned()));
    }
    assert_eq!(detect(b"\x0a\x0d\x0d\x0a", "x").format, Format::PcapNg);
    assert_eq!(
        told(b"hello\n", "x.pcap"),
        (Format::Text, "lines without times; not a pcap capture, as its name says".into())
    );
}

#[test]
fn text_is_told_by_its_lines() {
    let nft = "IN=a OUT=b SRC=1.2.3.4 DST=5.6.7.8 LEN=40 PROTO=TCP SPT=1 DPT=2";
    for (text, format, reason) in [
        ("", Format::Empty, "there is nothing in it"),
        (
            "2025-08-05T18:54:08Z\tAug  5 18:54:07 h x: y\n",
            Format::LogVm,
            "lines with a received time and syslog inside",
        ),
        ("2025-08-05T18:54:08Z\tat foo\n", Format::LogVm, "lines with a received time and text inside"),
        (&format!("2025-08-05T18:54:08Z\t{nft}\n"), Format::LogVm, "lines with a received time and nft lines inside"),
        (&format!("Aug  5 18:54:07 h kernel: {nft}\n"), Format::NftLog, "lines of the kernel's nf_log"),
        ("Aug  5 18:54:07 h x: y\n  more\nAug  5 18:54:07 h x: y", Format::Syslog, "lines with syslog's time or <PRI>"),
        (
            "2025-08-05T18:54:08+0000 h x[1]: y\n",
            Format::Journalctl,
            "lines with a full date, a host and an identifier",
        ),
        ("2025-08-05 18:54:08 INFO y\n", Format::Text, "lines, some with a time"),
        ("plain\n\n\u{e4}\n", Format::Text, "lines without times"),
        ("__CURSOR=s\n__REALTIME_TIMESTAMP=1\n", Format::JournalExport, "first line is __CURSOR="),
        ("MESSAGE=x\n__REALTIME_TIMESTAMP=1\n", Format::JournalExport, "has the journal field __REALTIME_TIMESTAMP="),
        ("PATH=/bin\nHOME=/\n", Format::Text, "lines without times"),
    ] {
        assert_eq!(told(text.as_bytes(), "x.log"), (format, reason.to_owned()), "{text}");
    }
}

#[test]
fn binary_is_told_and_rejected_whole() {
    struct Rejects(Vec<Reject>);
    impl Sink for Rejects {
        fn entry(&mut self, _: super::super::Entry<'_>) {}
        fn packet(&mut self, _: super::super::Packet<'_>) {}
        fn reject(&mut self, reject: Reject) {
            self.0.push(reject);
        }
    }
    let bytes: Vec<u8> = (0..=255).cycle().take(4000).collect();
    let detection = detect(&bytes, "core");
    assert_eq!(detection.format, Format::Binary);
    let (mut decoder, mut sink) = (decoder(&detection, Hints::default()), Rejects(Vec::new()));
    for start in [0, 1000, 2000, 3000] {
        let window = Window { bytes: &bytes[start..start + 1000], offset: start as u64, last: start == 3000 };
        assert_eq!(decoder.decode(window, &mut sink), 1000);
    }
    assert_eq!(sink.0, [Reject { offset: 0, length: 4000, reason: detection.reason }]);
}

#[test]
fn a_log_with_holes_of_nul_bytes_stays_text() {
    let text = [b"Aug  5 18:54:07 h x: y\n".repeat(20), vec![0; 900], b"\nAug  5 18:54:07 h x: y\n".to_vec()].concat();
    assert_eq!(detect(&text, "syslog").format, Format::Syslog);
}

proptest! {
    #[test]
    fn any_bytes_have_a_format(bytes in prop::collection::vec(any::<u8>(), 0..300), name in "\\PC{0,12}") {
        prop_assert!(!detect(&bytes, &name).reason.is_empty());
    }
}
