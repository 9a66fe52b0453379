//! Names of a directory in order, within bounded memory: of any number of names, a window holds the least ones that
//! come after those already seen. Reading the directory again gives the next window.

use std::collections::BinaryHeap;

use crate::{SegmentName, stamp};

/// Names in one window: a few MiB.
pub const WINDOW: usize = 1 << 16;

/// The least names of those that are offered.
#[derive(Debug)]
pub struct Window<'a> {
    after: Option<&'a [u8]>,
    room: usize,
    least: BinaryHeap<Vec<u8>>,
    full: bool,
}

impl<'a> Window<'a> {
    /// A window of `room` names in groups behind the one that `after` belongs to.
    pub fn new(after: Option<&'a [u8]>, room: usize) -> Self {
        Self { after, room: room.max(1), least: BinaryHeap::new(), full: false }
    }

    /// Takes the name in, if it belongs to the window.
    pub fn offer(&mut self, name: &[u8]) {
        if self.after.is_some_and(|after| name <= after || group(name) == group(after)) {
            return;
        }
        if self.least.len() < self.room {
            return self.least.push(name.to_vec());
        }
        self.full = true;
        if let Some(mut greatest) = self.least.peek_mut().filter(|greatest| greatest.as_slice() > name) {
            name.clone_into(&mut greatest);
        }
    }

    /// The names in order. Of a full window the last group is left to the next one, unless it is the only group,
    /// because its other names may be there; `true` means that there is a next window.
    pub fn finish(self) -> (Vec<Vec<u8>>, bool) {
        let mut names = self.least.into_sorted_vec();
        if self.full {
            let whole = names.last().map_or(0, |last| {
                let last = group(last);
                names.iter().rposition(|name| group(name) != last).map_or(names.len(), |at| at + 1)
            });
            names.truncate(whole);
        }
        (names, self.full)
    }
}

/// What belongs together: the files of one part of a session, whatever their kind and compression; else the name.
pub fn group(name: &[u8]) -> &[u8] {
    let stem = name.get(stamp::COMPACT_LEN..).and_then(|rest| rest.iter().position(|byte| *byte == b'.'));
    let is_segment = || std::str::from_utf8(name).is_ok_and(|text| SegmentName::parse(text).is_some());
    match stem {
        Some(length) if is_segment() => &name[..stamp::COMPACT_LEN + length],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &[String], room: usize) -> (Vec<Vec<u8>>, usize) {
        let (mut seen, mut windows) = (Vec::<Vec<u8>>::new(), 0);
        loop {
            let mut window = Window::new(seen.last().map(Vec::as_slice), room);
            names.iter().for_each(|name| window.offer(name.as_bytes()));
            let (next, more) = window.finish();
            seen.extend(next);
            windows += 1;
            if !more {
                return (seen, windows);
            }
        }
    }

    #[test]
    fn windows_give_every_name_once_and_in_order() {
        let mut names: Vec<String> = (0..1000).map(|number| format!("{:03}", (number * 617) % 1000)).collect();
        let (seen, windows) = all(&names, 64);
        names.sort();
        assert!(seen.iter().map(Vec::as_slice).eq(names.iter().map(String::as_bytes)));
        assert!(windows > 10);
    }

    #[test]
    fn groups_are_never_torn() {
        let stem = |number| format!("20261121T035436.{number:06}Z-0123456789abcdef");
        let kinds = [".export", ".export.stamps", ".export.zst"];
        let names: Vec<_> = (0..50).flat_map(|number| kinds.map(|kind| stem(number) + kind)).collect();
        for room in 4..9 {
            let mut after: Option<Vec<u8>> = None;
            loop {
                let mut window = Window::new(after.as_deref(), room);
                names.iter().for_each(|name| window.offer(name.as_bytes()));
                let (next, more) = window.finish();
                assert!(next.len().is_multiple_of(3), "{room}");
                if !more {
                    break;
                }
                after = next.last().cloned();
            }
        }
    }

    #[test]
    fn a_name_that_appears_late_in_a_seen_group_is_not_seen() {
        let plain = b"20261121T035436.000000Z-0123456789abcdef.log".as_slice();
        let mut window = Window::new(Some(plain), 9);
        window.offer(b"20261121T035436.000000Z-0123456789abcdef.log.zst");
        window.offer(b"20261121T035436.000000Z-0123456789abcdef-1.log.zst");
        assert_eq!(window.finish().0, Vec::<Vec<u8>>::new());
        let mut window = Window::new(Some(plain), 9);
        window.offer(b"20261121T035436.000001Z-0123456789abcdef.log.zst");
        assert_eq!(window.finish().0.len(), 1);
    }
}
