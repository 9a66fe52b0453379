//! Runs commands in threads of their own, and says how it went.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::SystemTime;

use logvm_wire::{layout, stamp};

use crate::alerts;
use crate::listing::{self, Listing};
use crate::msg::{Msg, Stored, Task};
use crate::settings::Settings;

/// The program that knows the store.
const ARCHIVE: &str = "logvm-archive";
/// The file of alerts in the store.
const ALERTS: &str = "alerts.log";
/// Bytes that are kept of what a program says when it fails.
const MAX_SAID: u64 = 4096;

/// Runs commands for the model.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The home that the store is in, if not the user's own.
    pub home: Option<PathBuf>,
    /// Which command opens which kind.
    pub settings: Settings,
}

impl Runner {
    /// Lists what is stored in a thread of its own, and sends it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn list<M: From<Msg> + Send + 'static>(&self, sender: SyncSender<M>) -> io::Result<()> {
        let runner = self.clone();
        let work = move || drop(sender.send(Msg::Stored(Box::new(runner.stored())).into()));
        thread::Builder::new().name("list".into()).spawn(work).map(drop)
    }

    /// Runs a task in a thread of its own, and sends how it went.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start<M: From<Msg> + Send + 'static>(&self, task: Task, sender: SyncSender<M>) -> io::Result<()> {
        let runner = self.clone();
        let work = move || {
            let problem = runner.run(&task).err();
            drop(sender.send(Msg::Done { task, problem }.into()));
        };
        thread::Builder::new().name("task".into()).spawn(work).map(drop)
    }

    /// All that can be learned of the store, and why the rest cannot.
    fn stored(&self) -> Stored {
        let mut problems = Vec::new();
        let mut learned = |problem: Option<String>| problems.extend(problem);
        let (archives, problem) = self.read("list", listing::archives);
        learned(problem);
        let (usage, problem) = self.read("usage", listing::usage);
        learned(problem);
        let alerts = self.alerts().unwrap_or_else(|error| {
            learned(Some(format!("{ALERTS}: {error}")));
            Vec::new()
        });
        let problem = (!problems.is_empty()).then(|| problems.join("; "));
        Stored { archives, usage, alerts, now: stamp::micros(SystemTime::now()), problem }
    }

    fn alerts(&self) -> io::Result<Vec<alerts::Alert>> {
        let home = self.home.clone().or_else(|| std::env::var_os("HOME").map(PathBuf::from));
        let path = home.map(|home| home.join(layout::ROOT).join(ALERTS));
        path.map_or_else(|| Ok(Vec::new()), |path| alerts::read(&path))
    }

    /// What a command of `logvm-archive` lists; what was read before it failed counts.
    fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(BufReader<std::process::ChildStdout>) -> io::Result<Listing<T>>,
    ) -> (Listing<T>, Option<String>) {
        let mut command = self.archive(name);
        command.arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return (Listing::default(), Some(format!("{ARCHIVE}: {error}"))),
        };
        let said = listen(&mut child);
        let parsed = child.stdout.take().map(|stdout| parse(BufReader::new(stdout)));
        let problem = end(&mut child, ARCHIVE, said).err();
        match parsed {
            Some(Ok(listing)) => (listing, problem),
            Some(Err(error)) => (Listing::default(), Some(error.to_string())),
            None => (Listing::default(), problem),
        }
    }

    fn archive(&self, name: &str) -> Command {
        let mut command = command(OsStr::new(ARCHIVE));
        command.arg(name);
        if let Some(home) = &self.home {
            command.arg("--home").arg(home);
        }
        command
    }

    fn run(&self, task: &Task) -> Result<(), String> {
        match task {
            Task::Open { kind, ids } => self.open(kind, ids),
            Task::Copy { to, ids } => self.simple("copy", &["--to", to.as_str()], ids),
            Task::Delete(ids) => self.simple("rm", &["--yes"], ids),
            Task::Hold(ids) => self.simple("hold", &[], ids),
            Task::Unhold(ids) => self.simple("unhold", &[], ids),
        }
    }

    fn simple(&self, name: &str, options: &[&str], ids: &[String]) -> Result<(), String> {
        let mut command = self.archive(name);
        command.args(options).args(ids).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{ARCHIVE}: {error}"))?;
        let said = listen(&mut child);
        end(&mut child, ARCHIVE, said)
    }

    /// Streams archives into the command that opens their kind. What that command says comes from a disposable: none
    /// of it is read, its exit code is all there is.
    fn open(&self, kind: &str, ids: &[String]) -> Result<(), String> {
        let Some((program, words)) = self.settings.opener(kind).split_first() else {
            return Err("no command opens this kind".to_owned());
        };
        let mut fetch = self.archive("fetch");
        fetch.args(ids).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut fetch = fetch.spawn().map_err(|error| format!("{ARCHIVE}: {error}"))?;
        let said = listen(&mut fetch);
        let stream = fetch.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let mut opener = command(OsStr::new(program));
        opener.args(words).stdin(stream).stdout(Stdio::null()).stderr(Stdio::null());
        let opened = opener.spawn();
        // The command holds the only other copy of the stream: it has to be gone for either to see the other's end.
        drop(opener);
        let ended = opened.and_then(|mut opener| opener.wait());
        let fetched = end(&mut fetch, ARCHIVE, said);
        match ended {
            Err(error) => Err(format!("{program}: {error}")),
            Ok(status) if status.success() => fetched,
            Ok(status) => Err(format!("{program}: {}", meaning(status))),
        }
    }
}

/// A command in a process group of its own: it is not stopped with the browser.
fn command(program: &OsStr) -> Command {
    let mut command = Command::new(OsString::from(program));
    command.process_group(0);
    command
}

/// What a child says on standard error; the beginning of it.
type Said = Option<thread::JoinHandle<String>>;

/// Reads a child's standard error to its end, so that it never has to wait, and keeps the beginning.
fn listen(child: &mut Child) -> Said {
    let mut stderr = child.stderr.take()?;
    let read = move || {
        let mut said = Vec::new();
        let _what_came = stderr.by_ref().take(MAX_SAID).read_to_end(&mut said);
        let _the_rest = io::copy(&mut stderr, &mut io::sink());
        String::from_utf8_lossy(&said).trim().to_owned()
    };
    thread::Builder::new().name("said".into()).spawn(read).ok()
}

/// Waits for a child; what it said is why it failed.
fn end(child: &mut Child, program: &str, said: Said) -> Result<(), String> {
    let status = child.wait().map_err(|error| error.to_string())?;
    let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
    match (status.success(), said.is_empty()) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("{program}: {}", meaning(status))),
        (false, false) => Err(said),
    }
}

/// What an exit code says; 125 to 127 are qrexec's own.
fn meaning(status: ExitStatus) -> String {
    match status.code() {
        Some(125) => "qrexec failed (125)".to_owned(),
        Some(126) => "refused by the policy (126)".to_owned(),
        Some(127) => "there is no such service (127)".to_owned(),
        Some(code) => format!("ended with status {code}"),
        None => "was killed".to_owned(),
    }
}
