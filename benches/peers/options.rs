//! The options of the command.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Times logvm and its peers side by side on generated data.
#[derive(Debug, Parser)]
#[command(name = "peers")]
pub struct Options {
    /// Size of each file of data, such as 64MiB or 1GiB
    #[arg(long, default_value = "64MiB", value_parser = parse_size)]
    pub size: u64,
    /// Counted runs of each command, after one that is checked and not counted
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Only these groups
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Group>,
    /// Append every run to this file, as JSON lines
    #[arg(long, value_name = "FILE.jsonl")]
    pub out: Option<PathBuf>,
    /// Seed of the data
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    pub bench: bool,
}

/// A group of workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Load and index text, nft lines and their compressed forms
    Load,
    /// Load and filter
    Filter,
    /// All flows of a capture
    Flows,
    /// Search, in plain and compressed files
    Grep,
    /// Read a journal export
    Journal,
    /// First screen and key latency, in a pseudo-terminal
    Screen,
}

impl Options {
    /// The groups to run.
    pub fn groups(&self) -> Vec<Group> {
        if self.only.is_empty() { Group::value_variants().to_vec() } else { self.only.clone() }
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match &text[digits.len()..] {
        "" | "B" => 1,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        other => return Err(format!("unknown unit {other:?}; use KiB, MiB or GiB")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("{text:?} is no size"))?;
    number.checked_mul(unit).filter(|&size| size > 0).ok_or_else(|| format!("{text:?} is too large, or nothing"))
}
