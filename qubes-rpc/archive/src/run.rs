//! What each command does, and the exit code that tells how it went.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use logvm_wire::quota::{self, Quotas};
use logvm_wire::{QubeName, argument, exit};

use crate::caller::Caller;
use crate::fetch::Fetch;
use crate::follow::{self, Follow};
use crate::options::{Command, HELP, Options};
use crate::select::{Lease, Selection, refused};
use crate::walk::{Scope, Store};
use crate::{copy, hold, list, remove, usage};

/// Origins that one argument may name.
const ORIGINS: usize = 4096;

/// Bytes gathered before they are written.
const OUTPUT: usize = 128 << 10;

/// Runs the command line; the exit code.
#[must_use]
pub fn main() -> u8 {
    let options = match Options::parse(std::env::args_os().skip(1), SystemTime::now()) {
        Ok(options) => options,
        Err(error) => {
            complain(&error.to_string());
            return exit::USAGE;
        }
    };
    match run(&options) {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::OK,
        Err(error) => {
            complain(&error.to_string());
            code(&error)
        }
    }
}

/// Standard error goes to the caller of a service: nothing is said there but what the caller did or may know.
fn complain(what: &str) {
    let _nobody_is_left_to_be_told = writeln!(io::stderr(), "logvm-archive: {what}");
}

fn code(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::InvalidInput => exit::USAGE,
        io::ErrorKind::NotFound => exit::NO_INPUT,
        _ => exit::IO,
    }
}

fn run(options: &Options) -> io::Result<u8> {
    let home = options.home.clone().or_else(|| std::env::var_os("HOME").map(PathBuf::from));
    let home = home.ok_or_else(|| refused("HOME is not set"))?;
    let store = Store::open(&home);
    let mut out = BufWriter::with_capacity(OUTPUT, own(io::stdout())?);
    match options.command {
        Command::Help => out.write_all(HELP.as_bytes()).and_then(|()| out.flush()).map(|()| exit::OK),
        Command::List => listed(&store, Scope::default(), &options.selection, options.json, &mut out),
        Command::Usage => {
            usage::usage(&store, &options.selection, &quotas(&home)?, options.json, &mut out).map(|()| exit::OK)
        }
        Command::Fetch => fetch_to(&store, options, out),
        Command::Copy => copy_to(&store, options),
        Command::Hold => held(&store, options, true),
        Command::Unhold => held(&store, options, false),
        Command::Remove => removed(&store, options),
        Command::ServeList => serve_list(&store, &mut out),
        Command::ServeFetch => serve_fetch(&store, out),
    }
}

fn quotas(home: &Path) -> io::Result<Quotas> {
    match std::fs::read_to_string(home.join(quota::FILE)) {
        Ok(text) => Quotas::parse(&text).map_err(|line| refused(&format!("line {line} of {} is wrong", quota::FILE))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Quotas::default()),
        Err(error) => Err(error),
    }
}

/// A standard stream as a plain file: opening it by its path does not work for the sockets of qrexec.
fn own(stream: impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

fn listed(store: &Store, scope: Scope<'_>, what: &Selection, json: bool, out: &mut dyn Write) -> io::Result<u8> {
    let skipped = list::list(store, scope, what, json, out)?;
    if skipped.names > 0 {
        complain(&format!("left out: {} links, special files or names not fit to be shown", skipped.names));
    }
    Ok(exit::OK)
}

fn fetch_to(store: &Store, options: &Options, out: BufWriter<File>) -> io::Result<u8> {
    let file = options.output.as_ref().map(File::create_new).transpose()?;
    let out = file.map_or(out, |file| BufWriter::with_capacity(OUTPUT, file));
    let watched = out.get_ref().try_clone()?;
    let input = options.selection.follow.map(|_| own(io::stdin())).transpose()?;
    // A terminal's input is no sign of life, and there is one to stop it.
    let input = input.filter(|input| !io::IsTerminal::is_terminal(input));
    fetch(store, Scope::default(), &options.selection, out, watched, input)
}

fn copy_to(store: &Store, options: &Options) -> io::Result<u8> {
    let to = options.to.as_ref().ok_or_else(|| refused("copy needs --to QUBE"))?;
    let (mut child, input) = copy::call(to, &options.service)?;
    let mut fetch = Fetch::new(store, BufWriter::with_capacity(OUTPUT, input), None);
    let sent = fetch.send(Scope::default(), &options.selection).and_then(|()| fetch.finish());
    let status = child.wait()?;
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(exit::OK) => sent.map(outcome),
        Some(code) => Ok(code),
        None => Ok(exit::IO),
    }
}

fn held(store: &Store, options: &Options, on: bool) -> io::Result<u8> {
    let count = hold::hold(store, &options.selection, on)?;
    Ok(if count == 0 { exit::NO_INPUT } else { exit::OK })
}

fn removed(store: &Store, options: &Options) -> io::Result<u8> {
    if options.selection == Selection::default() {
        return Err(refused("rm needs an origin, an id or a time"));
    }
    let found = remove::remove(store, &options.selection, true)?;
    if found.archives > 0 && !options.yes && !agreed(&found)? {
        return Ok(exit::OK);
    }
    let done = remove::remove(store, &options.selection, false)?;
    complain(&format!("removed {}, left {} open and {} held", done.archives, done.open, done.held));
    let all = done.archives > 0 && done.open + done.held == 0;
    Ok(if all { exit::OK } else { exit::NO_INPUT })
}

fn agreed(found: &remove::Removed) -> io::Result<bool> {
    write!(io::stderr(), "Remove {} archives, {}, for good? [y/N] ", found.archives, list::bytes(found.bytes))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The origins that the argument of a call restricts it to; `None` when there is no argument.
///
/// # Errors
/// An argument that is not encoded as Qubes OS does it, or names what cannot be a qube.
pub fn origins(argument: &str) -> io::Result<Option<Vec<QubeName>>> {
    let wrong = || refused("the argument is not an encoded name of a qube");
    let items = argument::decode(argument).filter(|items| items.len() <= ORIGINS).ok_or_else(wrong)?;
    let names = items.into_iter().map(|item| QubeName::parse(std::str::from_utf8(&item).ok()?));
    let mut names = names.collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    names.sort();
    names.dedup();
    Ok((!names.is_empty()).then_some(names))
}

fn called_with() -> io::Result<Option<Vec<QubeName>>> {
    let argument = std::env::var_os("QREXEC_SERVICE_ARGUMENT").unwrap_or_default();
    origins(argument.to_str().unwrap_or("-"))
}

fn serve_list(store: &Store, out: &mut dyn Write) -> io::Result<u8> {
    let origins = called_with()?;
    let scope = Scope { origins: origins.as_deref(), from: None };
    listed(store, scope, &Selection::default(), true, out)
}

fn serve_fetch(store: &Store, out: BufWriter<File>) -> io::Result<u8> {
    let origins = called_with()?;
    let scope = Scope { origins: origins.as_deref(), from: None };
    let mut input = BufReader::with_capacity(4096, own(io::stdin())?);
    let selection = Selection::read(&mut input, SystemTime::now())?;
    let input = selection.ended.then(|| input.into_inner());
    let watched = out.get_ref().try_clone()?;
    fetch(store, scope, &selection, out, watched, input)
}

/// Streams what is selected; `watched` is the same as `out`, and `input` is where the caller may still be heard.
fn fetch(
    store: &Store,
    scope: Scope<'_>,
    selection: &Selection,
    out: BufWriter<File>,
    watched: File,
    input: Option<File>,
) -> io::Result<u8> {
    let from = selection.follow.map(|_| follow::new_from(SystemTime::now()));
    let mut fetch = Fetch::new(store, out, from);
    fetch.send(scope, selection)?;
    if let (Some(Lease(lease)), Some(from)) = (selection.follow, from) {
        let mut caller = Caller::new(input, watched.as_fd(), lease);
        Follow::new(store, scope, selection, &mut fetch, from)?.run(&mut caller)?;
    }
    fetch.finish().map(outcome)
}

fn outcome(complete: bool) -> u8 {
    if complete { exit::OK } else { exit::NO_INPUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_names_origins() {
        let names = |argument| origins(argument).unwrap().map(|names| names.iter().map(ToString::to_string).collect());
        assert_eq!(names(""), None::<Vec<_>>);
        assert_eq!(names("sys--net+work+work"), Some(vec!["sys-net".to_owned(), "work".to_owned()]));
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("{}a", "a+".repeat(32_499));
        for argument in ["-", "+", "work+", "-2E-2E", "..", "work-2F..", "sys-net", "-00", &long, &"a".repeat(65_000)] {
            assert!(origins(argument).is_err(), "{}", argument.len());
        }
    }
}
