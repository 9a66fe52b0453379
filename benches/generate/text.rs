//! Text logs: syslog lines with a time in front, as they are and as a LogVM stores them.

use std::io::{self, Write};

use super::clock::{Clock, START, push};
use super::message::message;
use super::random::Random;
use super::{Facts, PACE};

/// How a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `2025-08-31T00:00:00.183307Z host proc[pid]: message`
    Plain,
    /// `2025-08-31T00:00:00.183307Z<TAB>Aug 31 00:00:00 host proc[pid]: message`: the time of receipt, a tab, and the
    /// line as the sender wrote it.
    Relayed,
}

const HOSTS: &[&str] = &["work", "personal", "sys-net", "sys-firewall"];
const MEAN_LINE: u64 = 130;

/// Writes whole lines until `bytes` are reached.
pub fn write(style: Style, seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Facts> {
    let mut random = Random::new(seed);
    let mut clock = Clock::default();
    let mut time = START;
    let (mut line, mut written, mut records) = (String::new(), 0, 0);
    while written < bytes {
        time += random.below(2 * PACE * MEAN_LINE);
        line.clear();
        append(style, time, &mut clock, &mut random, &mut line);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        records += 1;
    }
    Ok(Facts { records, flows: 0 })
}

fn append(style: Style, time: u64, clock: &mut Clock, random: &mut Random, line: &mut String) {
    clock.iso_microseconds(time, line);
    match style {
        Style::Plain => line.push_str("Z "),
        Style::Relayed => {
            line.push_str("Z\t");
            clock.syslog(time - random.between(1_000, 400_000), line);
            line.push(' ');
        }
    }
    let said = message(random);
    let (host, pid) = (random.pick(HOSTS), random.between(300, 9_999));
    push(line, format_args!("{host} {}[{pid}]: {}\n", said.program, said.text));
}
