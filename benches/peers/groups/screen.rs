//! First screen and key latency.

use std::path::Path;

use anyhow::Result;
use regex::Regex;

use crate::Bench;
use crate::generate::Kind;
use crate::generate::pack::Packing;
use crate::screen::{Watch, Watched};
use crate::tools::Tool;
use crate::workload::text;

/// A row of a text log, however it is laid out: a time of day, then one of the programs that write there.
const LINE: &str =
    r"\d\d:\d\d:\d\d.*\b(dnsmasq|qrexec-agent|systemd|sshd|firefox|NetworkManager|chronyd|nginx|audit)\b";
/// A row of a firewall's log or a capture: a time and the address of a server.
const CONNECTION: &str = r"\d\d:\d\d:\d\d.*\b(203\.0\.\d+\.\d+|10\.139\.1\.1)\b";

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.screens("In a terminal of 200x50");
    let (line, connection) = (Regex::new(LINE)?, Regex::new(CONNECTION)?);
    let (log, _) = bench.data.file(Kind::Text)?;
    let packed = bench.data.packed(Kind::Text, Packing::Gz)?;
    let (nft, _) = bench.data.file(Kind::Nft)?;
    let (capture, _) = bench.data.file(Kind::Capture)?;
    let (lnav, termshark) = (bench.tools.lnav.clone(), bench.tools.termshark.clone());
    compare(bench, "text", &log, &line, (&lnav, &[]))?;
    compare(bench, "text .gz", &packed, &line, (&lnav, &[]))?;
    compare(bench, "nft", &nft, &connection, (&lnav, &[]))?;
    compare(bench, "capture", &capture, &connection, (&termshark, &["-r"]))
}

/// Watches ours and the peer in turn; the first round is not counted, as elsewhere.
fn compare(bench: &mut Bench, data: &str, path: &Path, record: &Regex, peer: (&Tool, &[&str])) -> Result<()> {
    let path = text(path);
    let (tool, options) = peer;
    let logvm = bench.tools.logvm.clone();
    let ours = Watch { program: &logvm, arguments: vec!["view", &path], record };
    let theirs = tool.path.as_deref().map(|program| {
        let arguments = options.iter().copied().chain([path.as_str()]).collect();
        Watch { program, arguments, record }
    });
    let mut seen = [Ok(Watched::default()), Ok(Watched::default())];
    for round in 0..=bench.options.rounds {
        for (watch, seen) in [Some(&ours), theirs.as_ref()].into_iter().zip(&mut seen) {
            if let (Some(watch), Ok(watched)) = (watch, &mut *seen)
                && let Err(complaint) = watch.round(&bench.meter, watched)
            {
                *seen = Err(complaint);
            }
            if let (0, Ok(watched)) = (round, seen) {
                *watched = Watched::default();
            }
        }
    }
    bench.report.screen(data, "logvm view", Some(&seen[0]))?;
    bench.report.screen(data, tool.name, theirs.as_ref().map(|_| &seen[1]))
}
