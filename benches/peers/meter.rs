//! Runs a command and measures it from outside.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;

const GNU_TIME: &str = "/usr/bin/time";

/// Bash's `time` counts milliseconds where GNU time counts hundredths, but only GNU time tells the memory.
const SCRIPT: &str = r#"TIMEFORMAT='%3R %3U %3S'; out=$1 err=$2; shift 2; time "$@" >"$out" 2>"$err""#;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Elapsed seconds.
    pub wall: f64,
    /// User and system seconds of the process and all it waited for.
    pub cpu: f64,
    /// Peak resident MiB of the largest process.
    pub rss: f64,
}

/// A run that has ended.
pub struct Finished {
    /// What it took.
    pub usage: Usage,
    /// How it ended.
    pub status: ExitStatus,
    /// File with its standard output.
    pub stdout: PathBuf,
    /// File with its standard error.
    pub stderr: PathBuf,
}

/// A command and its arguments.
#[derive(Clone, Debug)]
pub struct CommandLine(pub Vec<String>);

/// Measures commands, in an environment of its own.
pub struct Meter {
    scratch: PathBuf,
    bash: bool,
}

impl Meter {
    /// Uses a scratch folder below `folder` for outputs, homes and temporary files.
    pub fn new(folder: &Path) -> Result<Self> {
        let scratch = folder.join("scratch");
        fs::create_dir_all(scratch.join("home"))?;
        let bash = Path::new(GNU_TIME).exists() && Command::new("bash").arg("-c").arg(":").status().is_ok();
        Ok(Self { scratch, bash })
    }

    /// How it measures, for the reader of the table.
    pub fn method(&self) -> &'static str {
        if self.bash {
            "bash's `time` (wall, CPU of the process tree) around /usr/bin/time (peak RSS of the largest process)"
        } else {
            "/proc (CPU of the process tree in hundredths of a second, peak RSS of the first process, polled)"
        }
    }

    /// A folder that is empty before every run.
    pub fn empty_folder(&self) -> PathBuf {
        self.scratch.join("tmp")
    }

    /// The variables that every command is run with; all other settings of the user are kept out.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: PathBuf| path.display().to_string();
        vec![
            ("PATH", path),
            ("HOME", text(self.scratch.join("home"))),
            ("TMPDIR", text(self.empty_folder())),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
        ]
    }

    /// Empties the folder for temporary files, so that no run profits from one before.
    pub fn prepare(&self) -> Result<()> {
        let folder = self.empty_folder();
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))
    }

    /// Runs the command to its end.
    pub fn run(&self, line: &CommandLine) -> Result<Finished> {
        self.prepare()?;
        let (stdout, stderr) = (self.scratch.join("stdout"), self.scratch.join("stderr"));
        let (usage, status) =
            if self.bash { self.run_timed(line, &stdout, &stderr)? } else { self.run_polled(line, &stdout, &stderr)? };
        Ok(Finished { usage, status, stdout, stderr })
    }

    fn run_timed(&self, line: &CommandLine, stdout: &Path, stderr: &Path) -> Result<(Usage, ExitStatus)> {
        let memory = self.scratch.join("memory");
        let mut command = Command::new("bash");
        command.args(["-c", SCRIPT, "bash"]).args([stdout, stderr]);
        command.args([GNU_TIME, "-q", "-f", "%M", "-o"]).arg(&memory).args(&line.0);
        let output = command.env_clear().envs(self.environment()).stdin(Stdio::null()).output()?;
        let times = numbers(&String::from_utf8_lossy(&output.stderr));
        let [wall, user, system] = times[..] else {
            anyhow::bail!("bash did not tell the time: {}", String::from_utf8_lossy(&output.stderr));
        };
        let rss = numbers(&fs::read_to_string(memory)?).last().copied().unwrap_or(0.0) / 1024.0;
        Ok((Usage { wall, cpu: user + system, rss }, output.status))
    }

    fn run_polled(&self, line: &CommandLine, stdout: &Path, stderr: &Path) -> Result<(Usage, ExitStatus)> {
        let cpu = process::children_cpu();
        let start = Instant::now();
        let mut command = Command::new(&line.0[0]);
        command.args(&line.0[1..]).env_clear().envs(self.environment()).stdin(Stdio::null());
        let mut child = command.stdout(File::create(stdout)?).stderr(File::create(stderr)?).spawn()?;
        let (status, rss) = poll(&mut child)?;
        let wall = start.elapsed().as_secs_f64();
        Ok((Usage { wall, cpu: process::children_cpu() - cpu, rss }, status))
    }
}

fn poll(child: &mut Child) -> Result<(ExitStatus, f64)> {
    let mut rss: f64 = 0.0;
    loop {
        rss = rss.max(process::peak(child.id()));
        if let Some(status) = child.try_wait()? {
            return Ok((status, rss));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
