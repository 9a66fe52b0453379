//! One piece of work, done by several programs in turn.

use std::path::Path;

use anyhow::Result;

use crate::Bench;
use crate::check::Check;
use crate::meter::{CommandLine, Usage};
use crate::tools::Tool;

/// The work and who does it; ours comes first.
pub struct Workload {
    name: String,
    variants: Vec<Variant>,
}

struct Variant {
    label: String,
    command: Option<CommandLine>,
    check: Check,
}

/// What came of one variant.
pub struct Row {
    /// The program.
    pub label: String,
    /// Its counted runs.
    pub runs: Vec<Usage>,
    /// Why its numbers do not count, if so.
    pub complaint: Option<String>,
    /// Whether the program is there.
    pub installed: bool,
}

impl Workload {
    /// Work without anyone to do it yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), variants: Vec::new() }
    }

    /// Has our binary do it; `label` is what the row says.
    pub fn ours(mut self, logvm: &Path, label: &str, arguments: &[&str], check: Check) -> Self {
        self.variants.push(Variant { label: label.to_owned(), command: Some(line(logvm, arguments)), check });
        self
    }

    /// Has a peer do it, if it is installed.
    pub fn peer(mut self, tool: &Tool, arguments: &[&str], check: Check) -> Self {
        let command = tool.path.as_deref().map(|path| line(path, arguments));
        self.variants.push(Variant { label: tool.name.to_owned(), command, check });
        self
    }

    /// Checks each variant once, then runs them in turn, and prints their rows.
    pub fn run(self, bench: &mut Bench) -> Result<()> {
        let mut rows = Vec::new();
        for variant in &self.variants {
            rows.push(variant.try_out(bench)?);
        }
        for _ in 0..bench.options.rounds {
            for (variant, row) in self.variants.iter().zip(&mut rows) {
                if let Some(command) = &variant.command {
                    row.runs.push(bench.meter.run(command)?.usage);
                }
            }
        }
        bench.report.workload(&self.name, &rows)
    }
}

impl Variant {
    /// The run that is checked and not counted: it also brings the data into the page cache.
    fn try_out(&self, bench: &Bench) -> Result<Row> {
        let complaint = match &self.command {
            Some(command) => self.check.verdict(&bench.meter.run(command)?),
            None => None,
        };
        Ok(Row { label: self.label.clone(), runs: Vec::new(), complaint, installed: self.command.is_some() })
    }
}

fn line(program: &Path, arguments: &[&str]) -> CommandLine {
    let mut words = vec![program.display().to_string()];
    words.extend(arguments.iter().map(|&argument| argument.to_owned()));
    CommandLine(words)
}

/// A path as an argument; the data's own paths are UTF-8 unless Cargo's folder is not.
pub fn text(path: &Path) -> String {
    path.display().to_string()
}
