//! Splits an expression into words, strings, regular expressions and operators.

use std::ops::Range;

use super::Error;

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 8_192;

/// A piece of an expression and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the expression.
    pub at: Range<usize>,
    /// What it is.
    pub what: Piece,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bare characters: a field, a value, or something to look for.
    Word(String),
    /// A string in double quotes, without them and with its escapes resolved.
    Quoted(String),
    /// A regular expression between slashes, and whether `i` follows (ignore case).
    Regex(String, bool),
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`, `~` or their words, `contains`, `in`.
    Compare(Comparison),
    /// `and` or `&&`.
    And,
    /// `or` or `||`.
    Or,
    /// `not` or `!`.
    Not,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `{`.
    OpenSet,
    /// `}`.
    CloseSet,
    /// `,`.
    Comma,
    /// `..`.
    To,
}

/// A comparison of a field with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// A value is equal.
    Equal,
    /// No value is equal.
    NotEqual,
    /// A value is lower.
    Less,
    /// A value is lower or equal.
    LessOrEqual,
    /// A value is higher.
    Greater,
    /// A value is higher or equal.
    GreaterOrEqual,
    /// A value contains the text.
    Contains,
    /// A value matches the regular expression.
    Matches,
    /// A value is one of a set.
    In,
}

/// The operators, as completion offers them.
pub const OPERATORS: &[(&str, &str)] = &[
    ("==", "a value is equal"),
    ("!=", "no value is equal"),
    ("<", "a value is lower"),
    ("<=", "a value is lower or equal"),
    (">", "a value is higher"),
    (">=", "a value is higher or equal"),
    ("contains", "a value contains this text"),
    ("matches", "a value matches this regular expression, whatever its case"),
    ("in", "a value is one of {a, b, c..d}"),
];

const WORDS: &[(&str, Piece)] = &[
    ("eq", Piece::Compare(Comparison::Equal)),
    ("ne", Piece::Compare(Comparison::NotEqual)),
    ("lt", Piece::Compare(Comparison::Less)),
    ("le", Piece::Compare(Comparison::LessOrEqual)),
    ("gt", Piece::Compare(Comparison::Greater)),
    ("ge", Piece::Compare(Comparison::GreaterOrEqual)),
    ("contains", Piece::Compare(Comparison::Contains)),
    ("matches", Piece::Compare(Comparison::Matches)),
    ("in", Piece::Compare(Comparison::In)),
    ("and", Piece::And),
    ("or", Piece::Or),
    ("not", Piece::Not),
];

const SIGNS: &[(&str, Piece)] = &[
    ("==", Piece::Compare(Comparison::Equal)),
    ("!=", Piece::Compare(Comparison::NotEqual)),
    ("<=", Piece::Compare(Comparison::LessOrEqual)),
    (">=", Piece::Compare(Comparison::GreaterOrEqual)),
    ("&&", Piece::And),
    ("||", Piece::Or),
    ("..", Piece::To),
    ("<", Piece::Compare(Comparison::Less)),
    (">", Piece::Compare(Comparison::Greater)),
    ("~", Piece::Compare(Comparison::Matches)),
    ("!", Piece::Not),
    ("(", Piece::Open),
    (")", Piece::Close),
    ("{", Piece::OpenSet),
    ("}", Piece::CloseSet),
    (",", Piece::Comma),
];

/// The tokens of an expression.
///
/// # Errors
/// When it is too long, a string or regular expression does not end, or a sign means nothing.
pub fn tokens(expression: &str) -> Result<Vec<Token>, Error> {
    if expression.len() > MAX_LENGTH {
        let message = format!("an expression has at most {MAX_LENGTH} bytes, this one has {}", expression.len());
        return Err(Error { at: MAX_LENGTH..expression.len(), message });
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(start) = expression[at..].find(|c: char| !c.is_whitespace()).map(|skip| at + skip) {
        let value_expected = tokens.last().is_some_and(|last| takes_value(&last.what));
        let token = token(expression, start, value_expected)?;
        at = token.at.end;
        tokens.push(token);
    }
    Ok(tokens)
}

/// Whether a value follows: `/` then begins a path, not a regular expression.
const fn takes_value(piece: &Piece) -> bool {
    match piece {
        Piece::Compare(comparison) => !matches!(comparison, Comparison::Matches),
        Piece::OpenSet | Piece::Comma | Piece::To => true,
        _ => false,
    }
}

fn token(expression: &str, start: usize, value_expected: bool) -> Result<Token, Error> {
    let rest = &expression[start..];
    if rest.starts_with('"') {
        return quoted(expression, start);
    }
    if rest.starts_with('/') && !value_expected {
        return regex(expression, start);
    }
    if let Some((sign, piece)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok(Token { at: start..start + sign.len(), what: piece.clone() });
    }
    let length = word_length(rest);
    let Some(word) = rest.get(..length).filter(|word| !word.is_empty()) else { return Err(lone_sign(rest, start)) };
    let named = WORDS.iter().find(|(name, _)| !value_expected && *name == word);
    let what = named.map_or_else(|| Piece::Word(word.to_owned()), |(_, piece)| piece.clone());
    Ok(Token { at: start..start + length, what })
}

fn word_length(rest: &str) -> usize {
    let ends = |(at, c): (usize, char)| {
        let sign = matches!(c, '"' | '(' | ')' | '{' | '}' | ',' | '=' | '!' | '<' | '>' | '~' | '&' | '|');
        (c.is_whitespace() || sign || rest[at..].starts_with("..")).then_some(at)
    };
    rest.char_indices().find_map(ends).unwrap_or(rest.len())
}

fn lone_sign(rest: &str, start: usize) -> Error {
    let sign = rest.chars().next().unwrap_or(' ');
    let message = match sign {
        '=' => "use == to compare, or quotes to look for the sign itself: \"a=b\"".to_owned(),
        '&' => "use && or \"and\"".to_owned(),
        '|' => "use || or \"or\"".to_owned(),
        _ => format!("{sign:?} has no meaning here; use quotes to look for it"),
    };
    Error { at: start..start + sign.len_utf8(), message }
}

/// A string: `\"` and `\\` stand for the character itself, `\n`, `\r` and `\t` for control characters; any other
/// backslash stays, so that regular expressions need no doubling.
fn quoted(expression: &str, start: usize) -> Result<Token, Error> {
    let mut text = String::new();
    let mut characters = expression[start + 1..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Ok(Token { at: start..start + at + 2, what: Piece::Quoted(text) }),
            '\\' => unescape(characters.next().map(|(_, c)| c), &mut text),
            c => text.push(c),
        }
    }
    Err(Error { at: start..expression.len(), message: "the string does not end: expected \"".to_owned() })
}

fn unescape(escaped: Option<char>, text: &mut String) {
    match escaped {
        Some(c @ ('"' | '\\')) => text.push(c),
        Some('n') => text.push('\n'),
        Some('r') => text.push('\r'),
        Some('t') => text.push('\t'),
        other => {
            text.push('\\');
            text.extend(other);
        }
    }
}

fn regex(expression: &str, start: usize) -> Result<Token, Error> {
    let body = &expression[start + 1..];
    let Some(length) = regex_length(body) else {
        let message = "the regular expression does not end: expected /, or quotes around a path".to_owned();
        return Err(Error { at: start..expression.len(), message });
    };
    let after = &body[length + 1..];
    let ignore_case = after.starts_with('i');
    let end = start + length + 2 + usize::from(ignore_case);
    let follows = expression[end..].chars().next();
    if follows.is_some_and(|c| !c.is_whitespace() && !matches!(c, ')' | '&' | '|')) {
        let message = "expected a blank after the regular expression; to look for a path, use quotes: \"/usr/lib\"";
        return Err(Error { at: start..end, message: message.to_owned() });
    }
    Ok(Token { at: start..end, what: Piece::Regex(body[..length].replace("\\/", "/"), ignore_case) })
}

/// Bytes before the slash that ends the regular expression.
fn regex_length(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.bytes().position(|b| {
        let ends = b == b'/' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(expression: &str) -> Vec<Piece> {
        tokens(expression).unwrap().into_iter().map(|token| token.what).collect()
    }

    #[test]
    fn a_slash_begins_a_path_after_a_comparison_only() {
        assert_eq!(pieces("/a b/i"), [Piece::Regex("a b".into(), true)]);
        assert_eq!(pieces("_EXE == /usr/bin/curl")[2], Piece::Word("/usr/bin/curl".into()));
        assert_eq!(pieces(r"text ~ /a\/b/")[2], Piece::Regex("a/b".into(), false));
        assert_eq!(tokens("/usr/lib").unwrap_err().at, 0..5);
    }

    #[test]
    fn backslashes_of_regular_expressions_stay() {
        assert_eq!(pieces(r#""a\.b\"c\\d""#), [Piece::Quoted(r#"a\.b"c\d"#.into())]);
    }

    #[test]
    fn ranges_split_words() {
        let word = |text: &str| Piece::Word(text.into());
        assert_eq!(pieces("@-2s..@+500ms"), [word("@-2s"), Piece::To, word("@+500ms")]);
        assert_eq!(pieces("10.0.0.1..10.0.0.9"), [word("10.0.0.1"), Piece::To, word("10.0.0.9")]);
    }

    #[test]
    fn operators_may_touch_their_operands() {
        assert_eq!(pieces("port!=443&&!tcp").len(), 6);
    }
}
