//! Removes archives for good; never open or held ones.

use std::io;

use logvm_wire::layout::HOLD;
use logvm_wire::{Compression, SegmentName};

use crate::beneath::Dir;
use crate::hold::place;
use crate::item::{Item, State};
use crate::select::Selection;
use crate::walk::{Root, Scope, Store};

/// What became of a removal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Archives that are gone.
    pub archives: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Archives that were left because they are open.
    pub open: u64,
    /// Archives that were left because they are held.
    pub held: u64,
}

/// Removes what is selected; with `dry` it only counts.
///
/// # Errors
/// When the disk fails.
pub fn remove(store: &Store, selection: &Selection, dry: bool) -> io::Result<Removed> {
    let mut removed = Removed::default();
    store.walk(Scope::default(), &mut |root, item| {
        if !selection.wants(&item) {
            return Ok(());
        }
        match item.state {
            State::Open => removed.open += 1,
            State::Held => removed.held += 1,
            State::Closed | State::Compressed if dry || one(root, &item)? => {
                removed.archives += 1;
                removed.bytes += item.size();
            }
            State::Closed | State::Compressed => removed.open += 1,
        }
        Ok(())
    })?;
    Ok(removed)
}

/// Removes one archive; `false` when it was opened or held meanwhile.
fn one(root: &Root, item: &Item) -> io::Result<bool> {
    let Some((folder, first)) = place(item) else { return Ok(false) };
    let dir = root.dir.dir(folder.as_bytes())?;
    let lock = dir.lock()?;
    let file = dir.file(first.as_bytes()).ok();
    if file.as_ref().is_some_and(|file| file.try_lock().is_err()) || is_held(&dir, folder, root, first) {
        return Ok(false);
    }
    for file in &item.files {
        let Some((_, name)) = file.path.rsplit_once('/') else { continue };
        names(name).iter().try_for_each(|name| gone(&dir, name))?;
    }
    dir.sync()?;
    drop(lock);
    Ok(true)
}

fn is_held(dir: &Dir, folder: &str, root: &Root, name: &str) -> bool {
    let own = SegmentName::parse(name).map_or_else(|| format!("{name}{HOLD}"), |segment| segment.hold());
    let mut above = folder.match_indices('/').map(|(at, _)| &folder[..at]);
    dir.entry(own.as_bytes()).is_ok()
        || dir.entry(HOLD.as_bytes()).is_ok()
        || above.any(|folder| root.dir.dir(folder.as_bytes()).is_ok_and(|dir| dir.entry(HOLD.as_bytes()).is_ok()))
}

/// All names that a stored file may have by now.
fn names(name: &str) -> Vec<String> {
    let Some(segment) = SegmentName::parse(name) else { return vec![name.to_owned()] };
    let all = [Compression::None, Compression::Zst, Compression::Gz, Compression::Xz];
    all.map(|compression| SegmentName { compression, ..segment.clone() }.to_string()).to_vec()
}

fn gone(dir: &Dir, name: &str) -> io::Result<()> {
    match dir.remove(name.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
