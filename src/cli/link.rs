//! `logvm links`, `logvm skew`: what belongs together, and what the clocks said.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use super::{Status, archive, args};
use crate::link::Links;
use crate::report;
use crate::store::Snapshot;

/// Reads the archive and prints which lines belong to which flows.
pub fn links(args: &args::Links) -> anyhow::Result<Status> {
    let (snapshot, _) = archive::read(&args.archive);
    let links = find(&snapshot, None)?;
    let mut out = archive::stdout();
    let printed = report::links::print(&snapshot, &links, args.min_confidence, &mut out)?;
    out.flush()?;
    Ok(Status::of(printed > 0, archive::report_problems(&snapshot)))
}

/// Reads the archive and prints how far each clock is ahead.
pub fn skew(args: &args::Skew) -> anyhow::Result<Status> {
    let (snapshot, _) = archive::read(&args.archive);
    let links = find(&snapshot, args.reference.as_deref())?;
    let mut out = archive::stdout();
    report::json::write_line(&report::links::offsets(&links), &mut out)?;
    out.flush()?;
    Ok(Status::of(links.clocks.len() > 1, archive::report_problems(&snapshot)))
}

fn find(snapshot: &Snapshot, reference: Option<&str>) -> anyhow::Result<Links> {
    Links::find(snapshot, reference, &AtomicBool::new(false)).ok_or_else(|| anyhow!("the archive has too many records"))
}
