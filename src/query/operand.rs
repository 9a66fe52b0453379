//! The right side of a comparison, as the type of the field reads it.

use std::net::IpAddr;

use super::Error;
use super::ast::Test;
use super::lexer::{Comparison, Piece, Token};
use super::literal;
use super::parser::Parser;
use super::ranges::{self, Ranges};
use super::schema::Type;

/// A value as it was written: an interval of the field's type.
enum Operand {
    Number(i64, i64),
    Address(IpAddr, IpAddr),
    Text(Box<[u8]>),
}

/// The test of `field HOW value`; the one of `==` for `!=`.
pub(super) fn compared(parser: &mut Parser<'_>, value_type: Type, how: Comparison) -> Result<Test, Error> {
    let start = parser.peek().map(|token| token.at.clone());
    let value = value(parser, value_type)?;
    let is_equality = matches!(how, Comparison::Equal | Comparison::NotEqual);
    match value {
        Operand::Number(low, high) => Ok(numbers(value_type, Ranges::one_sided(how, low, high))),
        Operand::Address(low, high) => Ok(Test::Address(addresses(how, low, high))),
        Operand::Text(text) if is_equality => Ok(Test::Text(Box::new([text]), None)),
        Operand::Text(_) => {
            let message = format!("{} has no order: use ==, !=, contains, matches or in", value_type.name());
            Err(Error { at: start.unwrap_or_default(), message })
        }
    }
}

/// The test of `field in {a, b, c..d}`, or of `field in a..b`.
pub(super) fn set(parser: &mut Parser<'_>, value_type: Type) -> Result<Test, Error> {
    let mut members = Members::default();
    if !parser.take_if(&Piece::OpenSet) {
        members.add(member(parser, value_type)?);
        return Ok(members.test(value_type));
    }
    while !parser.take_if(&Piece::CloseSet) {
        members.add(member(parser, value_type)?);
        if !parser.take_if(&Piece::Comma) && parser.peek().is_none() {
            return Err(parser.expected(", or }"));
        }
    }
    Ok(members.test(value_type))
}

#[derive(Default)]
struct Members {
    numbers: Vec<(i64, i64)>,
    addresses: Vec<(IpAddr, IpAddr)>,
    texts: Vec<Box<[u8]>>,
}

impl Members {
    fn add(&mut self, operand: Operand) {
        match operand {
            Operand::Number(low, high) => self.numbers.push((low, high)),
            Operand::Address(low, high) => self.addresses.push((low, high)),
            Operand::Text(text) => self.texts.push(text),
        }
    }

    fn test(self, value_type: Type) -> Test {
        let numbers = Ranges::many(&self.numbers);
        match value_type {
            Type::Address => Ranges::many(&self.addresses).map_or_else(nothing, Test::Address),
            Type::Text | Type::Bytes | Type::Any => Test::Text(self.texts.into(), numbers),
            _ => numbers.map_or_else(nothing, Test::Number),
        }
    }
}

/// A test that no value passes.
fn nothing() -> Test {
    Test::Text(Box::default(), None)
}

fn numbers(value_type: Type, ranges: Ranges<i64>) -> Test {
    match value_type {
        Type::Any => Test::Text(Box::default(), Some(ranges)),
        _ => Test::Number(ranges),
    }
}

impl Ranges<i64> {
    /// The numbers that compare as `how` with the interval from `low` to `high`.
    fn one_sided(how: Comparison, low: i64, high: i64) -> Self {
        match how {
            Comparison::Less => Self::below(low),
            Comparison::LessOrEqual => Self::one(i64::MIN, high),
            Comparison::Greater => Self::above(high),
            Comparison::GreaterOrEqual => Self::one(low, i64::MAX),
            _ => Self::one(low, high),
        }
    }

    fn below(number: i64) -> Self {
        number.checked_sub(1).map_or(Self::one(1, 0), |last| Self::one(i64::MIN, last))
    }

    fn above(number: i64) -> Self {
        number.checked_add(1).map_or(Self::one(1, 0), |first| Self::one(first, i64::MAX))
    }
}

/// The addresses of the same family that compare as `how` with the interval from `low` to `high`.
fn addresses(how: Comparison, low: IpAddr, high: IpAddr) -> Ranges<IpAddr> {
    let (first, last) = ranges::family(low);
    let none = || Ranges::one(last, first);
    match how {
        Comparison::Less => ranges::previous(low).map_or_else(none, |before| Ranges::one(first, before)),
        Comparison::LessOrEqual => Ranges::one(first, high),
        Comparison::Greater => ranges::next(high).map_or_else(none, |after| Ranges::one(after, last)),
        Comparison::GreaterOrEqual => Ranges::one(low, last),
        _ => Ranges::one(low, high),
    }
}

/// A value, or a range of values.
fn member(parser: &mut Parser<'_>, value_type: Type) -> Result<Operand, Error> {
    let start = parser.peek().map_or(0, |token| token.at.start);
    let low = value(parser, value_type)?;
    if !parser.take_if(&Piece::To) {
        return Ok(low);
    }
    let end = parser.peek().map_or(start, |token| token.at.end);
    let high = value(parser, value_type)?;
    let error = |message: &str| Err(Error { at: start..end.max(start), message: message.to_owned() });
    match (low, high) {
        (Operand::Number(low, _), Operand::Number(_, high)) if low <= high => Ok(Operand::Number(low, high)),
        (Operand::Address(low, _), Operand::Address(_, high)) if low.is_ipv4() != high.is_ipv4() => {
            error("the ends of this range are of different IP versions")
        }
        (Operand::Address(low, _), Operand::Address(_, high)) if low <= high => Ok(Operand::Address(low, high)),
        (Operand::Text(_), _) | (_, Operand::Text(_)) => error("text has no ranges"),
        _ => error("this range is empty: its end is before its start"),
    }
}

fn value(parser: &mut Parser<'_>, value_type: Type) -> Result<Operand, Error> {
    let Some(Token { at, what: Piece::Word(_) | Piece::Quoted(_) }) = parser.peek() else {
        return Err(parser.expected(example(value_type)));
    };
    let (text, quoted) = match parser.take().map(|token| &token.what) {
        Some(Piece::Quoted(text)) => (text.as_str(), true),
        Some(Piece::Word(text)) => (text.as_str(), false),
        _ => ("", false),
    };
    read(parser, value_type, text, quoted).map_err(|message| Error { at: at.clone(), message })
}

fn read(parser: &Parser<'_>, value_type: Type, text: &str, quoted: bool) -> Result<Operand, String> {
    let point = |number: Option<i64>| match number {
        Some(number) => Ok(Operand::Number(number, number)),
        None => Err(format!("expected {}", example(value_type))),
    };
    let bytes = || Operand::Text(text.as_bytes().into());
    match value_type {
        Type::Text | Type::Bytes => Ok(bytes()),
        Type::Any => Ok(literal::number(text).filter(|_| !quoted).map_or_else(bytes, |n| Operand::Number(n, n))),
        Type::Address => literal::address(text).map(|(low, high)| Operand::Address(low, high)).map_err(String::from),
        Type::Time => {
            literal::time(text, parser.context).map(|(low, high)| Operand::Number(low, high)).map_err(String::from)
        }
        Type::Duration => point(literal::duration(text)),
        Type::Number => point(literal::number(text)),
        Type::Presence => Err("it has no value to compare".to_owned()),
        Type::Boolean | Type::Kind | Type::Outcome => point(literal::named(value_type, text)),
        Type::Level | Type::Protocol | Type::QueryType | Type::ResponseCode => {
            point(literal::named(value_type, text).or_else(|| literal::number(text)))
        }
    }
}

/// What a value of the type looks like.
const fn example(value_type: Type) -> &'static str {
    match value_type {
        Type::Presence => "nothing",
        Type::Address => "an address such as 10.137.0.17 or a network such as 10.137.0.0/16",
        Type::Number => "a number such as 443, 0x1f or 4k",
        Type::Text | Type::Bytes | Type::Any => "a text",
        Type::Time => "a time such as \"2025-08-05 18:54:10\", 18:54 or @-2s",
        Type::Duration => "a duration such as 5s, 100ms or 2m",
        Type::Boolean => "true or false",
        Type::Level => "a level such as warning, or its number",
        Type::Kind => "text, nft, journal, packet, flow or dns",
        Type::Outcome => "no-answer, refused, open, closed, reset, midstream, one-way or two-way",
        Type::Protocol => "a protocol such as TCP, or its number",
        Type::QueryType => "a DNS type such as AAAA, or its number",
        Type::ResponseCode => "a DNS response code such as NXDOMAIN, or its number",
    }
}
