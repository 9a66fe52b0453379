//! The quotas, which the collectors must know as well: they read `~/.config/logvm/quotas`, which needs no parser of
//! TOML. Where the settings here name quotas, that file is written from them.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use logvm_wire::quota::{FILE, Quotas};

use crate::settings::Settings;

/// The first line of a file that was written here, and may be written again.
const HEADER: &str = "# Written by logvm-compressor from compressor.toml: change the quotas there.\n";

/// The quotas that apply, and that the collectors will find unless `dry`.
///
/// # Errors
/// When a file of somebody else's hand says something, too; when it cannot be read or written.
pub fn load(home: &Path, settings: &Settings, dry: bool) -> io::Result<Quotas> {
    let path = home.join(FILE);
    let (there, set) = (read(&path)?, settings.quotas());
    if set.is_empty() {
        return parse(there.as_deref().filter(|text| !text.starts_with(HEADER)).unwrap_or_default());
    }
    let wanted = format!("{HEADER}{set}");
    match there {
        Some(text) if text == wanted => {}
        Some(text) if !text.starts_with(HEADER) => {
            return Err(wrong(&format!("quotas are set in compressor.toml and in {FILE}: remove one of them")));
        }
        _ if dry => {}
        _ => replace(&path, &wanted)?,
    }
    parse(&set)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(text: &str) -> io::Result<Quotas> {
    Quotas::parse(text).map_err(|line| wrong(&format!("line {line} of {FILE} is wrong")))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

/// Replaces the file in one step: a collector never reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut file = fs::File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(part, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use logvm_wire::QubeName;

    fn quota(home: &Path, settings: &str) -> Option<u64> {
        let quotas = load(home, &Settings::parse(settings).unwrap(), false).ok()?;
        Some(quotas.of(&QubeName::parse("work").unwrap()))
    }

    #[test]
    fn quotas_of_the_settings_reach_the_collectors() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(quota(home.path(), ""), Some(1 << 30));
        assert_eq!(quota(home.path(), "[origin.work]\nquota = '5K'"), Some(5 << 10));
        let written = fs::read_to_string(home.path().join(FILE)).unwrap();
        assert_eq!(Quotas::parse(&written).unwrap().of(&QubeName::parse("work").unwrap()), 5 << 10);
        assert_eq!(quota(home.path(), "[all]\nquota = '6K'"), Some(6 << 10));
    }

    #[test]
    fn a_file_of_the_user_is_obeyed_and_never_replaced() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".config/logvm")).unwrap();
        fs::write(home.path().join(FILE), "work 7K\n").unwrap();
        assert_eq!(quota(home.path(), ""), Some(7 << 10));
        assert_eq!(quota(home.path(), "[all]\nquota = '6K'"), None);
        assert_eq!(fs::read_to_string(home.path().join(FILE)).unwrap(), "work 7K\n");
    }
}
