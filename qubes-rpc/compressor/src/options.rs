//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Arg::{Long, Short};
use lexopt::{Error, Parser, ValueExt};
use logvm_wire::QubeName;

/// What `--help` says.
pub const HELP: &str = "\
Keeps ~/QubesLogs within its bounds: compresses closed segments, removes the oldest beyond an origin's quota or age.
Open, recent and held segments are never touched. Without options it goes on for ever.

Usage: logvm-compressor [OPTIONS]

  --once             look at everything once
  --dry-run          say what would be done, once, and do nothing
  --forget ORIGIN    remove all that is stored of an origin, but for what is open or held
  --settings FILE    instead of ~/.config/logvm/compressor.toml
  --home DIR         where QubesLogs and .config are, if not in $HOME
";

/// A command line.
#[derive(Debug, Default)]
pub struct Options {
    /// Look once.
    pub once: bool,
    /// Only say.
    pub dry: bool,
    /// Remove this origin.
    pub forget: Option<QubeName>,
    /// The settings.
    pub settings: Option<PathBuf>,
    /// The home directory.
    pub home: Option<PathBuf>,
    /// Explain.
    pub help: bool,
}

impl Options {
    /// Reads a command line, without the program's name.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut parser = Parser::from_args(arguments);
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("once") => options.once = true,
                Long("dry-run") => options.dry = true,
                Long("forget") => {
                    let name = parser.value()?.string()?;
                    let name = QubeName::parse(&name).ok_or_else(|| format!("not the name of a qube: {name:?}"))?;
                    options.forget = Some(name);
                }
                Long("settings") => options.settings = Some(parser.value()?.into()),
                Long("home") => options.home = Some(parser.value()?.into()),
                Short('h') | Long("help") => options.help = true,
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(options)
    }

    /// Whether it ends by itself.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.once || self.dry || self.forget.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Error> {
        Options::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_are_understood() {
        assert!(!parse("").unwrap().ends() && parse("--once").unwrap().ends() && parse("--dry-run").unwrap().ends());
        assert!(parse("--forget work").unwrap().ends());
        for line in ["--forget ../x", "--forget", "x", "--x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
