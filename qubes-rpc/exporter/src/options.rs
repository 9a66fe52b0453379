//! The command line.

use crate::settings::{DEFAULT_PATH, Settings};
use lexopt::prelude::*;
use std::path::{Path, PathBuf};

/// What `--help` prints.
pub const HELP: &str = "\
Sends this qube's logs to a LogVM.

Usage: logvm-exporter [OPTIONS]

Without --target, the settings come from /etc/logvm/exporter.conf; with it, from the options only.

  -c, --config FILE      read the settings from FILE
  -t, --target QUBE      send to QUBE (may be repeated)
  -j, --journal          send the journal
  -f, --file FILE        follow FILE as `tail -F` does (may be repeated)
  -i, --stdin            send standard input, until its end
  -s, --set KEY=VALUE    change a setting
      --check            say whether the settings can be used, and exit
  -h, --help             print this
  -V, --version          print the version
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Export.
    Export(Box<Settings>),
    /// Say that the settings can be used.
    Check,
    /// Print a text.
    Print(String),
}

/// Reads the command line and the settings file that it names. The error is a sentence for the user.
pub fn read(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, String> {
    let mut given = Given::default();
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next().map_err(text)? {
        let name = match argument {
            Short(letter) => letter.to_string(),
            Long(name) => name.to_owned(),
            other => return Err(text(other.unexpected())),
        };
        if let Some(print) = given.take(&name, &mut parser)? {
            return Ok(Command::Print(print));
        }
    }
    let check = given.check;
    let settings = given.settings()?;
    Ok(if check { Command::Check } else { Command::Export(Box::new(settings)) })
}

#[derive(Default)]
struct Given {
    config: Option<PathBuf>,
    set: Vec<(String, String)>,
    stdin: bool,
    check: bool,
}

impl Given {
    fn take(&mut self, option: &str, parser: &mut lexopt::Parser) -> Result<Option<String>, String> {
        match option {
            "c" | "config" => self.config = Some(parser.value().map_err(text)?.into()),
            "t" | "target" => self.add("target", value(parser)?),
            "j" | "journal" => self.add("journal", "yes".into()),
            "f" | "file" => self.add("file", absolute(&value(parser)?)?),
            "i" | "stdin" => self.stdin = true,
            "s" | "set" => {
                let set = value(parser)?;
                let (key, value) = set.split_once('=').ok_or("--set takes KEY=VALUE")?;
                self.add(key.trim(), value.trim().into());
            }
            "check" => self.check = true,
            "h" | "help" => return Ok(Some(HELP.into())),
            "V" | "version" => return Ok(Some(format!("logvm-exporter {}\n", env!("CARGO_PKG_VERSION")))),
            _ => return Err(format!("unknown option {option:?}")),
        }
        Ok(None)
    }

    fn add(&mut self, key: &str, value: String) {
        self.set.push((key.to_owned(), value));
    }

    fn settings(self) -> Result<Settings, String> {
        let mut settings = Settings::default();
        let has_target = self.set.iter().any(|(key, _)| key == "target");
        let default = || (!has_target).then(|| PathBuf::from(DEFAULT_PATH));
        if let Some(path) = self.config.or_else(default) {
            read_file(&path, &mut settings)?;
        }
        for (key, value) in &self.set {
            settings.set(key, value)?;
        }
        settings.stdin |= self.stdin;
        settings.check().map_err(text)?;
        Ok(settings)
    }
}

fn read_file(path: &Path, settings: &mut Settings) -> Result<(), String> {
    let content = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    settings.read(&content).map_err(|invalid| format!("{}: {invalid}", path.display()))
}

fn value(parser: &mut lexopt::Parser) -> Result<String, String> {
    parser.value().map_err(text)?.into_string().map_err(|value| format!("{value:?} is not UTF-8"))
}

fn absolute(path: &str) -> Result<String, String> {
    let path = std::path::absolute(path).map_err(text)?;
    path.into_os_string().into_string().map_err(|path| format!("{path:?} is not UTF-8"))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Command, String> {
        read(std::iter::once("logvm-exporter").chain(line.split(' ')).map(Into::into))
    }

    #[test]
    fn options_alone_are_enough() {
        let expected = Settings {
            targets: vec![logvm_wire::QubeName::parse("sys-log").unwrap()],
            stdin: true,
            retry_min: std::time::Duration::from_millis(10),
            ..Settings::default()
        };
        assert_eq!(options("-t sys-log --stdin -s retry-min=10ms"), Ok(Command::Export(Box::new(expected))));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for bad in ["-t a", "-t a -t b -i", "-x", "-t a -i -s nonsense", "-t a -i -s buffer=1", "-c /nonexistent", "-t"]
        {
            assert!(options(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn help_names_every_setting_file_and_option() {
        assert_eq!(options("--help"), Ok(Command::Print(HELP.into())));
        assert!(HELP.contains(DEFAULT_PATH));
    }
}
