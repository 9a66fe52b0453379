//! What the command line names, as inputs to read.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::{args, when};
use crate::civil;
use crate::escape::{Form, escape};
use crate::ingest::{Input, Options, Reading};
use crate::query::Context;
use crate::record::Precision;
use crate::report::Rejected;
use crate::source::QubeArchive;
use crate::store::Snapshot;

/// The bundled archive: a recording of a simulated network of qubes.
pub const DEMO: &[u8] = include_bytes!("../../demo/archive.tar.zst");

/// The path that stands for the bundled archive.
const DEMO_PATH: &str = "demo:";

/// The bundled archive as an input.
pub fn demo() -> Vec<Input> {
    vec![Input::Memory("demo", DEMO)]
}

/// The inputs that paths stand for.
///
/// # Errors
/// When the address of an archive in another qube is wrong.
pub fn inputs(paths: &[PathBuf]) -> anyhow::Result<Vec<Input>> {
    paths.iter().map(|path| input(path)).collect()
}

fn input(path: &Path) -> anyhow::Result<Input> {
    let text = path.to_str().unwrap_or_default();
    match text {
        "-" => return Ok(Input::Stdin),
        DEMO_PATH => return Ok(Input::Memory("demo", DEMO)),
        _ => {}
    }
    match QubeArchive::parse(text) {
        Some(Ok(archive)) => Ok(Input::Qube(with_times(archive)?)),
        Some(Err(problem)) => bail!("{text}: {problem}"),
        None => Ok(Input::Path(path.to_path_buf())),
    }
}

/// Turns `since=yesterday` into a time that the service understands.
fn with_times(mut archive: QubeArchive) -> anyhow::Result<QubeArchive> {
    for (_, value) in archive.selection.iter_mut().filter(|(key, _)| key == "since" || key == "until") {
        let today = when::moment("today", &Context::default())?;
        let moment = when::moment(value, &Context { day: Some(today), ..Context::default() })?;
        *value = civil::rfc3339(moment, Precision::Microsecond);
    }
    Ok(archive)
}

/// How to read, as the command line says.
pub fn options(reading: &args::Reading) -> Options {
    let mut options = Options { origin: reading.origin.clone(), ..Options::default() };
    if let Some(mebibytes) = reading.memory {
        options.memory = mebibytes.saturating_mul(1 << 20);
    }
    options
}

/// Reads all of an archive; gives also the seconds it took.
///
/// # Errors
/// When nothing of what the paths name exists.
pub fn read(archive: &args::Archive) -> anyhow::Result<(Snapshot, f64)> {
    let inputs = inputs(&archive.paths)?;
    check_existence(&inputs)?;
    let reading = Reading::start(inputs, options(&archive.reading));
    reading.wait();
    Ok((reading.store().snapshot(), reading.progress().seconds))
}

/// Refuses inputs of which none exists: that is a slip of the pen, where one missing among others is a gap in what can
/// be read.
///
/// # Errors
/// When none exists; it names them.
pub fn check_existence(inputs: &[Input]) -> anyhow::Result<()> {
    let missing = |input: &Input| match input {
        Input::Path(path) => path.symlink_metadata().err().map(|error| format!("{}: {error}", path.display())),
        Input::Stdin | Input::Memory(..) | Input::Qube(_) => None,
    };
    match inputs.iter().map(missing).collect::<Option<Vec<_>>>() {
        Some(all) => bail!("{}", all.join("\n")),
        None => Ok(()),
    }
}

/// Standard output, buffered.
pub fn stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(64 * 1024, io::stdout())
}

/// Tells on standard error what could not be read. Gives whether there was anything.
pub fn report_problems(snapshot: &Snapshot) -> bool {
    let mut partial = false;
    for table in snapshot.tables() {
        let info = &table.info;
        for error in &info.errors {
            complain(&info.name, error);
        }
        if info.rejected > 0 {
            complain(&info.name, &Rejected::of(info).to_string());
        }
        partial |= info.rejected > 0 || !info.errors.is_empty();
    }
    partial
}

/// Writes a problem with a source to standard error.
pub fn complain(name: &str, problem: &str) {
    let text = format!("logvm: {name}: {problem}");
    let _ = writeln!(io::stderr(), "{}", escape(text.as_bytes(), Form::default()));
}
