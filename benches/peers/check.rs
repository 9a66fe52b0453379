//! Whether a command did the work that is timed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Result;

use crate::meter::Finished;

/// The exit status of searches that find nothing.
const NOTHING: i32 = 1;

/// What the output of a command must say.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The number is in its output, grouped or not.
    Number(u64),
    /// The number is in what it writes to standard error.
    Reported(u64),
    /// It prints this many lines.
    Lines(u64),
    /// It prints this many lines, within a hundredth (flows may be cut in different places).
    AboutLines(u64),
    /// It prints this many lines that contain the text, within a hundredth.
    AboutLinesWith(&'static str, u64),
}

impl Check {
    /// Says what is wrong, if anything.
    pub fn verdict(self, run: &Finished) -> Option<String> {
        let expected = self.nothing_to_find().then_some(NOTHING);
        if !run.status.success() && (expected.is_none() || run.status.code() != expected) {
            return Some(format!("{}: {}", run.status, first_line(&run.stderr)));
        }
        self.complaint(run).unwrap_or_else(|error| Some(format!("cannot read its output: {error}")))
    }

    fn nothing_to_find(self) -> bool {
        matches!(self, Self::Number(0) | Self::Lines(0))
    }

    fn complaint(self, run: &Finished) -> Result<Option<String>> {
        Ok(match self {
            Self::Number(0) if run.status.code() == Some(NOTHING) => None,
            Self::Number(number) => missing(number, &run.stdout)?,
            Self::Reported(number) => missing(number, &run.stderr)?,
            Self::Lines(number) => {
                let lines = count_lines(&run.stdout, "")?;
                (lines != number).then(|| format!("{lines} lines instead of {number}"))
            }
            Self::AboutLines(number) => off(count_lines(&run.stdout, "")?, number),
            Self::AboutLinesWith(text, number) => off(count_lines(&run.stdout, text)?, number),
        })
    }
}

fn off(count: u64, number: u64) -> Option<String> {
    (count.abs_diff(number) > number / 100 + 2).then(|| format!("{count} flows instead of {number}"))
}

fn missing(number: u64, path: &Path) -> Result<Option<String>> {
    let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    let found = integers(&text).contains(&number);
    Ok((!found).then(|| format!("{number} is not in its output ({})", first_line(path))))
}

/// All whole numbers of a text, both as they stand and with separators between thousands removed.
fn integers(text: &str) -> Vec<u64> {
    let joined = text.replace([',', '_', '\u{202f}'], "");
    [text, &joined]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_digit()))
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn count_lines(path: &Path, text: &str) -> Result<u64> {
    let finder = memchr::memmem::Finder::new(text);
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        count += u64::from(finder.find(&line).is_some());
        line.clear();
    }
    Ok(count)
}

fn first_line(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(&line[..line.len().min(120)]).escape_debug().to_string()
}
