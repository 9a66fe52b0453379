//! `logvm grep`: lines, journal entries and packets that match.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};

use anyhow::{Context, bail};

use super::{Status, archive, args};
use crate::ingest::Input;
use crate::report::grep::{GrepVisitor, Options, Outcome};
use crate::source::{Limits, Visitor, Walk, list};

/// Searches what the command line names.
pub fn run(mut args: args::Grep) -> anyhow::Result<Status> {
    if args.patterns.is_empty() {
        let pattern = args.operands.remove(0);
        args.patterns.push(pattern.into_string().map_err(|_| anyhow::anyhow!("the pattern is not UTF-8"))?);
    }
    if args.operands.is_empty() {
        bail!("name what to search: a directory, files, or - for standard input");
    }
    let inputs = archive::inputs(&args.operands.iter().map(PathBuf::from).collect::<Vec<_>>())?;
    archive::check_existence(&inputs)?;
    let mut options = options(&args);
    options.names = !args.no_filename && (args.with_filename || several(&inputs));
    let regex = options.regex().context("the pattern is no regular expression")?;
    let mut out = archive::stdout();
    let stop = AtomicBool::new(false);
    let mut visitor = GrepVisitor::new(&options, &regex, &mut out, &stop);
    visit(&inputs, &stop, &mut visitor);
    let outcome = visitor.outcome();
    out.flush()?;
    finish(outcome)
}

fn options(args: &args::Grep) -> Options {
    Options {
        patterns: args.patterns.clone(),
        fixed: args.fixed_strings,
        ignore_case: args.ignore_case,
        smart_case: args.smart_case,
        word: args.word_regexp,
        invert: args.invert_match,
        count: args.count,
        list: args.files_with_matches,
        quiet: args.quiet,
        only_matching: args.only_matching,
        line_numbers: args.line_number,
        names: false,
        before: args.before_context.unwrap_or(args.context),
        after: args.after_context.unwrap_or(args.context),
        max_count: args.max_count,
        color: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        ascii: args.ascii,
    }
}

/// Whether the inputs may stand for more than one source.
fn several(inputs: &[Input]) -> bool {
    match inputs {
        [Input::Path(path)] => !path.is_file() || is_archive(path),
        [Input::Stdin] => false,
        _ => true,
    }
}

fn is_archive(path: &std::path::Path) -> bool {
    let name = path.to_string_lossy();
    [".tar", ".tgz", ".tar.gz", ".tar.zst"].iter().any(|end| name.ends_with(end))
}

fn visit(inputs: &[Input], stop: &AtomicBool, visitor: &mut dyn Visitor) {
    let limits = Limits::default();
    let walk = Walk { limits: &limits, progress: &AtomicU64::new(0), cancelled: stop };
    for input in inputs {
        match input {
            Input::Stdin => walk.stream("-", &mut io::stdin().lock(), visitor),
            Input::Memory(name, bytes) => walk.stream(name, &mut &**bytes, visitor),
            Input::Qube(archive) => archive.visit(&walk, visitor),
            Input::Path(path) => files(path, &walk, visitor),
        }
    }
}

fn files(path: &PathBuf, walk: &Walk<'_>, visitor: &mut dyn Visitor) {
    let listing = list(std::slice::from_ref(path), walk.limits);
    for problem in listing.problems {
        visitor.problem(&problem.name, problem.message);
    }
    for file in &listing.files {
        if walk.cancelled.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        walk.file(file, visitor);
    }
}

fn finish(outcome: Outcome) -> anyhow::Result<Status> {
    if let Some(error) = outcome.failed {
        return Err(error.into());
    }
    for (name, problem) in &outcome.problems {
        archive::complain(name, problem);
    }
    Ok(Status::of(outcome.selected > 0, !outcome.problems.is_empty()))
}
