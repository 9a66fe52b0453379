//! Read a journal export until its entries can be searched.

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::generate::Kind;
use crate::workload::{Workload, text};

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.group("Journal export");
    let (path, facts) = bench.data.file(Kind::Journal)?;
    let (path, journal) = (text(&path), text(&bench.meter.empty_folder().join("out.journal")));
    Workload::new("journal export")
        .ours(&bench.tools.logvm, "logvm summary", &["summary", &path], Check::Number(facts.records))
        .peer(&bench.tools.journal_remote, &["-o", &journal, &path], Check::Reported(facts.records))
        .run(bench)
}
