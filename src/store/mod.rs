//! L3: what has been read so far, as immutable columns that many readers share.
//!
//! A [`Store`] grows while reading goes on; a [`Snapshot`] of it is cheap and never changes.

pub mod build;
pub mod column;
pub mod community_id;
pub mod content;
pub mod dns;
pub mod flow;
pub mod flows;
pub mod rows;
pub mod segment;
pub mod snapshot;
pub mod timeline;

pub use build::SegmentBuilder;
pub use content::Content;
pub use dns::{DnsAnswer, DnsExchange};
pub use flow::{Flow, Outcome, ServerName};
pub use flows::FlowTable;
pub use rows::{Bitmap, Rows};
pub use segment::{Columns, SEGMENT_ROWS, Segment, SortKey};
pub use snapshot::{Snapshot, Store, Table, TableInfo};
pub use timeline::{Run, Timeline};
