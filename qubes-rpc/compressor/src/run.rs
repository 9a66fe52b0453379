//! Runs once, or for ever.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use logvm_wire::exit;

use crate::options::{HELP, Options};
use crate::pass::{How, Pass};
use crate::quotas;
use crate::settings::{FILE, Settings};

/// Runs the command line; the exit code.
#[must_use]
pub fn main() -> u8 {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            complain(&error.to_string());
            return exit::USAGE;
        }
    };
    match run(&options) {
        Ok(true) => exit::OK,
        Ok(false) => exit::IO,
        Err(error) => {
            complain(&error.to_string());
            code(&error)
        }
    }
}

fn code(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::InvalidInput => exit::USAGE,
        io::ErrorKind::NotFound => exit::NO_INPUT,
        _ => exit::IO,
    }
}

fn complain(what: &str) {
    let _nobody_is_left_to_be_told = writeln!(io::stderr(), "logvm-compressor: {what}");
}

fn run(options: &Options) -> io::Result<bool> {
    if options.help {
        io::stdout().write_all(HELP.as_bytes())?;
        return Ok(true);
    }
    let home = options.home.clone().or_else(|| std::env::var_os("HOME").map(PathBuf::from));
    let home = home.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "HOME is not set"))?;
    let file = options.settings.clone().unwrap_or_else(|| home.join(FILE));
    if options.ends() {
        return look(&home, &Settings::read(&file)?, options);
    }
    loop {
        // The settings are read each time: a change needs no restart, and a mistake in them no luck.
        let settings = Settings::read(&file);
        let interval = settings.as_ref().map_or_else(|_| Settings::default().interval(), Settings::interval);
        if let Err(error) = settings.and_then(|settings| look(&home, &settings, options)) {
            complain(&error.to_string());
        }
        std::thread::sleep(interval);
    }
}

/// Looks at everything once. There is nothing to do where nothing is stored.
fn look(home: &Path, settings: &Settings, options: &Options) -> io::Result<bool> {
    let quotas = quotas::load(home, settings, options.dry)?;
    let pass = match Pass::open(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        pass => pass?,
    };
    let how =
        How { dry: options.dry, forget: options.forget.as_ref(), ..How::new(settings, &quotas, SystemTime::now()) };
    let mut out = io::stdout().lock();
    pass.run(&how, &mut |origin, what| {
        let _said = writeln!(out, "{origin}: {what}");
    })
}
