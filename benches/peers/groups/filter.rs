//! Load a log and print the records that match a filter.

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::data::count_matches;
use crate::generate::Kind;
use crate::workload::{Workload, text};

/// Kind of data, our filter, lnav's, and what the lines have in common.
const FILTERS: [(Kind, &str, &str); 3] = [
    (Kind::Text, "segfault", "segfault"),
    (Kind::Text, "dnsmasq", "dnsmasq"),
    (Kind::Nft, r#"nft.prefix == "SYSFW:drop""#, "SYSFW:drop"),
];

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.group("Load and filter");
    for (kind, filter, pattern) in FILTERS {
        let (path, _) = bench.data.file(kind)?;
        let lines = Check::Lines(count_matches(&path, pattern)?);
        let (path, filter_in) = (text(&path), format!(":filter-in {pattern}"));
        Workload::new(format!("{}, `{filter}`", kind.name().0))
            .ours(&bench.tools.logvm, "logvm show", &["show", &path, "-f", filter, "-o", "text"], lines)
            .peer(&bench.tools.lnav, &["-n", "-c", &filter_in, &path], lines)
            .run(bench)?;
    }
    Ok(())
}
