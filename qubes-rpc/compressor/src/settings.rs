//! What the user decides.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use logvm_wire::{QubeName, quota, span};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// Where the settings are, below the home directory.
pub const FILE: &str = ".config/logvm/compressor.toml";

/// The settings, with everything that is not set at its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How often everything is looked at.
    interval: Option<Span>,
    /// The program that notifies, with its arguments.
    notify: Option<Vec<String>>,
    /// What applies to every origin.
    all: Changes,
    /// What applies to one.
    #[serde(deserialize_with = "origins")]
    origin: BTreeMap<QubeName, Changes>,
}

/// What a table of the settings may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Changes {
    quota: Option<Size>,
    max_age: Option<Span>,
    compress_after: Option<Span>,
    recent: Option<Span>,
    compression: Option<Method>,
    level: Option<i32>,
}

/// How segments are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Zstandard.
    Zstd,
    /// gzip.
    Gzip,
    /// They are not.
    None,
}

/// What applies to one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Older segments are removed.
    pub max_age: Duration,
    /// Segments that did not change for so long are compressed.
    pub compress_after: Duration,
    /// Segments that changed within this span are not removed.
    pub recent: Duration,
    /// How they are compressed.
    pub method: Method,
    /// How hard: 1 to 19, with gzip to 9.
    pub level: i32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(90 * 86_400),
            compress_after: Duration::from_secs(3600),
            recent: Duration::from_secs(600),
            method: Method::Zstd,
            level: 3,
        }
    }
}

impl Rules {
    fn with(self, changes: &Changes) -> Self {
        let method = changes.compression.unwrap_or(self.method);
        let most = if method == Method::Gzip { 9 } else { 19 };
        Self {
            max_age: changes.max_age.map_or(self.max_age, |span| span.0),
            compress_after: changes.compress_after.map_or(self.compress_after, |span| span.0),
            recent: changes.recent.map_or(self.recent, |span| span.0),
            method,
            level: changes.level.unwrap_or(self.level).clamp(1, most),
        }
    }
}

impl Settings {
    /// Reads the settings; a file that is not there sets nothing.
    ///
    /// # Errors
    /// What is wrong in it, with its place.
    pub fn read(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Reads the text of settings.
    ///
    /// # Errors
    /// What is wrong in it, with its place.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What applies to an origin.
    #[must_use]
    pub fn rules(&self, origin: &QubeName) -> Rules {
        let all = Rules::default().with(&self.all);
        self.origin.get(origin).map_or(all, |own| all.with(own))
    }

    /// How often everything is looked at: at least once a second.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval.as_ref().map_or(Duration::from_secs(600), |span| span.0).max(Duration::from_secs(1))
    }

    /// The program that notifies, with its arguments; empty for none.
    #[must_use]
    pub fn notify(&self) -> Vec<String> {
        let default = || ["notify-send", "--app-name=LogVM", "LogVM"].map(str::to_owned).to_vec();
        self.notify.clone().unwrap_or_else(default)
    }

    /// The quotas that are set, as lines of the file that the collectors read; empty when none is.
    #[must_use]
    pub fn quotas(&self) -> String {
        let all = self.all.quota.map(|size| format!("* {}\n", size.0));
        let own = self.origin.iter().filter_map(|(name, own)| Some(format!("{name} {}\n", own.quota?.0)));
        all.into_iter().chain(own).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        span::parse(&text).map(Self).ok_or_else(|| D::Error::custom("not a span of time such as \"90d\""))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(u64);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        quota::size(&text).map(Self).ok_or_else(|| D::Error::custom("not a size such as \"1G\""))
    }
}

fn origins<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<QubeName, Changes>, D::Error> {
    let named = BTreeMap::<String, Changes>::deserialize(from)?;
    let check = |(name, changes): (String, Changes)| {
        let name = QubeName::parse(&name).ok_or_else(|| D::Error::custom("not the name of a qube"))?;
        Ok((name, changes))
    };
    named.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../compressor.toml");

    fn rules(text: &str, origin: &str) -> Rules {
        Settings::parse(text).unwrap().rules(&QubeName::parse(origin).unwrap())
    }

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let shipped = Settings::parse(SHIPPED).unwrap();
        assert_eq!(rules(SHIPPED, "work"), Rules::default());
        assert_eq!(
            (shipped.interval(), shipped.notify()),
            (Settings::default().interval(), Settings::default().notify())
        );
        assert!(shipped.all.max_age.is_some() && shipped.all.recent.is_some() && shipped.all.level.is_some());
        assert_eq!(shipped.quotas(), "");
    }

    #[test]
    fn an_origin_has_its_own() {
        let text = "[all]\nmax_age = '2d'\nquota = '2G'\n[origin.sys-net]\nmax_age = '9d'\nquota = '1K'\n\
                    compression = 'gzip'\nlevel = 19";
        let own = rules(text, "sys-net");
        assert_eq!((own.max_age, own.method, own.level), (Duration::from_secs(9 * 86_400), Method::Gzip, 9));
        assert_eq!(rules(text, "work").max_age, Duration::from_secs(2 * 86_400));
        assert_eq!(Settings::parse(text).unwrap().quotas(), "* 2147483648\nsys-net 1024\n");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for text in ["x = 1", "[all]\nmax_age = 90", "[all]\nmax_age = '90'", "[origin.'../x']", "[all]\nquota = '1X'"]
        {
            assert!(Settings::parse(text).is_err(), "{text}");
        }
    }
}
