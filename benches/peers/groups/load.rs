//! Load and index a log.

use std::path::Path;

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::generate::Kind;
use crate::generate::pack::Packing;
use crate::tools::Tool;
use crate::workload::{Workload, text};

/// Has lnav read everything and say how many records it holds.
const COUNT: [&str; 5] = ["-n", "-q", "-c", ";SELECT count(*) FROM all_logs", "-c"];

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.group("Load and index");
    for kind in [Kind::Text, Kind::Relayed, Kind::Nft] {
        let (path, facts) = bench.data.file(kind)?;
        workload(bench, kind, &path, facts.records, None).run(bench)?;
    }
    for packing in [Packing::Gz, Packing::Zst] {
        let (_, facts) = bench.data.file(Kind::Text)?;
        let path = bench.data.packed(Kind::Text, packing)?;
        workload(bench, Kind::Text, &path, facts.records, Some(packing)).run(bench)?;
    }
    Ok(())
}

fn workload(bench: &Bench, kind: Kind, path: &Path, records: u64, packing: Option<Packing>) -> Workload {
    let path = text(path);
    let (kind, _) = kind.name();
    let extension = packing.map(|packing| format!(" .{}", packing.extension())).unwrap_or_default();
    let found = Check::Number(records);
    let workload = Workload::new(format!("{kind}{extension}"))
        .ours(&bench.tools.logvm, "logvm summary", &["summary", &path], found)
        .peer(&bench.tools.lnav, &[&COUNT[..], &[":write-csv-to -", &path]].concat(), found);
    match packing.map(|packing| decompressor(bench, packing)) {
        Some(tool) => workload.peer(tool, &["-dc", &path], Check::Lines(records)),
        None => workload,
    }
}

fn decompressor(bench: &Bench, packing: Packing) -> &Tool {
    match packing {
        Packing::Gz => &bench.tools.gzip,
        Packing::Zst => &bench.tools.zstd,
    }
}
