//! `logvm summary`: what arrived.

use std::io::Write;

use super::args::{self, Output};
use super::{Status, archive};
use crate::report::{Format, summary};

/// Reads the archive and prints what arrived.
pub fn run(args: &args::Summary) -> anyhow::Result<Status> {
    let (snapshot, seconds) = archive::read(&args.archive)?;
    let mut out = archive::stdout();
    let sums = summary::print(&snapshot, seconds, format(args.output, args.ascii), &mut out)?;
    out.flush()?;
    Ok(Status::of(sums.records.iter().any(|count| *count > 0), sums.partial()))
}

/// The format of printed records.
pub const fn format(output: Output, ascii: bool) -> Format {
    match output {
        Output::Text => Format::Text { ascii },
        Output::Jsonl => Format::JsonLines,
    }
}
