//! L1: what the user names becomes a sequence of sources: plain streams of bytes, one for each readable file, found in
//! directories, archives and compressed streams.
//!
//! [`list()`] looks at the inputs without opening files; [`Walk::file`] and [`Walk::stream`] then open one of them and
//! hand each leaf to a [`Visitor`]. What a stream is (gzip, Zstandard, tar) is decided by its content, never by its
//! name. Names in archives are data: nothing is written, and no link is followed. All of it works within [`Limits`].

mod buffer;
mod gz;
mod header;
mod limits;
mod list;
mod origin;
mod pax;
mod qube;
mod stream;
mod tar;
mod walk;
mod zst;

pub use buffer::Buffer;
pub use limits::Limits;
pub use list::{Listed, Listing, Problem, list};
pub use origin::{date_of, is_qube_name, origin_of};
pub use qube::QubeArchive;
pub use stream::is_cancelled;
pub use walk::Walk;

use std::io::Read;
use std::path::PathBuf;

use crate::civil::Date;
use crate::record::Timestamp;

/// What is known of a source before its bytes are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Path as the user gave or would find it, members of archives behind `!`:
    /// `NetLogs/sys-vpn/2025-08-05/pcaps-2025-08-05.tgz!netpcap/pcap-20250805185404.pcap`. Bytes that are not UTF-8
    /// became U+FFFD; any other character is possible, so whoever prints it escapes it.
    pub name: String,
    /// The qube that the layout of the path names; see [`origin_of`].
    pub origin: Option<String>,
    /// The day that the path names; see [`date_of`].
    pub date: Option<Date>,
    /// When it was last changed, as the innermost of file system, archive and gzip header tells. Hostile.
    pub modified: Option<Timestamp>,
    /// The file that holds exactly the bytes of this source, if there is one: they can be read again from there.
    pub rereadable: Option<PathBuf>,
    /// Length in bytes, where it is known before reading. An archive may lie about it.
    pub size: Option<u64>,
}

/// Takes the sources of an input, in their order.
pub trait Visitor {
    /// A source. `reader` gives its bytes, decompressed, in stretches as large as the buffer allows; a stretch may be
    /// shorter than the buffer without being the last. Damage comes as an error whose message says where, after all
    /// bytes that are before the damage. Not all of it needs to be read.
    fn source(&mut self, identity: &Identity, reader: &mut dyn Read);

    /// Something that could not be read as a source, or only in part, or is worth knowing: its name and what about it.
    fn problem(&mut self, name: &str, message: String);
}
