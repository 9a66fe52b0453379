//! Prints lines with their names, numbers and context; every byte from a log is escaped.

use std::io::{self, Write};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};
use regex::bytes::Regex;

use super::Options;
use crate::escape::{Form, escape};

const MATCH_START: &str = "\x1b[1;31m";
const MATCH_END: &str = "\x1b[0m";

/// Where the output of one source stands.
pub struct Output<'a> {
    options: &'a Options,
    regex: &'a Regex,
    name: String,
    /// Lines in the pieces before this one.
    lines_before: u64,
    /// A place in this piece, and how many lines end before it.
    counted: (usize, u64),
    /// Everything of this piece up to here has been printed or skipped.
    done: usize,
    /// Lines that are still to be printed as context after a match.
    owed: usize,
    /// The last lines of the piece before, for context before a match.
    history: Vec<u8>,
    /// Whether lines were left out since the last printed one; `None` when nothing was printed, of no source.
    gap: Option<bool>,
}

impl<'a> Output<'a> {
    pub fn new(options: &'a Options, regex: &'a Regex, name: &str, follows: bool) -> Self {
        let name = escape(name.as_bytes(), form(options)).into_owned();
        let history = Vec::new();
        Self {
            options,
            regex,
            name,
            lines_before: 0,
            counted: (0, 0),
            done: 0,
            owed: 0,
            history,
            gap: follows.then_some(true),
        }
    }

    /// Whether lines were printed, of this source or of one before.
    pub const fn has_printed(&self) -> bool {
        self.gap.is_some()
    }

    /// Whether context after a match has still to be printed.
    pub const fn owes_context(&self) -> bool {
        self.owed > 0
    }

    /// Prints a selected line with the context that is due before it.
    pub fn selected(&mut self, piece: &[u8], line: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        self.pay_context(piece, line.start, out)?;
        self.context_before(piece, line.start, out)?;
        self.print(piece, line.clone(), ':', out)?;
        self.done = (line.end + 1).min(piece.len());
        self.owed = self.options.after;
        Ok(())
    }

    /// Prints what is due of the rest of the piece, and remembers what the next one may need.
    pub fn end_of_piece(&mut self, piece: &[u8], out: &mut dyn Write) -> io::Result<()> {
        self.pay_context(piece, piece.len(), out)?;
        let start = last_lines(piece, self.done, piece.len(), self.options.before);
        if self.done < start {
            self.gap = self.gap.map(|_| true);
            self.history.clear();
        }
        self.history.extend_from_slice(&piece[start..]);
        let keep = last_lines(&self.history, 0, self.history.len(), self.options.before);
        if keep > 0 {
            self.gap = self.gap.map(|_| true);
            self.history.drain(..keep);
        }
        if self.options.line_numbers {
            self.lines_before += memchr_iter(b'\n', piece).count() as u64;
        }
        self.counted = (0, 0);
        self.done = 0;
        Ok(())
    }

    /// Prints the name of the source.
    pub fn name_line(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.name)
    }

    /// Prints how many lines were selected.
    pub fn count_line(&self, count: u64, out: &mut dyn Write) -> io::Result<()> {
        if self.options.names { writeln!(out, "{}:{count}", self.name) } else { writeln!(out, "{count}") }
    }

    /// Context after the last match, as far as `end`.
    fn pay_context(&mut self, piece: &[u8], end: usize, out: &mut dyn Write) -> io::Result<()> {
        while self.owed > 0 && self.done < end {
            self.owed -= 1;
            let length = memchr(b'\n', &piece[self.done..end]).unwrap_or(end - self.done);
            let line = self.done..self.done + length;
            self.done = (line.end + 1).min(end);
            self.print(piece, line, '-', out)?;
        }
        Ok(())
    }

    /// Context before a match that starts at `start`, from this piece and the one before.
    fn context_before(&mut self, piece: &[u8], start: usize, out: &mut dyn Write) -> io::Result<()> {
        let from = last_lines(piece, self.done, start, self.options.before);
        let here = memchr_iter(b'\n', &piece[from..start]).count();
        let history = std::mem::take(&mut self.history);
        let reach = if from == self.done && self.done == 0 { self.options.before - here } else { 0 };
        let old = last_lines(&history, 0, history.len(), reach);
        let skipped = old > 0 || (from > self.done && self.done > 0) || (self.done == 0 && from > 0);
        self.separate(skipped, out)?;
        let mut back = memchr_iter(b'\n', &history[old..]).count() as u64;
        for line in history[old..].split_inclusive(|b| *b == b'\n') {
            self.print_numbered(line.strip_suffix(b"\n").unwrap_or(line), self.lines_before + 1 - back, '-', out)?;
            back -= 1;
        }
        let mut at = from;
        while at < start {
            let length = memchr(b'\n', &piece[at..start]).unwrap_or(start - at);
            self.print(piece, at..at + length, '-', out)?;
            at += length + 1;
        }
        Ok(())
    }

    fn separate(&mut self, skipped: bool, out: &mut dyn Write) -> io::Result<()> {
        let context = self.options.before > 0 || self.options.after > 0;
        if context && self.gap.is_some_and(|gap| gap || skipped) {
            writeln!(out, "--")?;
        }
        self.gap = Some(false);
        Ok(())
    }

    fn print(&mut self, piece: &[u8], line: Range<usize>, mark: char, out: &mut dyn Write) -> io::Result<()> {
        let number = if self.options.line_numbers { self.number(piece, line.start) } else { 0 };
        self.print_numbered(&piece[line], number, mark, out)
    }

    /// The number of the line that starts at `start`, from 1.
    fn number(&mut self, piece: &[u8], start: usize) -> u64 {
        let (place, lines) = self.counted;
        let lines = lines + memchr_iter(b'\n', &piece[place..start]).count() as u64;
        self.counted = (start, lines);
        self.lines_before + lines + 1
    }

    fn print_numbered(&self, line: &[u8], number: u64, mark: char, out: &mut dyn Write) -> io::Result<()> {
        let hit = mark == ':' && !self.options.invert;
        if !hit || !self.options.only_matching {
            self.head(number, mark, out)?;
            self.text(line, hit && self.options.color, out)?;
            return out.write_all(b"\n");
        }
        for hit in self.regex.find_iter(line).filter(|hit| !hit.is_empty()) {
            self.head(number, mark, out)?;
            self.text(hit.as_bytes(), self.options.color, out)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn head(&self, number: u64, mark: char, out: &mut dyn Write) -> io::Result<()> {
        if self.options.names {
            write!(out, "{}{mark}", self.name)?;
        }
        if self.options.line_numbers {
            write!(out, "{number}{mark}")?;
        }
        Ok(())
    }

    fn text(&self, line: &[u8], color: bool, out: &mut dyn Write) -> io::Result<()> {
        if !color {
            return self.plain(line, out);
        }
        let mut at = 0;
        for hit in self.regex.find_iter(line).filter(|hit| !hit.is_empty()) {
            self.plain(&line[at..hit.start()], out)?;
            out.write_all(MATCH_START.as_bytes())?;
            self.plain(hit.as_bytes(), out)?;
            out.write_all(MATCH_END.as_bytes())?;
            at = hit.end();
        }
        self.plain(&line[at..], out)
    }

    fn plain(&self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(escape(bytes, form(self.options)).as_bytes())
    }
}

const fn form(options: &Options) -> Form {
    Form { ascii: options.ascii, tab: 8 }
}

/// Where the last `count` lines before `end` start, but not before `from`. `end` is the start of a line.
fn last_lines(bytes: &[u8], from: usize, end: usize, count: usize) -> usize {
    let mut start = end;
    for _ in 0..count {
        if start <= from {
            break;
        }
        start = memrchr(b'\n', &bytes[from..start - 1]).map_or(from, |newline| from + newline + 1);
    }
    start
}
