//! Tokens in, checked condition out.

use std::ops::Range;

use super::ast::{Condition, Moment, Test};
use super::lexer::{Comparison, Piece, Token, tokens};
use super::operand;
use super::ranges::Ranges;
use super::schema::{self, FieldName, Type};
use super::search::{Case, Pattern};
use super::{Context, Error};

/// How deep parentheses and `not` may nest.
pub const MAX_DEPTH: usize = 64;
/// How many texts and regular expressions an expression may look for: each takes memory of its own.
pub const MAX_PATTERNS: usize = 32;

/// Parses and checks an expression; an empty one holds for every record.
///
/// # Errors
/// When it is no filter.
pub fn parse(expression: &str, context: &Context) -> Result<Condition, Error> {
    let tokens = tokens(expression)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: expression.len(), depth: 0, patterns: 0, context };
    if tokens.is_empty() {
        return Ok(Condition::All(Vec::new()));
    }
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(token) => Err(unexpected(token)),
    }
}

/// What to say of a token behind a complete condition.
fn unexpected(token: &Token) -> Error {
    let message = match &token.what {
        Piece::Close => "there is no ( for this )",
        Piece::Word(_) | Piece::Quoted(_) | Piece::Regex(..) => {
            "expected \"and\" or \"or\"; use quotes around words that belong together"
        }
        _ => "expected \"and\", \"or\" or the end",
    };
    Error { at: token.at.clone(), message: message.to_owned() }
}

pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
    end: usize,
    depth: usize,
    patterns: usize,
    pub(super) context: &'a Context,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    pub(super) fn take(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.next += usize::from(token.is_some());
        token
    }

    pub(super) fn take_if(&mut self, what: &Piece) -> bool {
        let found = self.peek().is_some_and(|token| token.what == *what);
        self.next += usize::from(found);
        found
    }

    /// An error at the next token, or at the end.
    pub(super) fn expected(&self, what: &str) -> Error {
        let at = self.peek().map_or(self.end..self.end, |token| token.at.clone());
        Error { at, message: format!("expected {what}") }
    }

    fn any(&mut self) -> Result<Condition, Error> {
        let mut parts = vec![self.all()?];
        while self.take_if(&Piece::Or) {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Error> {
        let mut parts = vec![self.single()?];
        while self.take_if(&Piece::And) {
            parts.push(self.single()?);
        }
        Ok(one_or(parts, Condition::All))
    }

    /// `not x`, `(x)` or a test.
    fn single(&mut self) -> Result<Condition, Error> {
        let Some(token) = self.take() else { return Err(self.expected("a field, a word to look for, or (")) };
        match &token.what {
            Piece::Not => self.nested(token, Self::single).map(|inner| Condition::Not(Box::new(inner))),
            Piece::Open => self.nested(token, |parser| {
                let inner = parser.any()?;
                if parser.take_if(&Piece::Close) { Ok(inner) } else { Err(parser.expected("\"and\", \"or\" or )")) }
            }),
            Piece::Word(word) => self.field_or_text(word, &token.at),
            Piece::Quoted(text) => self.literal(text, Case::Smart, &token.at).map(anywhere),
            Piece::Regex(source, ignore) => self.regex(source, case(*ignore), &token.at).map(anywhere),
            _ => Err(Error { at: token.at.clone(), message: "expected a field, a word to look for, or (".to_owned() }),
        }
    }

    fn nested(
        &mut self,
        token: &Token,
        inner: impl FnOnce(&mut Self) -> Result<Condition, Error>,
    ) -> Result<Condition, Error> {
        if self.depth == MAX_DEPTH {
            let message = format!("parentheses and \"not\" may nest {MAX_DEPTH} deep");
            return Err(Error { at: token.at.clone(), message });
        }
        self.depth += 1;
        let condition = inner(self);
        self.depth -= 1;
        condition
    }

    /// What a word at the start of a test means: a field that is compared, a field that is there, or text.
    fn field_or_text(&mut self, word: &str, at: &Range<usize>) -> Result<Condition, Error> {
        if let Some(Token { what: Piece::Compare(comparison), .. }) = self.peek() {
            if let Some((left, right)) = word.split_once('-').and_then(|(l, r)| Some((moment(l)?, moment(r)?))) {
                return self.difference(left, right);
            }
            let field = FieldName::resolve(word).ok_or_else(|| unknown_field(word, at))?;
            self.next += 1;
            return self.comparison(&field, *comparison, at);
        }
        if let (Some(left), Some(right)) = (moment(word), self.minuend()) {
            self.next += 2;
            return self.difference(left, right);
        }
        self.bare(word, at)
    }

    /// `- received` or the like behind a field of type time.
    fn minuend(&self) -> Option<Moment> {
        let word = |ahead: usize| match &self.tokens.get(self.next + ahead)?.what {
            Piece::Word(word) => Some(word),
            _ => None,
        };
        (word(0)? == "-").then(|| moment(word(1)?)).flatten()
    }

    fn bare(&mut self, word: &str, at: &Range<usize>) -> Result<Condition, Error> {
        let field = FieldName::resolve(word);
        match field {
            Some(FieldName::Journal(ref name)) if !name.starts_with('_') => {}
            Some(field) => return Ok(Condition::Field(field, Test::Exists)),
            None => {
                let near = schema::suggest(word).filter(|name| name.contains('.') && word.contains('.'));
                if near.is_some() {
                    return Err(unknown_field(word, at));
                }
            }
        }
        self.literal(word, Case::Smart, at).map(anywhere)
    }

    fn comparison(&mut self, field: &FieldName, how: Comparison, at: &Range<usize>) -> Result<Condition, Error> {
        let value_type = field.value_type();
        if value_type == Type::Presence {
            let message =
                format!("{} has no value to compare: write {} or !{}", field.name(), field.name(), field.name());
            return Err(Error { at: at.clone(), message });
        }
        let test = match how {
            Comparison::Contains | Comparison::Matches => self.pattern(field, how, at)?,
            Comparison::In => operand::set(self, value_type)?,
            how => operand::compared(self, value_type, how)?,
        };
        let condition = Condition::Field(field.clone(), test);
        Ok(if how == Comparison::NotEqual { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn pattern(&mut self, field: &FieldName, how: Comparison, at: &Range<usize>) -> Result<Test, Error> {
        if !field.value_type().is_text() {
            let message = format!("{} is no text: use == or in", field.name());
            return Err(Error { at: at.clone(), message });
        }
        let Some(token) = self.take() else { return Err(self.expected("the text to look for")) };
        match (&token.what, how) {
            (Piece::Word(text) | Piece::Quoted(text), Comparison::Contains) => {
                self.literal(text, Case::Sensitive, &token.at)
            }
            (Piece::Word(text) | Piece::Quoted(text), _) => self.regex(text, Case::Ignore, &token.at),
            (Piece::Regex(source, ignore), _) => self.regex(source, case(*ignore), &token.at),
            _ => Err(Error { at: token.at.clone(), message: "expected the text to look for".to_owned() }),
        }
    }

    fn difference(&mut self, left: Moment, right: Moment) -> Result<Condition, Error> {
        let Some(Token { what: Piece::Compare(how), at }) = self.peek() else {
            return Err(self.expected("==, <, <=, > or >= and a duration such as 5s"));
        };
        self.next += 1;
        let test = match how {
            Comparison::Contains | Comparison::Matches => {
                return Err(Error { at: at.clone(), message: "expected ==, <, <=, > or >=".to_owned() });
            }
            Comparison::In => operand::set(self, Type::Duration)?,
            how => operand::compared(self, Type::Duration, *how)?,
        };
        let ranges = match test {
            Test::Number(ranges) => ranges,
            _ => Ranges::one(1, 0),
        };
        let condition = Condition::Difference(left, right, ranges);
        Ok(if *how == Comparison::NotEqual { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn literal(&mut self, text: &str, case: Case, at: &Range<usize>) -> Result<Test, Error> {
        self.counted(at)?;
        Pattern::literal(text, case).map(Test::Pattern).map_err(|error| Error { at: at.clone(), ..error })
    }

    fn regex(&mut self, source: &str, case: Case, at: &Range<usize>) -> Result<Test, Error> {
        self.counted(at)?;
        Pattern::regex(source, case).map(Test::Pattern).map_err(|error| Error { at: at.clone(), ..error })
    }

    fn counted(&mut self, at: &Range<usize>) -> Result<(), Error> {
        self.patterns += 1;
        if self.patterns <= MAX_PATTERNS {
            return Ok(());
        }
        Err(Error { at: at.clone(), message: format!("an expression looks for at most {MAX_PATTERNS} texts") })
    }
}

fn one_or(mut parts: Vec<Condition>, many: impl FnOnce(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

const fn case(ignore: bool) -> Case {
    if ignore { Case::Ignore } else { Case::Sensitive }
}

fn moment(word: &str) -> Option<Moment> {
    FieldName::resolve(word).as_ref().and_then(Moment::of_field)
}

/// The whole text of a record passes the test.
pub(super) fn anywhere(test: Test) -> Condition {
    match FieldName::resolve("text") {
        Some(text) => Condition::Field(text, test),
        None => Condition::Any(Vec::new()),
    }
}

fn unknown_field(word: &str, at: &Range<usize>) -> Error {
    let shown: String = word.chars().take(40).collect();
    let message = match schema::suggest(word) {
        Some(near) => format!("unknown field {shown:?}: did you mean {near}? Use quotes to look for the text"),
        None => format!("unknown field {shown:?}; use quotes to look for the text"),
    };
    Error { at: at.clone(), message }
}
