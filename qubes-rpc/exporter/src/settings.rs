//! The settings file: `key = value` lines, `#` comments. `exporter.conf` beside this crate documents every key.

use logvm_wire::{QubeName, quota};
use std::path::PathBuf;
use std::time::Duration;

/// Where the settings are, unless an option says otherwise.
pub const DEFAULT_PATH: &str = "/etc/logvm/exporter.conf";

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The LogVMs; each gets everything.
    pub targets: Vec<QubeName>,
    /// Whether to export the journal.
    pub journal: bool,
    /// Whether a journal that was never exported begins with the running boot, rather than with its oldest entry.
    pub boot_only: bool,
    /// The program that prints the journal, and its first arguments.
    pub journal_command: Vec<String>,
    /// Files to follow.
    pub files: Vec<PathBuf>,
    /// Whether to export standard input.
    pub stdin: bool,
    /// The program that calls a target, with `{target}` and `{service}`.
    pub command: Vec<String>,
    /// Where it is kept what was acknowledged.
    pub state: PathBuf,
    /// Bytes of a stream that may wait for acknowledgement.
    pub buffer: usize,
    /// The longest journal entry in bytes.
    pub entry_limit: usize,
    /// Records a second; 0 is no limit.
    pub rate: u32,
    /// Records at once.
    pub burst: u32,
    /// The smallest wait between calls.
    pub retry_min: Duration,
    /// The largest wait between calls.
    pub retry_max: Duration,
    /// A call without progress for so long is ended.
    pub stall: Duration,
    /// Time to send the rest when the exporter stops.
    pub flush: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        Settings {
            targets: Vec::new(),
            journal: false,
            boot_only: true,
            journal_command: words("journalctl"),
            files: Vec::new(),
            stdin: false,
            command: words("qrexec-client-vm {target} {service}"),
            state: std::env::var_os("STATE_DIRECTORY").unwrap_or_else(|| "/var/lib/logvm-exporter".into()).into(),
            buffer: 4 << 20,
            entry_limit: 1 << 20,
            rate: 2000,
            burst: 100_000,
            retry_min: Duration::from_secs(1),
            retry_max: Duration::from_secs(300),
            stall: Duration::from_secs(300),
            flush: Duration::from_secs(5),
        }
    }
}

/// A line of the settings that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Its number, from 1; 0 is the whole.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.reason)
    }
}

impl Settings {
    /// Reads the text of a settings file over the settings so far.
    pub fn read(&mut self, text: &str) -> Result<(), Invalid> {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let set = line.split_once('=').ok_or_else(|| "expected key = value".to_owned());
            set.and_then(|(key, value)| self.set(key.trim(), value.trim()))
                .map_err(|reason| Invalid { line: index + 1, reason })?;
        }
        Ok(())
    }

    /// Sets one key, as a line of the file does. `target` and `file` add.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "target" => self.add_target(value)?,
            "journal" => self.journal = yes_or_no(value)?,
            "start" => self.boot_only = start(value)?,
            "journal-command" => self.journal_command = command(value)?,
            "file" => self.add_file(value)?,
            "command" => self.command = command(value)?,
            "state-directory" => self.state = value.into(),
            "buffer" => self.buffer = bytes(value)?,
            "entry-limit" => self.entry_limit = bytes(value)?,
            "rate-limit" => self.rate = number(value)?,
            "rate-burst" => self.burst = number(value)?,
            "retry-min" => self.retry_min = duration(value)?,
            "retry-max" => self.retry_max = duration(value)?,
            "stall-timeout" => self.stall = duration(value)?,
            "flush-timeout" => self.flush = duration(value)?,
            _ => return Err(format!("unknown key {key:?}")),
        }
        Ok(())
    }

    /// What is wrong with the settings as a whole, if anything.
    pub fn check(&self) -> Result<(), Invalid> {
        let problem = if self.targets.is_empty() {
            "no target is set"
        } else if !self.journal && self.files.is_empty() && !self.stdin {
            "nothing to export: set journal = yes or a file"
        } else if self.stdin && self.targets.len() > 1 {
            "standard input can be sent to one target only"
        } else if self.retry_min.is_zero() || self.retry_max < self.retry_min {
            "retry-max is smaller than retry-min, or both are 0"
        } else {
            return Ok(());
        };
        Err(Invalid { line: 0, reason: problem.to_owned() })
    }

    fn add_target(&mut self, value: &str) -> Result<(), String> {
        let target = QubeName::parse(value).ok_or_else(|| format!("{value:?} is no name of a qube"))?;
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
        Ok(())
    }

    fn add_file(&mut self, value: &str) -> Result<(), String> {
        let path = PathBuf::from(value);
        if !path.is_absolute() {
            return Err(format!("{value:?} does not begin with /"));
        }
        if !self.files.contains(&path) {
            self.files.push(path);
        }
        Ok(())
    }
}

fn yes_or_no(value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("{value:?} is neither yes nor no")),
    }
}

fn start(value: &str) -> Result<bool, String> {
    match value {
        "boot" => Ok(true),
        "all" => Ok(false),
        _ => Err(format!("{value:?} is neither boot nor all")),
    }
}

/// Splits at blanks; double quotes keep a word with blanks together.
fn command(value: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for (index, part) in value.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    if value.matches('"').count() % 2 == 1 || words.is_empty() {
        return Err(format!("{value:?} is no command"));
    }
    Ok(words)
}

fn number(value: &str) -> Result<u32, String> {
    value.parse().map_err(|_| format!("{value:?} is no number"))
}

fn bytes(value: &str) -> Result<usize, String> {
    let bytes = quota::size(value).and_then(|bytes| usize::try_from(bytes).ok());
    bytes.filter(|bytes| (4096..=1 << 30).contains(bytes)).ok_or_else(|| format!("{value:?} is no size from 4K to 1G"))
}

fn duration(value: &str) -> Result<Duration, String> {
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (digits, unit) = value.split_at(split);
    let millis = match unit.trim() {
        "ms" => 1,
        "s" | "" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("{value:?} is no time such as 300ms, 5s or 5min")),
    };
    let count = digits.parse::<u32>().map_err(|_| format!("{value:?} is no time"))?;
    Ok(Duration::from_millis(u64::from(count) * millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, Invalid> {
        let mut settings = Settings::default();
        settings.read(text)?;
        settings.check()?;
        Ok(settings)
    }

    #[test]
    fn a_file_of_settings_is_read() {
        let text = "# comment\ntarget = sys-log\n\ntarget=sys-log-local\njournal = yes\nfile = /var/log/a b.log\n\
                    command = qrexec-client -d {target} \"DEFAULT:QUBESRPC {service} dom0\"\nretry-max = 5min\n\
                    buffer = 8M\nrate-limit = 0\n";
        let settings = read(text).unwrap();
        assert_eq!(settings.targets.iter().map(QubeName::as_str).collect::<Vec<_>>(), ["sys-log", "sys-log-local"]);
        assert_eq!(settings.files, [PathBuf::from("/var/log/a b.log")]);
        assert_eq!(settings.command[2..], ["{target}", "DEFAULT:QUBESRPC {service} dom0"]);
        assert_eq!((settings.retry_max, settings.buffer, settings.rate), (Duration::from_secs(300), 8 << 20, 0));
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_line() {
        for bad in [
            "x",
            "key = 1",
            "journal = maybe",
            "target = -d",
            "file = x",
            "buffer = 1",
            "retry-min = 5 weeks",
            "command = \"a",
            "command =",
            "start = now",
            "rate-limit = -1",
            "target = @dispvm",
        ] {
            let invalid = read(&format!("\n{bad}")).unwrap_err();
            assert_eq!(invalid.line, 2, "{bad}: {invalid}");
        }
        assert!(read("journal = yes").unwrap_err().reason.contains("target"));
        assert!(read("target = a").unwrap_err().reason.contains("nothing to export"));
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let documented = include_str!("../exporter.conf");
        let commented: String = documented
            .lines()
            .filter_map(|line| line.strip_prefix("#default# "))
            .fold(String::new(), |text, line| text + line + "\n");
        let mut settings = Settings::default();
        settings.read(&commented).unwrap();
        assert_eq!(settings, Settings { state: settings.state.clone(), ..Settings::default() });
        assert!(commented.lines().count() >= 12);
    }
}
