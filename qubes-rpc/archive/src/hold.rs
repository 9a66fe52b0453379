//! Protects what an investigation needs: an empty file beside it, which the compressor and `rm` obey.

use std::io;

use logvm_wire::layout::{self, HOLD};
use logvm_wire::{QubeName, SegmentName};

use crate::beneath::Dir;
use crate::item::Item;
use crate::select::{Selection, refused};
use crate::walk::{Root, Scope, Store};

/// Holds what is selected, or ends it; the number of archives and origins that it was done to. An origin that is named
/// without ids is held as a whole, with what it will send.
///
/// # Errors
/// When nothing is selected, or the disk fails; when an archive was removed just before it could be held.
pub fn hold(store: &Store, selection: &Selection, on: bool) -> io::Result<usize> {
    if selection.ids.is_empty() {
        let origins = selection.origins.iter();
        return origins.map(|origin| whole(store, origin, on)).sum();
    }
    let mut count = 0;
    store.walk(Scope::default(), &mut |root, item| {
        if selection.wants(&item) {
            count += 1;
            one(root, &item, on)?;
        }
        Ok(())
    })?;
    Ok(count)
}

fn whole(store: &Store, origin: &QubeName, on: bool) -> io::Result<usize> {
    let dirs: Vec<Dir> = store.roots.iter().filter_map(|root| root.dir.dir(origin.as_str().as_bytes()).ok()).collect();
    dirs.iter().try_for_each(|dir| set(dir, HOLD, on))?;
    Ok(dirs.len())
}

fn one(root: &Root, item: &Item, on: bool) -> io::Result<()> {
    let Some((folder, name)) = place(item) else { return Err(refused("no such archive")) };
    let dir = root.dir.dir(folder.as_bytes())?;
    let segment = SegmentName::parse(name).filter(|_| root.name == layout::ROOT);
    set(&dir, &segment.as_ref().map_or_else(|| format!("{name}{HOLD}"), SegmentName::hold), on)?;
    // Whoever was removing it has finished once the directory's lock is free.
    drop(dir.lock()?);
    let there = |name: &str| dir.entry(name.as_bytes()).is_ok_and(|entry| entry.is_file);
    let same = segment.into_iter().flat_map(|segment| {
        use logvm_wire::Compression::{Gz, None, Xz, Zst};
        [None, Zst, Gz, Xz].map(|compression| SegmentName { compression, ..segment.clone() }.to_string())
    });
    if on && !there(name) && !same.into_iter().any(|name| there(&name)) {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} has just been removed", item.id)));
    }
    Ok(())
}

/// The folder and the name of an archive's first file.
#[must_use]
pub fn place(item: &Item) -> Option<(&str, &str)> {
    item.files.first()?.path.rsplit_once('/')
}

fn set(dir: &Dir, name: &str, on: bool) -> io::Result<()> {
    if on {
        return dir.touch(name.as_bytes());
    }
    match dir.remove(name.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.and_then(|()| dir.sync()),
    }
}
