//! Greps text as grep and ripgrep do: whole buffers are searched, and hits are mapped to lines.

mod lines;
mod output;
mod visit;

use std::io::{self, Write};

use regex::bytes::{Regex, RegexBuilder};

pub use visit::{GrepVisitor, Outcome};

use lines::Lines;
use output::Output;

/// What to look for, and what to print of it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Patterns; a line matches when one of them does.
    pub patterns: Vec<String>,
    /// `-F`: patterns are literal text.
    pub fixed: bool,
    /// `-i`: letters match in either case.
    pub ignore_case: bool,
    /// `-S`: as `-i`, unless a pattern has a capital letter.
    pub smart_case: bool,
    /// `-w`: matches are whole words.
    pub word: bool,
    /// `-v`: lines that do not match.
    pub invert: bool,
    /// `-c`: only the number of lines of each source.
    pub count: bool,
    /// `-l`: only the names of sources that have a line.
    pub list: bool,
    /// `-q`: nothing is printed.
    pub quiet: bool,
    /// `-o`: only the matching parts.
    pub only_matching: bool,
    /// `-n`: with line numbers.
    pub line_numbers: bool,
    /// With the name of the source before each line.
    pub names: bool,
    /// `-B`: lines before each match.
    pub before: usize,
    /// `-A`: lines after each match.
    pub after: usize,
    /// `-m`: at most this many lines of each source.
    pub max_count: Option<u64>,
    /// Matches are marked by colour.
    pub color: bool,
    /// Only ASCII is printed.
    pub ascii: bool,
}

impl Options {
    /// The patterns as one regular expression over bytes.
    ///
    /// # Errors
    /// When a pattern is no regular expression, or too large a one; the error shows the pattern as it was given.
    pub fn regex(&self) -> Result<Regex, regex::Error> {
        for pattern in self.patterns.iter().filter(|_| !self.fixed) {
            Regex::new(pattern)?;
        }
        let one = |pattern: &String| {
            let pattern = if self.fixed { regex::escape(pattern) } else { format!("(?:{pattern})") };
            if self.word { format!(r"\b{{start-half}}(?:{pattern})\b{{end-half}}") } else { pattern }
        };
        let all: Vec<String> = self.patterns.iter().map(one).collect();
        let capital = || self.patterns.iter().any(|pattern| pattern.chars().any(char::is_uppercase));
        RegexBuilder::new(&all.join("|"))
            .multi_line(true)
            .case_insensitive(self.ignore_case || (self.smart_case && !capital()))
            .size_limit(64 << 20)
            .build()
    }
}

/// Greps one source, which is fed in pieces of whole lines.
pub struct Grep<'a> {
    options: &'a Options,
    regex: &'a Regex,
    output: Output<'a>,
    selected: u64,
}

impl<'a> Grep<'a> {
    /// Starts with the first line of the source called `name`; `follows` when lines of another one were printed.
    #[must_use]
    pub fn new(options: &'a Options, regex: &'a Regex, name: &str, follows: bool) -> Self {
        Self { options, regex, output: Output::new(options, regex, name, follows), selected: 0 }
    }

    /// Whether lines were printed, of this source or of one before.
    #[must_use]
    pub const fn has_printed(&self) -> bool {
        self.output.has_printed()
    }

    /// Whether more of the source can change nothing in what is printed.
    #[must_use]
    pub fn satisfied(&self) -> bool {
        let first_is_enough = self.selected > 0 && (self.options.list || self.options.quiet);
        first_is_enough || self.exhausted() && !self.output.owes_context()
    }

    fn exhausted(&self) -> bool {
        self.options.max_count.is_some_and(|most| self.selected >= most)
    }

    /// Searches a piece that ends with a newline, or with the source.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn feed(&mut self, piece: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let silent = self.options.count || self.options.list || self.options.quiet;
        let mut lines = Lines::new(self.regex, piece, self.options.invert);
        while !self.satisfied() && !self.exhausted() {
            let Some(line) = lines.next() else { break };
            self.selected += 1;
            if !silent {
                self.output.selected(piece, line, out)?;
            }
        }
        if silent { Ok(()) } else { self.output.end_of_piece(piece, out) }
    }

    /// Prints what is due at the end of the source: its count or its name.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<u64> {
        if self.options.quiet {
            return Ok(self.selected);
        }
        if self.options.list {
            if self.selected > 0 {
                self.output.name_line(out)?;
            }
        } else if self.options.count && self.selected > 0 {
            self.output.count_line(self.selected, out)?;
        }
        Ok(self.selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(options: &Options, pieces: &[&[u8]]) -> String {
        let regex = options.regex().expect("the pattern is valid");
        let mut grep = Grep::new(options, &regex, "file", false);
        let mut out = Vec::new();
        for piece in pieces {
            grep.feed(piece, &mut out).expect("writing to memory works");
        }
        grep.finish(&mut out).expect("writing to memory works");
        String::from_utf8(out).expect("the output is UTF-8")
    }

    fn options(pattern: &str) -> Options {
        Options { patterns: vec![pattern.to_owned()], ..Options::default() }
    }

    const TEXT: &[u8] = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

    #[test]
    fn prints_matching_lines() {
        assert_eq!(run(&options("e$"), &[TEXT]), "one\nthree\nfive\n");
        assert_eq!(run(&Options { invert: true, ..options("e") }, &[TEXT]), "two\nfour\nsix\n");
        assert_eq!(run(&Options { count: true, ..options("o") }, &[TEXT]), "3\n");
        assert_eq!(run(&Options { list: true, ..options("o") }, &[TEXT]), "file\n");
        assert_eq!(run(&Options { only_matching: true, ..options("[ou].?") }, &[TEXT]), "on\no\nou\n");
        assert_eq!(run(&Options { max_count: Some(2), ..options("e") }, &[TEXT]), "one\nthree\n");
    }

    #[test]
    fn context_is_marked_and_separated() {
        let with = |before, after| Options { before, after, line_numbers: true, ..options("two|six") };
        assert_eq!(run(&with(1, 1), &[TEXT]), "1-one\n2:two\n3-three\n--\n5-five\n6:six\n7-seven\n");
        assert_eq!(run(&with(0, 3), &[TEXT]), "2:two\n3-three\n4-four\n5-five\n6:six\n7-seven\n");
    }

    #[test]
    fn a_match_never_spans_lines() {
        assert_eq!(run(&options(r"one\s+two"), &[TEXT]), "");
        assert_eq!(run(&options(r"o[^x]*e"), &[b"o\no e\nx\n"]), "o e\n");
        assert_eq!(run(&options(r"two\s*"), &[TEXT]), "two\n");
    }

    #[test]
    fn control_bytes_are_inert() {
        assert!(!run(&options("x"), &[b"x\x1b[31mred\x9b\n"]).contains('\x1b'));
    }

    proptest! {
        /// Whatever the pieces and the options, the output is that of a line-by-line search.
        #[test]
        fn equals_the_naive_search(lines in prop::collection::vec("[ab ]{0,4}", 0..30), cuts in prop::collection::vec(0..30usize, 0..4),
                                   pattern in prop::sample::select(vec!["a", "ab", "^b", "a$", r"a\s", r"b\W*a", "", "[^a]b"]),
                                   invert in any::<bool>(), before in 0..3usize, after in 0..3usize) {
            let options = Options { invert, before, after, line_numbers: true, ..options(pattern) };
            let mut pieces: Vec<Vec<u8>> = vec![Vec::new()];
            for (index, line) in lines.iter().enumerate() {
                if cuts.contains(&index) {
                    pieces.push(Vec::new());
                }
                pieces.last_mut().expect("there is a piece").extend([line.as_bytes(), b"\n"].concat());
            }
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(run(&options, &pieces), naive(&options, &lines));
        }
    }

    fn naive(options: &Options, lines: &[String]) -> String {
        let regex = options.regex().expect("the pattern is valid");
        let hit = |line: &String| regex.is_match(line.as_bytes()) != options.invert;
        let hits: Vec<usize> = (0..lines.len()).filter(|i| hit(&lines[*i])).collect();
        let shown = |i: usize| hits.iter().any(|h| i + options.before >= *h && i <= h + options.after);
        let (mut out, mut last) = (String::new(), None);
        for (i, line) in lines.iter().enumerate().filter(|(i, _)| shown(*i)) {
            if last.is_some_and(|last| last + 1 < i) && (options.before > 0 || options.after > 0) {
                out.push_str("--\n");
            }
            last = Some(i);
            let mark = if hits.contains(&i) { ':' } else { '-' };
            out.push_str(&format!("{}{mark}{line}\n", i + 1));
        }
        out
    }
}
