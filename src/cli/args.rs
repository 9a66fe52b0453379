//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// logvm: text logs, journals, nftables lines and packet captures of a Qubes OS computer, on one clock.
#[derive(Debug, Parser)]
#[command(name = "logvm", version, about, disable_help_subcommand = true, after_help = EXIT_STATUS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_STATUS: &str = "Exit status: 0 something was found, 1 nothing, 2 wrong use (also when no PATH exists), \
                           3 found or not, but part of the input could not be read; standard error says what.";

const GREP_LINES: &str = "Text is searched line by line. A journal entry is searched as `host identifier[pid]: message` \
                          and numbered by its place, a packet as the line that `logvm show` prints, with the names in \
                          it, and numbered by its frame.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Opens the viewer.
    View(View),
    /// Opens the viewer on a bundled archive of a simulated network.
    Demo(Look),
    /// Says what arrived: sources, formats and why, spans, counts, errors.
    Summary(Summary),
    /// Prints records in the order of time.
    Show(Show),
    /// Searches lines, journal entries and packets, as grep does.
    Grep(Grep),
    /// Prints the flows of each vantage.
    Flows(Show),
    /// Prints DNS queries with their answers.
    Dns(Show),
    /// Prints which nft lines belong to which flows, as JSON lines.
    Links(Links),
    /// Prints how far each qube's clock is ahead of a reference.
    Skew(Skew),
    /// Prints all that belongs to the connection of a line or packet, at every vantage, by corrected time.
    Story(Story),
    /// Prints nft lines without packets and flows without lines, where both sources cover that moment.
    Orphans(Orphans),
    /// Prints the fields that filters know.
    Fields,
}

/// What to read.
#[derive(Args, Clone, Debug)]
pub struct Archive {
    /// Directories, files, archives (.tgz, .tar.zst, …), `-` for standard input, or `demo:` for the bundled archive
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// How to read.
#[derive(Args, Clone, Debug)]
pub struct Reading {
    /// Qube that sources come from whose path and contents name none
    #[arg(long, value_name = "QUBE")]
    pub origin: Option<String>,
    /// Memory for kept text and packets before they go to an unlinked temporary file, in MiB [default: a quarter of the
    /// memory]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,
}

/// How the viewer looks.
#[derive(Args, Clone, Debug)]
pub struct Look {
    /// Theme: dark, light, mono, one of your own, or a file
    #[arg(long, default_value = "dark")]
    pub theme: String,
    /// Keymap: default, vim, one of your own, or a file
    #[arg(long, default_value = "default")]
    pub keymap: String,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm view`
#[derive(Args, Debug)]
pub struct View {
    #[command(flatten)]
    pub archive: Archive,
    #[command(flatten)]
    pub look: Look,
    /// Show only records that match
    #[arg(short, long, value_name = "EXPR")]
    pub filter: Option<String>,
}

/// `logvm summary`
#[derive(Args, Debug)]
pub struct Summary {
    #[command(flatten)]
    pub archive: Archive,
    /// Format of the output
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm show`, `logvm flows`, `logvm dns`
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    pub archive: Archive,
    /// Only records that match; `logvm fields` lists the fields
    #[arg(short, long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Only records at or after this time (2025-08-05T18:54, or 18:54:10 on the archive's first day); UTC
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only records before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Records around each match
    #[arg(short = 'C', long, value_name = "N", default_value_t = 0)]
    pub context: usize,
    /// At most this many matches
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<u64>,
    /// Format of the output
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm links`
#[derive(Args, Debug)]
pub struct Links {
    #[command(flatten)]
    pub archive: Archive,
    /// Only links that are right with at least this probability
    #[arg(long, value_name = "P", default_value_t = 0.5)]
    pub min_confidence: f64,
}

/// `logvm skew`
#[derive(Args, Debug)]
pub struct Skew {
    #[command(flatten)]
    pub archive: Archive,
    /// Qube whose clock the others are compared with [default: the one that saw most of what others saw]
    #[arg(long, value_name = "QUBE")]
    pub reference: Option<String>,
    /// Format of the output
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm story`
#[derive(Args, Debug)]
pub struct Story {
    #[command(flatten)]
    pub archive: Archive,
    /// The record: the end of its source's path, and its line, entry or frame
    #[arg(long, value_name = "FILE:LINE")]
    pub at: String,
    /// Format of the output
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm orphans`
#[derive(Args, Debug)]
pub struct Orphans {
    #[command(flatten)]
    pub archive: Archive,
    /// Format of the output
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// `logvm grep`
#[derive(Args, Debug)]
#[command(disable_help_flag = true, args_override_self = true, after_help = GREP_LINES)]
pub struct Grep {
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong)]
    pub help: Option<bool>,
    /// Regular expression, and what to search; with -e, only what to search
    #[arg(value_name = "PATTERN|PATH", required = true)]
    pub operands: Vec<OsString>,
    /// A pattern; may be given several times
    #[arg(short = 'e', long = "regexp", value_name = "PATTERN", allow_hyphen_values = true)]
    pub patterns: Vec<String>,
    /// Patterns are literal text
    #[arg(short = 'F', long)]
    pub fixed_strings: bool,
    /// Letters match in either case
    #[arg(short, long)]
    pub ignore_case: bool,
    /// As -i, unless a pattern has a capital letter
    #[arg(short = 'S', long)]
    pub smart_case: bool,
    /// Matches are whole words
    #[arg(short, long)]
    pub word_regexp: bool,
    /// Print the lines that do not match
    #[arg(short = 'v', long)]
    pub invert_match: bool,
    /// Print only the number of lines of each source
    #[arg(short, long)]
    pub count: bool,
    /// Print only the names of sources that have a match
    #[arg(short = 'l', long)]
    pub files_with_matches: bool,
    /// Print nothing; stop at the first match
    #[arg(short, long)]
    pub quiet: bool,
    /// Print only the parts that match
    #[arg(short, long)]
    pub only_matching: bool,
    /// Print line numbers
    #[arg(short = 'n', long)]
    pub line_number: bool,
    /// Print the name of the source before each line [default: when there are several]
    #[arg(short = 'H', long)]
    pub with_filename: bool,
    /// Never print the name of the source
    #[arg(short = 'h', visible_short_alias = 'I', long, overrides_with = "with_filename")]
    pub no_filename: bool,
    /// Lines after each match
    #[arg(short = 'A', long, value_name = "N")]
    pub after_context: Option<usize>,
    /// Lines before each match
    #[arg(short = 'B', long, value_name = "N")]
    pub before_context: Option<usize>,
    /// Lines around each match
    #[arg(short = 'C', long, value_name = "N", default_value_t = 0)]
    pub context: usize,
    /// At most this many lines of each source
    #[arg(short, long, value_name = "N")]
    pub max_count: Option<u64>,
    /// Print ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// Formats of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A line each, for people
    #[default]
    Text,
    /// A JSON object a line, with provenance
    Jsonl,
}
