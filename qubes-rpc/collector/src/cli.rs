//! Who calls, what for, and where it goes.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use lexopt::prelude::*;
use logvm_wire::quota::{self, Quotas};
use logvm_wire::{Kind, QubeName, argument, exit, layout, limits};

const HELP: &str = "\
logvm-collector: stores standard input under the name of the qube that calls

Usage: logvm-collector lines|export [OPTIONS]

Started by qrexec, which says in QREXEC_REMOTE_DOMAIN who calls. With the argument `ack` (QREXEC_SERVICE_ARGUMENT),
standard output tells how many bytes of the input are on disk.

Options:
  --root DIR             the store (default: ~/QubesLogs)
  --quotas FILE          the quota of each origin, `<name|*> <size>` a line (default: ~/.config/logvm/quotas)
  --segment-bytes SIZE   begin a new part of the session beyond this size (default: 64M)
  --segment-age SECONDS  ... and after this time (default: 86400)
  --sync MILLISECONDS    the longest wait before what arrived is written through to the disk (default: 500)
  --help
";

/// What a command line asks for.
pub enum Request {
    /// Store this session.
    Collect(Settings),
    /// Say how it is used.
    Help,
}

/// Everything that a session depends on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whose bytes they are.
    pub origin: QubeName,
    /// [`Kind::Log`] for lines, [`Kind::Export`] for journald's format.
    pub kind: Kind,
    /// Whether the caller wants acknowledgements; then nothing is dropped, the session ends instead.
    pub acknowledge: bool,
    /// The root of the store.
    pub root: PathBuf,
    /// How much of the disk the origin may fill, in bytes.
    pub quota: u64,
    /// Size at which a part of the session is closed, in bytes.
    pub segment_bytes: u64,
    /// Age at which a part of the session is closed.
    pub segment_age: Duration,
    /// Longest wait before what arrived is written through to the disk.
    pub sync: Duration,
}

/// What the command line and qrexec's environment ask for, or the exit code of what is wrong with them. Nothing is
/// printed then: the caller would read it.
pub fn request() -> Result<Request, u8> {
    let options = Options::parse().map_err(|_| exit::USAGE)?;
    if options.help {
        return Ok(Request::Help);
    }
    let origin = origin().ok_or(exit::ORIGIN)?;
    let home = env::var_os("HOME").map(PathBuf::from);
    let quotas = quotas(options.quotas.as_deref(), home.as_deref())?;
    Ok(Request::Collect(Settings {
        kind: options.kind.ok_or(exit::USAGE)?,
        acknowledge: wants_acks().ok_or(exit::USAGE)?,
        root: options.root.or(home.map(|home| home.join(layout::ROOT))).ok_or(exit::IO)?,
        quota: quotas.of(&origin),
        segment_bytes: options.segment_bytes,
        segment_age: options.segment_age,
        sync: options.sync,
        origin,
    }))
}

/// Prints the help: a person asked for it, no qube can.
pub fn help() -> ExitCode {
    print!("{HELP}");
    ExitCode::SUCCESS
}

/// The caller, by the only word that is to be trusted: dom0's.
fn origin() -> Option<QubeName> {
    let name = env::var("QREXEC_REMOTE_DOMAIN").ok()?;
    QubeName::parse(&name).filter(|origin| !layout::is_reserved(origin))
}

/// Whether the caller's argument is `ack`; `None` where it is something else.
fn wants_acks() -> Option<bool> {
    let given = env::var("QREXEC_SERVICE_ARGUMENT").unwrap_or_default();
    match argument::decode(&given)?.as_slice() {
        [] => Some(false),
        [item] if item == b"ack" => Some(true),
        _ => None,
    }
}

/// The quotas in `named`, or in the usual place. A file that cannot be understood stops the session: a wrong guess could
/// let one origin take the space of another.
fn quotas(named: Option<&Path>, home: Option<&Path>) -> Result<Quotas, u8> {
    let usual = home.map(|home| home.join(quota::FILE)).filter(|file| file.exists());
    match named.map(Path::to_owned).or(usual) {
        None => Ok(Quotas::default()),
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|_| exit::IO)?;
            Quotas::parse(&text).map_err(|_| exit::IO)
        }
    }
}

struct Options {
    kind: Option<Kind>,
    root: Option<PathBuf>,
    quotas: Option<PathBuf>,
    segment_bytes: u64,
    segment_age: Duration,
    sync: Duration,
    help: bool,
}

impl Options {
    fn parse() -> Result<Self, lexopt::Error> {
        let mut options = Self {
            kind: None,
            root: None,
            quotas: None,
            segment_bytes: limits::SEGMENT_BYTES,
            segment_age: limits::SEGMENT_AGE,
            sync: limits::SYNC_INTERVAL,
            help: false,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Value(format) if options.kind.is_none() => options.kind = Some(kind(&format)?),
                Long("root") => options.root = Some(parser.value()?.into()),
                Long("quotas") => options.quotas = Some(parser.value()?.into()),
                Long("segment-bytes") => options.segment_bytes = bytes(&parser.value()?)?,
                Long("segment-age") => options.segment_age = Duration::from_secs(parser.value()?.parse()?),
                Long("sync") => options.sync = Duration::from_millis(parser.value()?.parse()?),
                Long("help") => options.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

fn kind(format: &OsString) -> Result<Kind, lexopt::Error> {
    match format.to_str() {
        Some("lines") => Ok(Kind::Log),
        Some("export") => Ok(Kind::Export),
        _ => Err("no such format".into()),
    }
}

fn bytes(text: &OsString) -> Result<u64, lexopt::Error> {
    text.to_str().and_then(quota::size).ok_or_else(|| "no such size".into())
}
