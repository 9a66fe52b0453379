//! The files of the part of a session that is being written.

use std::fs::File;
use std::io::{self, Write};
use std::time::{Instant, SystemTime};

use logvm_wire::{Kind, SegmentName, stamp};

use crate::store::Store;

/// An open segment: one file of lines, or an export and the file of its times.
pub struct Segment {
    data: Tail,
    stamps: Option<Tail>,
    /// Since when it is open.
    pub opened: Instant,
}

impl Segment {
    /// How many files a segment of this kind has.
    pub fn files(kind: Kind) -> u64 {
        if kind == Kind::Export { 2 } else { 1 }
    }

    /// Makes the files of the segment `name`.
    pub fn create(store: &Store, name: &SegmentName) -> io::Result<Self> {
        let stamps = match name.kind {
            Kind::Export => Some(Tail::create(store, &name.with_kind(Kind::Stamps).to_string())?),
            _ => None,
        };
        let data = Tail::create(store, &name.to_string()).inspect_err(|_| {
            if stamps.is_some() {
                store.discard(&name.with_kind(Kind::Stamps).to_string());
            }
        })?;
        Ok(Self { data, stamps, opened: Instant::now() })
    }

    /// Its size so far, in bytes.
    pub fn len(&self) -> u64 {
        self.data.len
    }

    /// Whether nothing has been written yet.
    pub fn is_empty(&self) -> bool {
        self.data.len == 0
    }

    /// Appends bytes received at `received`; all of them, or none where that fails.
    pub fn append(&mut self, received: SystemTime, bytes: &[u8]) -> io::Result<()> {
        // The time first: a time without bytes says nothing, but bytes without their time would get a wrong one.
        if let Some(stamps) = &mut self.stamps {
            stamps.append(&stamp_line(self.data.len, received))?;
        }
        self.data.append(bytes)
    }

    /// Appends what logvm has to say: between the lines, or between the times of an export, which stays as it came.
    pub fn note(&mut self, received: SystemTime, text: &str) -> io::Result<()> {
        let marker = logvm_wire::marker::line(received, text);
        match &mut self.stamps {
            None => self.data.append(&marker),
            Some(stamps) => stamps.append(&[format!("{}\t", self.data.len).as_bytes(), &marker].concat()),
        }
    }

    /// Waits until everything is on disk.
    pub fn sync(&self) -> io::Result<()> {
        if let Some(stamps) = &self.stamps {
            stamps.file.sync_data()?;
        }
        self.data.file.sync_data()
    }
}

/// `<offset>` TAB `<received>`: the bytes from `offset` on arrived at `received`.
pub fn stamp_line(offset: u64, received: SystemTime) -> Vec<u8> {
    let mut line = format!("{offset}\t").into_bytes();
    line.extend_from_slice(&stamp::rfc3339_micros(received));
    line.push(b'\n');
    line
}

/// A file that only grows.
struct Tail {
    file: File,
    len: u64,
}

impl Tail {
    fn create(store: &Store, name: &str) -> io::Result<Self> {
        Ok(Self { file: store.create(name)?, len: 0 })
    }

    /// A write that fails half way, on a full disk, is taken back, so that only whole lines stay.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            let _ = self.file.set_len(self.len);
            return Err(error);
        }
        self.len += bytes.len() as u64;
        Ok(())
    }
}
