//! All flows of a capture.

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::generate::Kind;
use crate::workload::{Workload, text};

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.group("All flows of a capture");
    let (path, facts) = bench.data.file(Kind::Capture)?;
    let path = text(&path);
    let conversations = ["-q", "-z", "conv,tcp", "-z", "conv,udp", "-r", &path];
    Workload::new("flows")
        .ours(&bench.tools.logvm, "logvm flows", &["flows", &path], Check::AboutLines(facts.flows))
        .peer(&bench.tools.tshark, &conversations, Check::AboutLinesWith("<->", facts.flows))
        .run(bench)
}
