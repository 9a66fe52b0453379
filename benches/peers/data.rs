//! The files of generated data, made when they are first needed and kept between runs.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use regex::bytes::Regex;

use crate::generate::pack::Packing;
use crate::generate::{Facts, Kind};
use crate::options::Options;

/// Part of the folder's name: changes when the generator gives other bytes.
const EDITION: u32 = 1;

/// Where the data is, and what of it is asked for.
pub struct Data {
    folder: PathBuf,
    seed: u64,
    size: u64,
}

impl Data {
    /// Uses `bench-data` in Cargo's target directory.
    pub fn new(options: &Options) -> Result<Self> {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = temporary.parent().unwrap_or(temporary).join("bench-data").join(EDITION.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder, seed: options.seed, size: options.size })
    }

    /// The folder with all of it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of this kind and what it holds.
    pub fn file(&self, kind: Kind) -> Result<(PathBuf, Facts)> {
        let path = self.path(kind);
        let record = path.with_added_extension("facts");
        if let (true, Some(facts)) = (path.exists(), read_facts(&record)) {
            return Ok((path, facts));
        }
        eprintln!("making {}", path.display());
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        let facts = kind.write(self.seed, self.size, &mut out)?;
        out.flush()?;
        fs::write(record, format!("{} {}\n", facts.records, facts.flows))?;
        Ok((path, facts))
    }

    /// A compressed copy of it.
    pub fn packed(&self, kind: Kind, packing: Packing) -> Result<PathBuf> {
        let (plain, _) = self.file(kind)?;
        let path = plain.with_added_extension(packing.extension());
        if !path.exists() {
            eprintln!("making {}", path.display());
            let part = path.with_added_extension("part");
            packing.write(&mut File::open(plain)?, File::create(&part)?)?;
            fs::rename(part, &path)?;
        }
        Ok(path)
    }

    fn path(&self, kind: Kind) -> PathBuf {
        let (name, extension) = kind.name();
        self.folder.join(format!("{name}-{}-{}.{extension}", self.seed, self.size))
    }
}

fn read_facts(path: &Path) -> Option<Facts> {
    let text = fs::read_to_string(path).ok()?;
    let (records, flows) = text.trim().split_once(' ')?;
    Some(Facts { records: records.parse().ok()?, flows: flows.parse().ok()? })
}

/// Counts the lines of a file that match: the truth that all tools are held to.
pub fn count_matches(path: &Path, pattern: &str) -> Result<u64> {
    let regex = Regex::new(pattern)?;
    let mut lines = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while lines.read_until(b'\n', &mut line)? > 0 {
        count += u64::from(regex.is_match(line.strip_suffix(b"\n").unwrap_or(&line)));
        line.clear();
    }
    Ok(count)
}
