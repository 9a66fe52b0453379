//! How soon a full-screen program shows something, has read all of it, and answers keys.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use regex::Regex;

use crate::meter::Meter;
use crate::process::snapshot;
use crate::pty::{Output, Terminal};

/// Longest wait for a first row.
const FIRST: Duration = Duration::from_secs(30);
/// Longest wait for the end of reading.
const LIMIT: Duration = Duration::from_secs(600);
/// How often the CPU time of the process tree is looked at.
const SAMPLE: Duration = Duration::from_millis(100);
/// More CPU time than this between two looks means that it still works: a fifth of a core.
const BUSY: f64 = 0.02;
/// Without work for this long, it has finished.
const CALM: Duration = Duration::from_secs(1);
/// At least so many keys are pressed in a run, even when everything has been read before.
const KEYS: usize = 30;
/// Time between an answer and the next key: a fast key repeat.
const REPEAT: Duration = Duration::from_millis(15);
/// A key without an answer for this long counts as answered then.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was seen in all rounds.
#[derive(Debug, Default)]
pub struct Watched {
    /// Seconds from the start until a record was on the screen.
    pub first: Vec<f64>,
    /// Seconds from the start until everything was read.
    pub complete: Vec<f64>,
    /// CPU seconds until then.
    pub cpu: Vec<f64>,
    /// Peak resident MiB of the largest process.
    pub rss: Vec<f64>,
    /// Milliseconds from a key to its answer, of all rounds.
    pub keys: Vec<f64>,
}

/// A program, what it shows, and how a record of it is known.
pub struct Watch<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: Vec<&'a str>,
    /// A row below the title that matches shows a record.
    pub record: &'a Regex,
}

impl Watch<'_> {
    /// Watches one start without keys, then one with keys for as long as reading took.
    pub fn round(&self, meter: &Meter, watched: &mut Watched) -> Result<(), String> {
        let told = |error: anyhow::Error| format!("{error:#}");
        let mut terminal = self.start(meter).map_err(told)?;
        let first = self.first_row(&mut terminal)?;
        let complete = self.complete(&mut terminal, first, watched);
        terminal.quit().map_err(told)?.then_some(()).ok_or("does not end well after `q`")?;
        watched.first.push(first);
        watched.complete.push(complete);
        let mut terminal = self.start(meter).map_err(told)?;
        self.first_row(&mut terminal)?;
        self.press_keys(&mut terminal, complete, &mut watched.keys).map_err(told)?;
        terminal.quit().map_err(told)?.then_some(()).ok_or_else(|| "does not end well after `q`".to_owned())
    }

    fn start(&self, meter: &Meter) -> Result<Terminal> {
        meter.prepare()?;
        Terminal::start(self.program, &self.arguments, &meter.environment())
    }

    fn shows_record(&self, terminal: &Terminal) -> bool {
        !terminal.painted(|row| self.record.is_match(row)).is_empty()
    }

    fn first_row(&self, terminal: &mut Terminal) -> Result<f64, String> {
        while terminal.start.elapsed() < FIRST {
            match terminal.wait(SAMPLE) {
                Output::Frame(time) if self.shows_record(terminal) => {
                    return Ok((time - terminal.start).as_secs_f64());
                }
                Output::End => return Err(format!("ends with: {}", terminal.rows().join(" ").trim())),
                Output::Frame(_) | Output::Silence => {}
            }
        }
        Err(format!("shows no record within {} s", FIRST.as_secs()))
    }

    /// Seconds until everything is read: when the progress it shows ends or, where it shows none, when it stops working.
    fn complete(&self, terminal: &mut Terminal, first: f64, watched: &mut Watched) -> f64 {
        let mut usage = snapshot(terminal.id());
        let (mut looked, mut worked, mut announced) = (Instant::now(), first, None);
        let mut reading = terminal.rows().iter().any(|row| shows_progress(row));
        while terminal.start.elapsed() < LIMIT {
            if let Output::Frame(time) = terminal.wait(Duration::from_millis(10)) {
                let still = terminal.rows().iter().any(|row| shows_progress(row));
                if reading && !still {
                    announced = Some((time - terminal.start).as_secs_f64());
                }
                reading = still;
            }
            if looked.elapsed() >= SAMPLE {
                let now = snapshot(terminal.id());
                let elapsed = terminal.start.elapsed().as_secs_f64();
                if reading || now.cpu - usage.cpu >= BUSY {
                    worked = elapsed;
                }
                (usage, looked) = (now, Instant::now());
                if elapsed - worked > CALM.as_secs_f64() {
                    break;
                }
            }
        }
        watched.cpu.push(usage.cpu);
        watched.rss.push(usage.rss);
        announced.unwrap_or(worked)
    }

    fn press_keys(&self, terminal: &mut Terminal, seconds: f64, keys: &mut Vec<f64>) -> Result<()> {
        let (start, before) = (terminal.start, keys.len());
        while keys.len() - before < KEYS || start.elapsed().as_secs_f64() < seconds {
            settle(terminal, REPEAT);
            let shown = terminal.painted(shows_time);
            let pressed = Instant::now();
            terminal.press("j")?;
            let answered = answer(terminal, &shown, pressed);
            keys.push((answered - pressed).as_secs_f64() * 1000.0);
        }
        Ok(())
    }
}

/// When the rows with records first differ from `shown`: frames that only move a progress bar do not count.
fn answer(terminal: &mut Terminal, shown: &[String], pressed: Instant) -> Instant {
    while pressed.elapsed() < PATIENCE {
        match terminal.wait(PATIENCE.saturating_sub(pressed.elapsed())) {
            Output::Frame(time) if terminal.painted(shows_time) != shown => return time,
            Output::End => break,
            Output::Frame(_) | Output::Silence => {}
        }
    }
    pressed + PATIENCE
}

/// Shows what arrives during `time`.
fn settle(terminal: &mut Terminal, time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Output::End = terminal.wait(time.saturating_sub(start.elapsed())) {
            return;
        }
    }
}

/// Whether a row has a percentage below 100 that is called read, as in `82% read`.
fn shows_progress(row: &str) -> bool {
    let mut words = row.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let number = word.strip_suffix('%').and_then(|number| number.parse::<u8>().ok());
        if number.is_some_and(|number| number < 100) && words.peek().is_some_and(|next| next.starts_with("read")) {
            return true;
        }
    }
    false
}

/// Whether a row has a time of day, as rows of records do.
fn shows_time(row: &str) -> bool {
    row.as_bytes().windows(8).any(|window| {
        window
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 2 || at == 5 { *byte == b':' } else { byte.is_ascii_digit() })
    })
}
