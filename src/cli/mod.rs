//! L8: the command line, and the wiring of everything below.

mod archive;
mod args;
mod grep;
mod link;
mod show;
mod summary;
mod view;
mod when;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Cli, Command};

/// What a command found; its exit status says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// 0: something matched.
    Found,
    /// 1: nothing matched.
    Nothing,
    /// 2: the command line is wrong.
    Usage,
    /// 3: part of the input could not be read.
    Partial,
}

impl Status {
    const fn of(found: bool, partial: bool) -> Self {
        match (found, partial) {
            (_, true) => Self::Partial,
            (true, false) => Self::Found,
            (false, false) => Self::Nothing,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli.command) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain_lines(&format!("logvm: {error:#}"));
            ExitCode::from(Status::Usage as u8)
        }
    }
}

/// Prints help where it was asked for; else what is wrong, which may hold names of files and so is escaped.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    complain_lines(&error.render().to_string());
    ExitCode::from(Status::Usage as u8)
}

/// Writes lines to standard error, escaped.
fn complain_lines(message: &str) {
    let form = crate::escape::Form::default();
    let lines: Vec<_> = message.lines().map(|line| crate::escape::escape(line.as_bytes(), form)).collect();
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}

/// Whoever read the output has had enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let status = match command {
        Command::View(args) => return view::run(&args),
        Command::Demo(look) => return view::demo(&look),
        Command::Summary(args) => summary::run(&args),
        Command::Grep(args) => grep::run(args),
        Command::Show(args) => show::run(&args, show::What::Records),
        Command::Flows(args) => show::run(&args, show::What::Flows),
        Command::Dns(args) => show::run(&args, show::What::Dns),
        Command::Links(args) => link::links(&args),
        Command::Skew(args) => link::skew(&args),
        Command::Story(args) => link::story(&args),
        Command::Orphans(args) => link::orphans(&args),
        Command::Fields => show::fields(),
    }?;
    Ok(status.into())
}
