//! Replaces a file by its compressed form: written aside, brought to the disk, renamed, and only then the old removed.

use std::fs::File;
use std::io;

use flate2::write::GzEncoder;
use logvm_wire::{Compression, SegmentName};

use crate::folder::Folder;

/// What the name of a file ends with while it is written.
pub const PART: &str = ".part";

/// Compresses `from`, whose lock `file` holds, into `to`. The bytes that the new file takes.
///
/// # Errors
/// When the disk is full or read-only, or the file changes meanwhile; the old file is there as before then.
pub fn replace(folder: &Folder, from: &SegmentName, to: &SegmentName, file: &File, level: i32) -> io::Result<u64> {
    let part = format!("{to}{PART}");
    folder.remove(&part)?;
    let written = write(folder, &part, to.compression, file, level);
    if written.is_err() {
        // What it took of a full disk must not stay taken.
        folder.remove(&part)?;
    }
    let size = written?;
    let _nobody_reads_names = folder.lock()?;
    folder.rename(&part, &to.to_string())?;
    folder.sync()?;
    folder.remove(&from.to_string())?;
    Ok(size)
}

/// Writes the new file to the disk, with the time of the old one.
fn write(folder: &Folder, part: &str, compression: Compression, file: &File, level: i32) -> io::Result<u64> {
    let before = file.metadata()?;
    let new = folder.create(part)?;
    let (new, read) = match compression {
        Compression::Gz => gzip(file, new, level)?,
        _ => zstd(file, new, level, before.len())?,
    };
    let after = file.metadata()?;
    if read != before.len() || after.len() != before.len() || after.modified()? != before.modified()? {
        return Err(io::Error::other("it changed while it was compressed"));
    }
    new.set_modified(before.modified()?)?;
    new.sync_all()?;
    Ok(new.metadata()?.len())
}

fn zstd(mut from: &File, to: File, level: i32, size: u64) -> io::Result<(File, u64)> {
    let mut encoder = zstd::Encoder::new(to, level)?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(size))?;
    let read = io::copy(&mut from, &mut encoder)?;
    Ok((encoder.finish()?, read))
}

fn gzip(mut from: &File, to: File, level: i32) -> io::Result<(File, u64)> {
    let level = flate2::Compression::new(level.unsigned_abs().min(9));
    let mut encoder = GzEncoder::new(to, level);
    let read = io::copy(&mut from, &mut encoder)?;
    Ok((encoder.finish()?, read))
}

/// Whether a name is that of a file a run did not finish.
#[must_use]
pub fn is_part(name: &str) -> bool {
    let whole = name.strip_suffix(PART).and_then(SegmentName::parse);
    whole.is_some_and(|whole| whole.compression != Compression::None)
}
