//! Where configuration files are, after the XDG Base Directory Specification 0.8.

use std::ffi::OsString;
use std::path::PathBuf;

/// The folder of logvm's configuration (`$XDG_CONFIG_HOME/logvm`, else `$HOME/.config/logvm`), whether it exists or not.
#[must_use]
pub fn config_home() -> Option<PathBuf> {
    config_home_from(|name| std::env::var_os(name))
}

/// [`config_home`] of any environment. Values that are not absolute are ignored, as the specification demands.
fn config_home_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("logvm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdg_comes_before_home_and_must_be_absolute() {
        let look_up = |pairs: &'static [(&str, &str)]| {
            config_home_from(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(look_up(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]), Some("/x/logvm".into()));
        assert_eq!(look_up(&[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")]), Some("/h/.config/logvm".into()));
        assert_eq!(look_up(&[("XDG_CONFIG_HOME", ""), ("HOME", "h")]), None);
    }
}
