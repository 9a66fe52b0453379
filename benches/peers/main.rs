//! Times logvm and the tools that others use for the same work, side by side, on generated data.
//!
//! `cargo bench --bench peers -- --help` lists the options; docs/performance.md says what is measured and how.

#[path = "../generate/mod.rs"]
mod generate;

mod check;
mod data;
mod groups;
mod machine;
mod meter;
mod options;
mod process;
mod pty;
mod report;
mod screen;
mod statistics;
mod tools;
mod workload;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::data::Data;
use crate::meter::Meter;
use crate::options::{Group, Options};
use crate::report::Report;
use crate::tools::Tools;

/// All that a group needs to run.
pub struct Bench {
    options: Options,
    data: Data,
    meter: Meter,
    tools: Tools,
    report: Report,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here; use `cargo bench --bench peers`");
        return Ok(ExitCode::SUCCESS);
    }
    let data = Data::new(&options)?;
    let meter = Meter::new(data.folder())?;
    let tools = Tools::find();
    let report = Report::new(&options)?;
    machine::print(&options, &meter, &tools);
    let mut bench = Bench { options, data, meter, tools, report };
    for group in bench.options.groups() {
        group.run(&mut bench)?;
    }
    Ok(if bench.report.finish() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Group {
    fn run(self, bench: &mut Bench) -> Result<()> {
        match self {
            Self::Load => groups::load::run(bench),
            Self::Filter => groups::filter::run(bench),
            Self::Flows => groups::flows::run(bench),
            Self::Grep => groups::grep::run(bench),
            Self::Journal => groups::journal::run(bench),
            Self::Screen => groups::screen::run(bench),
        }
    }
}
