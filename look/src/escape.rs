//! Makes text from logs harmless to print: what a terminal could obey, hide or reorder becomes a visible mark.
//!
//! Marked are control characters (C0, C1, DEL), format characters (bidirectional controls, zero-width characters, tags),
//! line and paragraph separators, private and unassigned characters, everything that Unicode lets a program not draw
//! (`Default_Ignorable_Code_Point`), and bytes that are no UTF-8. What is left has a known width.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_width::UnicodeWidthChar;

/// A cell of the screen holds at most this many characters of no width besides its own one; more become marks.
pub const MAX_COMBINING: usize = 4;

/// How marks and tabs look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Only printable ASCII comes out: `^[`, `<U+202E>`, and the same for letters that are not ASCII; arrows and the
    /// ellipsis are spelled `->` and `...`.
    pub ascii: bool,
    /// A tab becomes blanks up to the next multiple of so many columns; with 0 it becomes a mark.
    pub tab: u8,
}

impl Default for Form {
    fn default() -> Self {
        Self { ascii: false, tab: 8 }
    }
}

/// What one character (with those that combine with it) or one byte of the input became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What to print.
    pub text: Cow<'a, str>,
    /// Columns it takes.
    pub width: usize,
    /// Whether it is a mark, which stands for something else.
    pub mark: bool,
    /// The bytes of the input it stands for; none for the mark that says that more follows.
    pub at: Range<usize>,
}

/// Reads `bytes` as UTF-8 and yields harmless pieces, one at a time: who stops has looked at no more of the input.
/// Every piece is at least one column wide and stands for at most 20 bytes.
#[must_use]
pub const fn pieces(bytes: &[u8], form: Form) -> Pieces<'_> {
    Pieces { bytes, form, position: 0, column: 0 }
}

/// Iterator of [`pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    bytes: &'a [u8],
    form: Form,
    position: usize,
    column: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.bytes.get(self.position..)?;
        let first = *rest.first()?;
        let (text, width, length) = match decode(rest) {
            Some('\t') if self.form.tab > 0 => return Some(self.tab()),
            Some(c) => match plain_width(c, self.form) {
                Some(width) => (cell(rest, c, self.form), width, None),
                None => (Cow::Owned(mark(c, self.form)), 0, Some(c.len_utf8())),
            },
            None => (Cow::Owned(format!("\\x{first:02x}")), 0, Some(1)),
        };
        let width = if length.is_some() { text.chars().count() } else { width };
        Some(self.advance(text, width, length))
    }
}

impl<'a> Pieces<'a> {
    /// The piece for a mark that stands for `length` bytes, or for text that stands for itself.
    fn advance(&mut self, text: Cow<'a, str>, width: usize, length: Option<usize>) -> Piece<'a> {
        let start = self.position;
        self.position += length.unwrap_or(text.len());
        self.column += width;
        Piece { text, width, mark: length.is_some(), at: start..self.position }
    }

    fn tab(&mut self) -> Piece<'a> {
        let stop = usize::from(self.form.tab);
        let width = stop - self.column % stop;
        let blanks = Cow::Owned(" ".repeat(width));
        Piece { mark: false, ..self.advance(blanks, width, Some(1)) }
    }
}

/// The character that starts `bytes`; none where they are no UTF-8 (RFC 3629: no overlong forms, no surrogates).
fn decode(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// The text of the character `first` and of those that combine with it.
fn cell(bytes: &[u8], first: char, form: Form) -> Cow<'_, str> {
    let mut length = first.len_utf8();
    for _ in 0..if form.ascii { 0 } else { MAX_COMBINING } {
        let next = bytes.get(length..).and_then(decode);
        match next.filter(|c| !is_hidden(*c) && c.width() == Some(0)) {
            Some(c) => length += c.len_utf8(),
            None => break,
        }
    }
    bytes.get(..length).map_or(Cow::Borrowed(""), String::from_utf8_lossy)
}

/// Whether a character can be printed as it is, alone or with the one before it.
#[must_use]
pub fn is_plain(c: char) -> bool {
    !is_hidden(c)
}

/// The columns of a character that can start a cell and be printed as it is.
fn plain_width(c: char, form: Form) -> Option<usize> {
    match c {
        ' '..='~' => Some(1),
        _ if form.ascii || is_hidden(c) => None,
        _ => c.width().filter(|width| *width > 0),
    }
}

/// Characters that are never printed as they are: other, separators of lines and paragraphs, what programs may leave
/// out (general categories and properties of UAX 44), and skin tones, which change the width of what is before them.
fn is_hidden(c: char) -> bool {
    static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{Other}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}]").expect("a valid class")
    });
    match c {
        ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' => false,
        _ => HIDDEN.is_match(c.encode_utf8(&mut [0; 4])),
    }
}

/// The mark that stands for a character: control pictures, caret notation, or the code point.
fn mark(c: char, form: Form) -> String {
    let code = u32::from(c);
    if let Some(spelling) = spelling(c).filter(|_| form.ascii) {
        return spelling.to_owned();
    }
    match (c, form.ascii) {
        ('\0'..='\x1f', false) => char::from_u32(0x2400 + code).map_or_else(String::new, String::from),
        ('\x7f', false) => "␡".to_owned(),
        ('\0'..='\x1f', true) => char::from_u32(0x40 + code).map_or_else(String::new, |c| format!("^{c}")),
        ('\x7f', true) => "^?".to_owned(),
        (_, false) => format!("⟨U+{code:04X}⟩"),
        (_, true) => format!("<U+{code:04X}>"),
    }
}

/// How signs that lines about connections are made of are usually written in ASCII.
const fn spelling(c: char) -> Option<&'static str> {
    match c {
        '→' => Some("->"),
        '↑' => Some("^"),
        '↓' => Some("v"),
        '…' => Some("..."),
        'µ' => Some("u"),
        _ => None,
    }
}

/// Appends `bytes` to `out`, harmless.
pub fn escape_to(out: &mut String, bytes: &[u8], form: Form) {
    match ascii(bytes) {
        Some(text) => out.push_str(text),
        None => pieces(bytes, form).for_each(|piece| out.push_str(&piece.text)),
    }
}

/// `bytes` as harmless text; borrowed when all of it is printable ASCII.
#[must_use]
pub fn escape(bytes: &[u8], form: Form) -> Cow<'_, str> {
    if let Some(text) = ascii(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len());
    escape_to(&mut out, bytes, form);
    Cow::Owned(out)
}

/// `bytes` as text if all of them are printable ASCII, which is the common case.
fn ascii(bytes: &[u8]) -> Option<&str> {
    let printable = bytes.iter().all(|byte| (0x20..=0x7e).contains(byte));
    if printable { std::str::from_utf8(bytes).ok() } else { None }
}

/// The part of a line that is visible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut<'a> {
    /// What to print, from left to right.
    pub pieces: Vec<Piece<'a>>,
    /// Columns it takes; never more than was asked for.
    pub width: usize,
    /// Whether the line goes on to the right; the last piece is then the mark `…` (in ASCII `>`).
    pub more: bool,
}

impl Cut<'_> {
    /// The text without knowing what is a mark.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_ref()).collect()
    }
}

/// The part of `bytes` in these columns. What lies to the right is not looked at.
#[must_use]
pub fn cut(bytes: &[u8], columns: Range<usize>, form: Form) -> Cut<'_> {
    let mut cut = Cut::default();
    let mut column = 0_usize;
    for piece in pieces(bytes, form) {
        let end = column.saturating_add(piece.width);
        if end > columns.end {
            cut.more = true;
            break;
        }
        if column >= columns.start {
            cut.push(piece);
        } else if end > columns.start {
            // Half of something wide is blank.
            let width = end - columns.start;
            cut.push(Piece { text: Cow::Owned(" ".repeat(width)), width, ..piece });
        }
        column = end;
    }
    if cut.more {
        cut.end_with_ellipsis(columns.len(), form);
    }
    cut
}

impl<'a> Cut<'a> {
    fn push(&mut self, piece: Piece<'a>) {
        self.width += piece.width;
        self.pieces.push(piece);
    }

    fn end_with_ellipsis(&mut self, columns: usize, form: Form) {
        while self.width >= columns {
            let Some(last) = self.pieces.pop() else { return };
            self.width -= last.width;
        }
        let end = self.pieces.last().map_or(0, |piece| piece.at.end);
        let text = Cow::Borrowed(if form.ascii { ">" } else { "…" });
        self.push(Piece { text, width: 1, mark: true, at: end..end });
    }
}

#[cfg(test)]
pub(crate) mod tests;
