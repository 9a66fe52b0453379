//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use lexopt::Arg::{Long, Short, Value};
use lexopt::{Error, Parser, ValueExt};
use logvm_wire::QubeName;

use crate::item::Id;
use crate::select::Selection;

/// What `--help` says.
pub const HELP: &str = "\
Lists, streams, holds and removes stored logs. Metadata only: no log is opened here.

Usage: logvm-archive COMMAND [OPTIONS] [ORIGIN|ID]...

  list    what is stored, oldest first in each origin (--json: one object a line)
  fetch   a tar of it, with a manifest first and SHA-256 sums last
  copy    the same tar into a service of another qube: copy --to QUBE [--service SERVICE]
  usage   bytes and files of each origin, and its quota (--json)
  hold    protect archives, or an origin, from being removed
  unhold  end that
  rm      remove archives; never open or held ones (--yes: without asking)
  serve   `serve list` and `serve fetch`: behind qubes.logs.List and qubes.logs.Fetch

  --since TIME, --until TIME  2026-11-21, 2026-11-21T03:54:36Z, or how long ago: 30m, 2h, 7d
  --kind KIND                 log, export, stamps, capture or file; may be repeated
  --follow                    go on with what is being written (fetch)
  -o, --output FILE           write there and not to standard output (fetch)
  --home DIR                  where QubesLogs and NetLogs are, if not in $HOME
";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// List.
    List,
    /// Stream.
    Fetch,
    /// Stream into another qube.
    Copy,
    /// Sum up.
    Usage,
    /// Protect.
    Hold,
    /// End a protection.
    Unhold,
    /// Remove.
    Remove,
    /// Answer `qubes.logs.List`.
    ServeList,
    /// Answer `qubes.logs.Fetch`.
    ServeFetch,
    /// Explain.
    Help,
}

/// A command with its options.
#[derive(Debug)]
pub struct Options {
    /// What is to be done.
    pub command: Command,
    /// With what.
    pub selection: Selection,
    /// As JSON.
    pub json: bool,
    /// Without asking.
    pub yes: bool,
    /// Where to.
    pub output: Option<PathBuf>,
    /// Where from.
    pub home: Option<PathBuf>,
    /// The qube to copy to.
    pub to: Option<QubeName>,
    /// The service to copy into.
    pub service: String,
}

impl Options {
    /// Reads a command line, without the program's name; spans count back from `now`.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>, now: SystemTime) -> Result<Self, Error> {
        let mut parser = Parser::from_args(arguments);
        let command = command(&mut parser)?;
        let mut options = Self {
            command,
            selection: Selection::default(),
            json: false,
            yes: false,
            output: None,
            home: None,
            to: None,
            service: "qubes.logs.View".to_owned(),
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("json") => options.json = true,
                Long("yes") | Short('y') => options.yes = true,
                Long("follow") => options.select("follow", now)?,
                Long(name @ ("since" | "until" | "kind")) => {
                    let name = name.to_owned();
                    options.select(&format!("{name} {}", parser.value()?.string()?), now)?;
                }
                Short('o') | Long("output") => options.output = Some(parser.value()?.into()),
                Long("home") => options.home = Some(parser.value()?.into()),
                Long("to") => options.to = Some(name(&parser.value()?.string()?)?),
                Long("service") => options.service = service(parser.value()?.string()?)?,
                Short('h') | Long("help") => options.command = Command::Help,
                Value(word) => options.word(&word.string()?)?,
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(options)
    }

    fn select(&mut self, line: &str, now: SystemTime) -> Result<(), Error> {
        self.selection.add(line, now).ok_or_else(|| format!("not understood: {line:?}").into())
    }

    /// An id or the name of an origin: no name is as long as an id.
    fn word(&mut self, word: &str) -> Result<(), Error> {
        match Id::parse(word) {
            Some(id) => drop(self.selection.ids.insert(id)),
            None => drop(self.selection.origins.insert(name(word)?)),
        }
        Ok(())
    }
}

fn command(parser: &mut Parser) -> Result<Command, Error> {
    let Some(argument) = parser.next()? else { return Ok(Command::Help) };
    let word = match argument {
        Value(word) => word.string()?,
        Short('h') | Long("help") => return Ok(Command::Help),
        _ => return Err(argument.unexpected()),
    };
    match word.as_str() {
        "list" => Ok(Command::List),
        "fetch" => Ok(Command::Fetch),
        "copy" => Ok(Command::Copy),
        "usage" => Ok(Command::Usage),
        "hold" => Ok(Command::Hold),
        "unhold" => Ok(Command::Unhold),
        "rm" => Ok(Command::Remove),
        "serve" => match parser.value()?.string()?.as_str() {
            "list" => Ok(Command::ServeList),
            "fetch" => Ok(Command::ServeFetch),
            other => Err(format!("no such service: {other:?}").into()),
        },
        other => Err(format!("no such command: {other:?}").into()),
    }
}

fn name(text: &str) -> Result<QubeName, Error> {
    QubeName::parse(text).ok_or_else(|| format!("neither an id nor the name of a qube: {text:?}").into())
}

fn service(text: String) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
    let valid = text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(allowed);
    if valid { Ok(text) } else { Err(format!("not the name of a service: {text:?}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Error> {
        Options::parse(line.split_whitespace().map(OsString::from), SystemTime::now())
    }

    #[test]
    fn commands_are_understood() {
        let options = parse("fetch --since 2h --kind log work 0123456789abcdef0123456789abcdef -o x.tar").unwrap();
        assert_eq!((options.command, options.selection.ids.len()), (Command::Fetch, 1));
        assert_eq!(options.selection.origins.len(), 1);
        assert_eq!(parse("serve fetch").unwrap().command, Command::ServeFetch);
        assert_eq!(parse("").unwrap().command, Command::Help);
        assert!(parse("rm --yes work").unwrap().yes);
    }

    #[test]
    fn everything_else_is_refused() {
        for line in ["x", "list ../x", "list --since x", "serve x", "copy --service -x", "list --x", "copy --to -x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
