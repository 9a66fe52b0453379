//! `logvm links`, `skew`, `story`, `orphans`: what belongs together, and what the clocks said.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::{anyhow, bail};

use super::{Status, archive, args, summary};
use crate::link::Links;
use crate::record::RecordId;
use crate::report;
use crate::store::Snapshot;

/// Reads the archive and prints which lines belong to which flows.
pub fn links(args: &args::Links) -> anyhow::Result<Status> {
    let (snapshot, _) = archive::read(&args.archive)?;
    let links = find(&snapshot, None)?;
    let mut out = archive::stdout();
    let printed = report::links::print(&snapshot, &links, args.min_confidence, &mut out)?;
    out.flush()?;
    Ok(Status::of(printed > 0, archive::report_problems(&snapshot)))
}

/// Reads the archive and prints how far each clock is ahead.
pub fn skew(args: &args::Skew) -> anyhow::Result<Status> {
    let (snapshot, _) = archive::read(&args.archive)?;
    let links = find(&snapshot, args.reference.as_deref())?;
    let mut out = archive::stdout();
    report::skew::print(&snapshot, &links, summary::format(args.output, args.ascii), &mut out)?;
    out.flush()?;
    Ok(Status::of(links.clocks.len() > 1, archive::report_problems(&snapshot)))
}

/// Reads the archive and prints all that belongs to the connection of one record.
pub fn story(args: &args::Story) -> anyhow::Result<Status> {
    let (file, number) = args.at.rsplit_once(':').ok_or_else(|| anyhow!("--at wants FILE:LINE"))?;
    let number: u64 = number.parse().map_err(|_| anyhow!("{number:?} is no number of a line"))?;
    let (snapshot, _) = archive::read(&args.archive)?;
    let id = record(&snapshot, file, number)?;
    let links = find(&snapshot, None)?;
    let mut out = archive::stdout();
    let story = links.story(&snapshot, id);
    if let Some(story) = &story {
        report::story::print(&snapshot, &links, story, summary::format(args.output, args.ascii), &mut out)?;
    }
    out.flush()?;
    Ok(Status::of(story.is_some(), archive::report_problems(&snapshot)))
}

/// The record in line, entry or frame `number` of the one source whose path ends in `file`.
fn record(snapshot: &Snapshot, file: &str, number: u64) -> anyhow::Result<RecordId> {
    let sources: Vec<_> =
        snapshot.tables().filter(|table| !table.info.derived && table.info.name.ends_with(file)).collect();
    let exact = sources.iter().find(|table| &*table.info.name == file);
    let table = match (exact, sources.as_slice()) {
        (Some(table), _) => table,
        (None, [table]) => table,
        (None, []) => bail!("no source is called {file}"),
        (None, _) => bail!("{} sources are called {file}: give more of the path", sources.len()),
    };
    let row = number.checked_sub(1).ok_or_else(|| anyhow!("lines are counted from 1"))?;
    let id = RecordId::new(table.id, row);
    snapshot.find(id).map(|_| id).ok_or_else(|| anyhow!("{file} has no line {number}"))
}

/// Reads the archive and prints what should have a counterpart elsewhere and has none.
pub fn orphans(args: &args::Orphans) -> anyhow::Result<Status> {
    let (snapshot, _) = archive::read(&args.archive)?;
    let links = find(&snapshot, None)?;
    let mut out = archive::stdout();
    let format = summary::format(args.output, args.ascii);
    let printed = report::story::print_orphans(&snapshot, &links, format, &mut out)?;
    out.flush()?;
    Ok(Status::of(printed > 0, archive::report_problems(&snapshot)))
}

fn find(snapshot: &Snapshot, reference: Option<&str>) -> anyhow::Result<Links> {
    Links::find(snapshot, reference, &AtomicBool::new(false)).ok_or_else(|| anyhow!("the archive has too many records"))
}
