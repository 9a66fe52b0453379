//! L3: what has been read so far, as immutable columns that many readers share.
//!
//! A [`Store`] grows while reading goes on; a [`Snapshot`] of it is cheap and never changes.

mod blocks;
pub mod build;
mod cache;
pub mod column;
pub mod community_id;
pub mod content;
pub mod dns;
mod file;
pub mod flow;
pub mod flows;
pub mod rows;
pub mod segment;
pub mod snapshot;
mod spool;
pub mod timeline;

pub use blocks::{BlockWriter, Blocks};
pub use build::SegmentBuilder;
pub use content::Content;
pub use dns::{DnsAnswer, DnsExchange};
pub use file::FileContent;
pub use flow::{Flow, Outcome, ServerName};
pub use flows::FlowTable;
pub use rows::{Bitmap, Rows};
pub use segment::{Columns, SEGMENT_ROWS, Segment, SortKey};
pub use snapshot::{Snapshot, Store, Table, TableIds, TableInfo};
pub use spool::Spool;
pub use timeline::{Run, Timeline};
