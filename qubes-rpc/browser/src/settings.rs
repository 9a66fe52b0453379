//! `browser.toml`: which command opens which kind of archive.
//!
//! ```toml
//! [open]
//! capture = ["qrexec-client-vm", "@dispvm:wireshark-dvm", "qubes.logs.View+wireshark"]
//! default = ["qrexec-client-vm", "@dispvm", "qubes.logs.View"]
//! ```
//!
//! Each command gets what `logvm-archive fetch` streams on its standard input. Kinds are those that listings name.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

/// The file, below the folder of logvm's configuration.
pub const FILE: &str = "browser.toml";
/// The settings that hold where a file says nothing.
const DEFAULT: &str = include_str!("../browser.toml");
/// The word for all kinds that are not named.
const OTHERS: &str = "default";
/// Bytes of the file.
const MAX_FILE: u64 = 1 << 20;

/// What the user has set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Commands by kind.
    #[serde(default)]
    open: BTreeMap<String, Vec<String>>,
}

impl Settings {
    /// Reads settings; what they do not say is as it is by default.
    ///
    /// # Errors
    /// When they are no TOML, name what does not exist, or have a command without words. The text says where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut settings: Self = toml::from_str(DEFAULT).map_err(|error| error.to_string())?;
        let own: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if let Some((kind, _)) = own.open.iter().find(|(_, command)| command.first().is_none_or(String::is_empty)) {
            return Err(format!("open.{kind}: a command needs at least its name"));
        }
        settings.open.extend(own.open);
        Ok(settings)
    }

    /// Reads the file of settings, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or as for [`Settings::parse`].
    pub fn load(folder: Option<&Path>) -> Result<Self, String> {
        let Some(path) = folder.map(|folder| folder.join(FILE)) else { return Self::parse("") };
        match read(&path) {
            Ok(text) => Self::parse(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::parse(""),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// The command that opens archives of a kind; never empty.
    #[must_use]
    pub fn opener(&self, kind: &str) -> &[String] {
        self.open.get(kind).or_else(|| self.open.get(OTHERS)).map_or(&[], Vec::as_slice)
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_its_own_command_or_that_of_all_others() {
        let settings = Settings::parse("[open]\ncapture = [\"wireshark\"]\n").expect("right");
        assert_eq!(settings.opener("capture"), ["wireshark"]);
        assert_eq!(settings.opener("log"), ["qrexec-client-vm", "@dispvm", "qubes.logs.View"]);
        assert_eq!(settings.opener("default"), settings.opener("a kind of tomorrow"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, said) in [
            ("[open]\nlog = []", "open.log"),
            ("[open]\nlog = [\"\"]", "open.log"),
            ("[opne]\n", "unknown field `opne`"),
            ("[open]\nlog = \"x\"", "line 2"),
            ("open", "line 1"),
        ] {
            let error = Settings::parse(text).expect_err("refused");
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
