//! Cut and damaged captures: nothing panics, and every byte is a header, a record or rejected.

use std::fs;

use logvm::decode::layers::layers;
use proptest::prelude::*;

use super::{Found, decode, decode_in_steps, files};
use crate::data;

const FILE_HEADER: u64 = 24;
const RECORD_HEADER: u64 = 16;

/// A capture of a few packets: DNS over IPv4 with Ethernet, with the lengths and times given.
fn capture(lengths: &[u16], big_endian: bool) -> Vec<u8> {
    let word = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let half = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut bytes = Vec::new();
    bytes.extend(word(0xa1b2_c3d4));
    bytes.extend([half(2), half(4)].concat());
    for field in [0, 0, 96, 1] {
        bytes.extend(word(field));
    }
    for (second, length) in lengths.iter().enumerate() {
        for field in [1_754_420_000 + second as u32, 7, u32::from(*length), u32::from(*length) + 4] {
            bytes.extend(word(field));
        }
        let mut frame = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0\x45\0\0\x37\0\x01\0\0\x40\x11\0\0".to_vec();
        frame.extend([10, 137, 0, 17, 10, 139, 1, 1, 0xc0, second as u8, 0, 53, 0, 35, 0, 0]);
        frame.extend(b"\xbe\xef\x01\0\0\x01\0\0\0\0\0\0\x07example\x03org\0\0\x01\0\x01");
        frame.resize(usize::from(*length), 0xee);
        bytes.extend(frame);
    }
    bytes
}

/// Bytes of the file header, the records and the rejects.
fn sum(bytes: &[u8]) -> u64 {
    let (capture, found) = decode(bytes);
    for packet in &found.packets {
        let start = packet.offset as usize;
        let frame = &bytes[start..start + packet.captured as usize];
        for layer in layers(capture.unwrap().link_type, frame, packet.original) {
            assert!(layer.range.end <= frame.len() && layer.range.start <= layer.range.end);
        }
    }
    let modified = bytes.first_chunk() == Some(&[0x34, 0xcd, 0xb2, 0xa1]);
    let header = if modified { RECORD_HEADER + 8 } else { RECORD_HEADER };
    let records: u64 = found.packets.iter().map(|packet| header + u64::from(packet.captured)).sum();
    let rejects: u64 = found.rejects.iter().map(|reject| reject.length).sum();
    capture.map_or(0, |_| FILE_HEADER) + records + rejects
}

#[test]
fn every_cut_adds_up() {
    for big_endian in [false, true] {
        let bytes = capture(&[69, 69, 42, 0, 69], big_endian);
        for end in 0..=bytes.len() {
            assert_eq!(sum(&bytes[..end]), end as u64, "cut at {end}");
        }
    }
}

#[test]
fn every_flipped_byte_adds_up() {
    let bytes = capture(&[69, 42, 69, 10], false);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            assert_eq!(sum(&bytes), bytes.len() as u64, "{flip:#x} at {at}");
        }
    }
}

#[test]
fn a_damaged_length_costs_one_packet() {
    let bytes = capture(&[69, 69, 69, 69], false);
    let second = (FILE_HEADER + RECORD_HEADER + 69) as usize;
    for (at, reason) in [(second + 11, "absurd length"), (second + 9, "truncated")] {
        let mut bytes = bytes.clone();
        bytes[at] = 0x7f;
        let (_, found) = decode(&bytes);
        assert_eq!(found.packets.len(), 3, "{reason}");
        assert_eq!(found.rejects.len(), 1);
        assert_eq!((found.rejects[0].offset, found.rejects[0].length), (second as u64, RECORD_HEADER + 69));
        assert!(found.rejects[0].reason.contains(reason), "{}", found.rejects[0].reason);
    }
}

#[test]
fn a_second_capture_may_follow() {
    let one = capture(&[69, 69], true);
    let (_, found) = decode(&[one.clone(), one].concat());
    assert_eq!(found.packets.len(), 4);
    assert_eq!(found.rejects.iter().map(|reject| reject.length).sum::<u64>(), FILE_HEADER);
}

#[test]
fn what_is_no_capture_is_rejected_once() {
    let mut found = Found::default();
    assert_eq!(decode_in_steps(b"Aug  5 18:54:07 sys-firewall kernel: hello\n", 5, &mut found), None);
    assert_eq!((found.packets.len(), found.rejects.len(), found.rejects[0].length), (0, 1, 43));
    assert!(found.rejects[0].reason.contains("magic"));
}

/// Damages bytes behind the file header at pseudo-random places (splitmix64).
fn damage(bytes: &mut [u8], seed: u64) {
    let Some(bytes) = bytes.get_mut(FILE_HEADER as usize..).filter(|bytes| !bytes.is_empty()) else { return };
    let mut state = seed;
    for _ in 0..1 + bytes.len() / 200 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let place = (z >> 8) as usize % bytes.len();
        bytes[place] ^= z as u8;
    }
}

#[test]
fn damaged_real_captures_add_up() {
    let Some(corpus) = data::corpus() else { return };
    for (place, path) in files(&corpus.join("pcap")).iter().enumerate() {
        let mut bytes = fs::read(path).unwrap();
        bytes.truncate(20_000);
        assert_eq!(sum(&bytes), bytes.len() as u64, "{}", path.display());
        for round in 0..4 {
            let mut damaged = bytes.clone();
            damage(&mut damaged, (place * 8 + round) as u64);
            assert_eq!(sum(&damaged), damaged.len() as u64, "{} round {round}", path.display());
        }
    }
}

proptest! {
    #[test]
    fn windows_change_nothing(
        lengths in prop::collection::vec(0u16..200, 0..8),
        big_endian: bool,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        step in 1usize..300,
    ) {
        let mut bytes = capture(&lengths, big_endian);
        for (place, flip) in flips {
            *place.get_mut(&mut bytes) ^= flip;
        }
        let (_, whole) = decode(&bytes);
        let mut parts = Found::default();
        decode_in_steps(&bytes, step, &mut parts);
        prop_assert_eq!(whole.packets, parts.packets);
        prop_assert_eq!(whole.rejects, parts.rejects);
        prop_assert_eq!(sum(&bytes), bytes.len() as u64);
    }
}
