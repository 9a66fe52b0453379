//! Search a log, plain and compressed.

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::data::count_matches;
use crate::generate::Kind;
use crate::generate::pack::Packing;
use crate::workload::{Workload, text};

const PATTERNS: [(&str, &str); 3] =
    [("rare literal", "segfault at"), ("common literal", "dnsmasq"), ("no literal", r"\b[a-z]+[0-9]{3,}\b")];

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.group("Search");
    let (plain, _) = bench.data.file(Kind::Text)?;
    for (name, pattern) in PATTERNS {
        let count = count_matches(&plain, pattern)?;
        search(bench, name, pattern, None, count)?;
        search(bench, name, pattern, Some(Packing::Gz), count)?;
        search(bench, name, pattern, Some(Packing::Zst), count)?;
    }
    Ok(())
}

/// Counts the lines, then prints them.
fn search(bench: &mut Bench, name: &str, pattern: &str, packing: Option<Packing>, count: u64) -> Result<()> {
    let path = text(&match packing {
        Some(packing) => bench.data.packed(Kind::Text, packing)?,
        None => bench.data.file(Kind::Text)?.0,
    });
    let extension = packing.map(|packing| format!(" in .{}", packing.extension())).unwrap_or_default();
    let unpack = packing.map(|_| "-z");
    for (what, option, check) in [("count", Some("-c"), Check::Number(count)), ("print", None, Check::Lines(count))] {
        let ours: Vec<&str> = ["grep"].into_iter().chain(option).chain([pattern, &path]).collect();
        let peer: Vec<&str> = option.into_iter().chain(unpack).chain(["--", pattern, &path]).collect();
        Workload::new(format!("{name}{extension}, {what}"))
            .ours(&bench.tools.logvm, "logvm grep", &ours, check)
            .peer(&bench.tools.rg, &peer, check)
            .run(bench)?;
    }
    Ok(())
}
