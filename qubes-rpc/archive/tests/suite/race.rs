//! A listing while the compressor replaces files.

use std::fs;
use std::path::Path;

use logvm_archive::beneath::Dir;
use logvm_archive::item::Item;
use logvm_archive::walk::{Scope, Store};

use crate::store::{Home, segment};

/// More than one reading of directory entries.
const SESSIONS: u32 = 1000;

/// Replaces each file as the compressor does: the new name, then the old one goes, and no names are read meanwhile.
fn replace(work: &Path, from: &str, to: &str) {
    let dir = Dir::root(work).unwrap();
    for number in 0..SESSIONS {
        let (from, to) = (work.join(segment(1, number, from)), work.join(segment(1, number, to)));
        let _names = dir.lock().unwrap();
        fs::copy(&from, &to).unwrap();
        fs::remove_file(from).unwrap();
    }
}

#[test]
fn each_archive_is_seen_once_whatever_the_compressor_does() {
    let home = Home::empty();
    let work = home.path().join("QubesLogs/work");
    for number in 0..SESSIONS {
        home.put(&format!("QubesLogs/work/{}", segment(1, number, ".log")), b"x\n");
    }
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let compressor = scope.spawn(|| replace(&work, ".log", ".log.zst"));
            while !compressor.is_finished() {
                let mut count = 0;
                let mut counting = |_: &_, item: Item| {
                    count += item.files.len();
                    Ok(())
                };
                let store = Store::open(home.path()).with_window(64);
                store.walk(Scope::default(), &mut counting).unwrap();
                assert_eq!(count, SESSIONS as usize);
            }
        });
        replace(&work, ".log.zst", ".log");
    }
}
