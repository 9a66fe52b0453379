//! What can follow in an expression: fields, operators, and values that occur.

use std::collections::HashMap;
use std::ops::Range;

use super::lexer::{self, OPERATORS, Piece, Token};
use super::literal;
use super::row::Row;
use super::schema::{FIELDS, FieldName, Type};
use crate::store::Snapshot;

/// The most records that are looked at for the values of a field.
pub const MAX_SAMPLED: usize = 50_000;
/// The most different values that are counted.
const MAX_VALUES: usize = 2_000;
/// The longest value that is offered, in bytes.
const MAX_VALUE: usize = 200;

/// What can be put at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the expression that a candidate replaces.
    pub at: Range<usize>,
    /// What can stand there, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// Something that can be put into an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The text, with quotes where it needs them.
    pub text: String,
    /// What it is, or how often it occurs.
    pub doc: String,
}

/// What can stand at `cursor`, a byte offset, in `expression`: a field, an operator behind a field, or a value of the
/// field behind an operator.
#[must_use]
pub fn complete(expression: &str, cursor: usize, snapshot: &Snapshot) -> Completion {
    let cursor = (0..=cursor.min(expression.len())).rev().find(|at| expression.is_char_boundary(*at)).unwrap_or(0);
    let before = expression.get(..cursor).unwrap_or_default();
    let open = |at: usize| before.get(..at).unwrap_or_default();
    let Ok(mut tokens) = lexer::tokens(before) else { return open_string(before, open, snapshot) };
    let partial = tokens.pop_if(|token| token.at.end == cursor && matches!(token.what, Piece::Word(_)));
    let (at, prefix) = match partial {
        Some(Token { at, what: Piece::Word(word) }) => (at, word),
        _ => (cursor..cursor, String::new()),
    };
    Completion { at, candidates: candidates(&tokens, &prefix, snapshot) }
}

/// Completes inside a string that has no end yet.
fn open_string<'a>(before: &str, open: impl Fn(usize) -> &'a str, snapshot: &Snapshot) -> Completion {
    let start = before.rfind('"').unwrap_or(before.len());
    let prefix = before.get(start + 1..).unwrap_or_default();
    let tokens = lexer::tokens(open(start)).unwrap_or_default();
    let candidates = match field_of_value(&tokens) {
        Some(field) => values_with(&field, prefix, snapshot),
        None => Vec::new(),
    };
    Completion { at: start..before.len(), candidates }
}

fn candidates(tokens: &[Token], prefix: &str, snapshot: &Snapshot) -> Vec<Candidate> {
    if let Some(field) = field_of_value(tokens) {
        return values_with(&field, prefix, snapshot);
    }
    match tokens.last().map(|token| &token.what) {
        Some(Piece::Word(word)) if !is_value(tokens) => match FieldName::resolve(word) {
            Some(field) if field.value_type() != Type::Presence => operators(field.value_type(), prefix),
            _ => connectives(prefix),
        },
        Some(Piece::Word(_) | Piece::Quoted(_) | Piece::Regex(..) | Piece::Close | Piece::CloseSet) => {
            connectives(prefix)
        }
        _ => fields(prefix),
    }
}

/// The field that a value is expected for at the end of the tokens.
fn field_of_value(tokens: &[Token]) -> Option<FieldName> {
    let what = |back: usize| tokens.len().checked_sub(back).and_then(|at| tokens.get(at)).map(|token| &token.what);
    let open_set = tokens.iter().rposition(|token| token.what == Piece::OpenSet);
    let compared = match what(1)? {
        Piece::Compare(_) => tokens.len() - 1,
        Piece::OpenSet => tokens.len().checked_sub(2)?,
        Piece::Comma => open_set?.checked_sub(1)?,
        _ => return None,
    };
    match &tokens.get(compared.checked_sub(1)?)?.what {
        Piece::Word(word) => FieldName::resolve(word),
        _ => None,
    }
}

/// Whether the last token is the value of a comparison.
fn is_value(tokens: &[Token]) -> bool {
    let before = tokens.len().checked_sub(2).and_then(|at| tokens.get(at));
    before.is_some_and(|token| matches!(token.what, Piece::Compare(_) | Piece::To))
}

fn fields(prefix: &str) -> Vec<Candidate> {
    let prefix = prefix.to_ascii_lowercase();
    let starts = |name: &str| name.to_ascii_lowercase().starts_with(&prefix);
    let fitting = FIELDS.iter().filter(|field| !field.alias || !prefix.is_empty()).filter(|field| starts(field.name));
    fitting.map(|field| Candidate { text: field.name.to_owned(), doc: field.doc.to_owned() }).collect()
}

fn operators(value_type: Type, prefix: &str) -> Vec<Candidate> {
    let fits = |operator: &str| match operator {
        "contains" | "matches" => value_type.is_text(),
        "<" | "<=" | ">" | ">=" => !matches!(value_type, Type::Text | Type::Bytes),
        _ => true,
    };
    let fitting = OPERATORS.iter().filter(|(operator, _)| fits(operator) && operator.starts_with(prefix));
    let operators = fitting.map(|(text, doc)| Candidate { text: (*text).to_owned(), doc: (*doc).to_owned() });
    operators.chain(connectives(prefix)).collect()
}

fn connectives(prefix: &str) -> Vec<Candidate> {
    let both = [("and", "both hold"), ("or", "one of them holds")];
    let fitting = both.into_iter().filter(|(word, _)| word.starts_with(prefix));
    fitting.map(|(text, doc)| Candidate { text: text.to_owned(), doc: doc.to_owned() }).collect()
}

/// Values of a field that start with `prefix`: those that occur, the most frequent first, then those that the type
/// has names for.
fn values_with(field: &FieldName, prefix: &str, snapshot: &Snapshot) -> Vec<Candidate> {
    let prefix = prefix.to_ascii_lowercase();
    let starts = |text: &str| text.to_ascii_lowercase().starts_with(&prefix);
    let occurring = values(snapshot, field).into_iter().filter(|(value, _)| starts(value));
    let mut all: Vec<Candidate> = occurring
        .map(|(value, count)| Candidate { text: quoted(&value, field), doc: format!("{count} times") })
        .collect();
    for (_, name) in literal::names(field.value_type()) {
        if starts(name) && !all.iter().any(|candidate| candidate.text == name) {
            all.push(Candidate { text: name.to_owned(), doc: field.value_type().name().to_owned() });
        }
    }
    all
}

/// A value as an expression has to write it.
#[must_use]
pub fn quoted(value: &str, field: &FieldName) -> String {
    match field.value_type() {
        Type::Text | Type::Bytes | Type::Any | Type::Time => {
            let number = field.value_type() == Type::Any && literal::number(value).is_some();
            if number { value.to_owned() } else { format!("\"{}\"", escaped(value)) }
        }
        _ => value.to_owned(),
    }
}

fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
    text
}

/// The values of a field and how often each occurs, the most frequent first, from a sample of at most
/// [`MAX_SAMPLED`] records spread over all tables.
#[must_use]
pub fn values(snapshot: &Snapshot, field: &FieldName) -> Vec<(String, u64)> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for row in sample(snapshot, field) {
        row.values(field, &mut |value| {
            let text = value.to_string();
            if text.len() <= MAX_VALUE && (counts.len() < MAX_VALUES || counts.contains_key(&text)) {
                *counts.entry(text).or_default() += 1;
            }
        });
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// Records that can have the field, evenly spread.
fn sample<'a>(snapshot: &'a Snapshot, field: &FieldName) -> impl Iterator<Item = Row<'a>> {
    let kinds = field.kinds();
    let segments = move || snapshot.tables().flat_map(|table| table.segments.iter().map(move |s| (&**table, &**s)));
    let fits = move |kind| kinds.contains(kind);
    let rows = move |segment: &crate::store::Segment| 0..segment.rows;
    let total: usize = segments().map(|(_, segment)| segment.rows).sum();
    let step = total.div_ceil(MAX_SAMPLED).max(1);
    let all = segments().flat_map(move |(table, segment)| {
        rows(segment).step_by(step).map(move |row| Row { snapshot, table, segment, row })
    });
    all.filter(move |row| fits(row.kind())).take(MAX_SAMPLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(expression: &str) -> (Range<usize>, Vec<String>) {
        let completion = complete(expression, expression.len(), &Snapshot::default());
        (completion.at, completion.candidates.into_iter().map(|candidate| candidate.text).collect())
    }

    #[test]
    fn fields_operators_and_names_are_offered_in_turn() {
        assert_eq!(offered("port == 1 && dns.q"), (13..18, vec!["dns.qry.name".into(), "dns.qry.type".into()]));
        assert!(offered("dns.qry.name ").1.contains(&"contains".to_owned()));
        assert!(!offered("port ").1.contains(&"contains".to_owned()));
        assert_eq!(offered("flow.outcome == re"), (16..18, vec!["refused".into(), "reset".into()]));
        assert_eq!(offered("flow.outcome in {open, re").1, ["refused", "reset"]);
        assert_eq!(offered("port == 1 a"), (10..11, vec!["and".into()]));
        assert_eq!(offered("tcp "), (4..4, vec!["and".into(), "or".into()]));
    }

    #[test]
    fn any_cursor_is_answered() {
        let expression = "qube == \"é\" && (port in {1..2, 3} or /x/i";
        for cursor in 0..expression.len() + 3 {
            let at = complete(expression, cursor, &Snapshot::default()).at;
            assert!(at.start <= at.end && expression.get(at).is_some());
        }
    }
}
