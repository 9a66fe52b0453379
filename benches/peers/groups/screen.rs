//! First screen and key latency.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::Result;
use regex::Regex;

use crate::Bench;
use crate::generate::Kind;
use crate::generate::pack::Packing;
use crate::generate::traffic::Traffic;
use crate::screen::{Watch, Watched};
use crate::tools::Tool;
use crate::workload::text;

/// How much of each end of a file the probes are taken from.
const END: u64 = 16 << 10;
/// What of a text line is looked for on the screen: the message's first characters.
const MESSAGE: &str = r"\]: (.{16})";
/// What of an nft line is looked for.
const DESTINATION: &str = r"DST=(203\.0\.\S+)";

pub fn run(bench: &mut Bench) -> Result<()> {
    bench.report.screens("In a terminal of 200x50");
    let (log, _) = bench.data.file(Kind::Text)?;
    let messages = probes(&log, MESSAGE)?;
    let packed = bench.data.packed(Kind::Text, Packing::Gz)?;
    let (nft, _) = bench.data.file(Kind::Nft)?;
    let destinations = probes(&nft, DESTINATION)?;
    let (capture, _) = bench.data.file(Kind::Capture)?;
    let servers: Vec<String> =
        Traffic::new(bench.data.seed()).take(400).map(|packet| packet.tuple.server.to_string()).collect();
    let (lnav, termshark) = (bench.tools.lnav.clone(), bench.tools.termshark.clone());
    compare(bench, "text", &log, &messages, (&lnav, &[]))?;
    compare(bench, "text .gz", &packed, &messages, (&lnav, &[]))?;
    compare(bench, "nft", &nft, &destinations, (&lnav, &[]))?;
    compare(bench, "capture", &capture, &servers, (&termshark, &["-r"]))
}

/// Watches ours and the peer in turn.
fn compare(bench: &mut Bench, data: &str, path: &Path, probes: &[String], peer: (&Tool, &[&str])) -> Result<()> {
    let path = text(&path.to_owned());
    let (tool, options) = peer;
    let logvm = bench.tools.logvm.clone();
    let ours = Watch { program: &logvm, arguments: vec!["view", &path], probes };
    let theirs = tool.path.as_deref().map(|program| {
        let arguments = options.iter().copied().chain([path.as_str()]).collect();
        Watch { program, arguments, probes }
    });
    let mut seen = [Ok(Watched::default()), Ok(Watched::default())];
    for _ in 0..bench.options.rounds {
        for (watch, seen) in [Some(&ours), theirs.as_ref()].into_iter().zip(&mut seen) {
            if let (Some(watch), Ok(watched)) = (watch, &mut *seen)
                && let Err(complaint) = watch.round(&bench.meter, watched)
            {
                *seen = Err(complaint);
            }
        }
    }
    bench.report.screen(data, "logvm view", Some(&seen[0]))?;
    bench.report.screen(data, tool.name, theirs.as_ref().map(|_| &seen[1]))
}

/// Pieces of the first and last lines: programs begin at either end.
fn probes(path: &Path, pattern: &str) -> Result<Vec<String>> {
    let regex = Regex::new(pattern)?;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(END).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(regex.captures_iter(&text).map(|captures| captures[1].to_owned()).collect())
}
