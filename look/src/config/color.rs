//! Colours as themes write them, and what becomes of them on terminals that have fewer.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// A colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// The terminal's own.
    #[default]
    Default,
    /// An entry of the terminal's palette: 0 to 15 as the user has set them, 16 to 231 a cube, 232 to 255 greys (xterm).
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// None are wanted.
    None,
    /// The 16 of ECMA-48 and aixterm.
    Sixteen,
    /// xterm's 256.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// What the environment says: `NO_COLOR` (no-color.org: set and not empty), `COLORTERM`, `TERM`.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name| variable(name).unwrap_or_default();
        let (colorterm, term) = (value("COLORTERM"), value("TERM"));
        if !value("NO_COLOR").is_empty() || term == "dumb" {
            Self::None
        } else if colorterm == "truecolor" || colorterm == "24bit" || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// Names of the first 16 entries of the palette, in their order.
const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// xterm's default values of the first 16 entries.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

impl Color {
    /// Reads `default`, the name of one of 16 colours, or `#rrggbb`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "default" {
            return Some(Self::Default);
        }
        if let Some(digits) = name.strip_prefix('#') {
            let value =
                u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6 && !digits.starts_with('+'))?;
            let [_, red, green, blue] = value.to_be_bytes();
            return Some(Self::Rgb(red, green, blue));
        }
        let index = NAMES.iter().position(|known| *known == name)?;
        u8::try_from(index).ok().map(Self::Indexed)
    }

    /// The names that [`Color::from_name`] reads.
    pub fn names<'a>() -> impl Iterator<Item = &'a str> {
        NAMES.into_iter().chain(["default"])
    }

    /// Red, green and blue with xterm's palette; none for the terminal's own colour.
    #[must_use]
    pub fn rgb(self) -> Option<(u8, u8, u8)> {
        match self {
            Self::Default => None,
            Self::Rgb(red, green, blue) => Some((red, green, blue)),
            Self::Indexed(index) => Some(indexed(index)),
        }
    }

    /// The nearest colour that a terminal of that depth has.
    #[must_use]
    pub fn degrade(self, depth: Depth) -> Self {
        match (depth, self) {
            (Depth::None, _) => Self::Default,
            (Depth::Indexed, Self::Rgb(red, green, blue)) => nearest((red, green, blue), 16..=255),
            (Depth::Sixteen, Self::Rgb(red, green, blue)) => nearest((red, green, blue), 0..=15),
            (Depth::Sixteen, Self::Indexed(index @ 16..)) => nearest(indexed(index), 0..=15),
            _ => self,
        }
    }

    /// Relative luminance from 0 to 1 (WCAG 2.2, "relative luminance"); none for the terminal's own colour.
    #[must_use]
    pub fn luminance(self) -> Option<f64> {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        self.rgb().map(|(red, green, blue)| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
    }
}

/// The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio"); none when one is the terminal's own.
#[must_use]
pub fn contrast(one: Color, other: Color) -> Option<f64> {
    let (one, other) = (one.luminance()?, other.luminance()?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// xterm's value of a palette entry.
fn indexed(index: u8) -> (u8, u8, u8) {
    let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
    match index {
        0..=15 => SIXTEEN[usize::from(index)],
        16..=231 => (level((index - 16) / 36), level((index - 16) / 6 % 6), level((index - 16) % 6)),
        232..=255 => (8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10),
    }
}

fn nearest(to: (u8, u8, u8), among: std::ops::RangeInclusive<u8>) -> Color {
    let index = among.min_by_key(|index| distance(to, indexed(*index))).unwrap_or(0);
    Color::Indexed(index)
}

/// The square of a distance that follows the eye better than the plain one ("redmean", compuphase.com/cmetric.htm).
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> i32 {
    let mean = (i32::from(a.0) + i32::from(b.0)) / 2;
    let square = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
    (((512 + mean) * square(a.0, b.0)) >> 8) + 4 * square(a.1, b.1) + (((767 - mean) * square(a.2, b.2)) >> 8)
}

/// A colour as written: a name, which may be one of the theme's palette, or an index.
#[derive(Clone, Debug)]
pub(super) enum Written {
    Name(String),
    Index(u8),
}

struct WrittenVisitor;

impl Visitor<'_> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a colour: a name, an index from 0 to 255, or \"#rrggbb\"")
    }

    fn visit_str<E>(self, name: &str) -> Result<Written, E> {
        Ok(Written::Name(name.to_owned()))
    }

    fn visit_i64<E: serde::de::Error>(self, index: i64) -> Result<Written, E> {
        let index = u8::try_from(index).map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(index), &self))?;
        Ok(Written::Index(index))
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hexadecimal() {
        for (name, expected) in [
            ("default", Some(Color::Default)),
            ("red", Some(Color::Indexed(1))),
            ("bright-white", Some(Color::Indexed(15))),
            ("#0a10ff", Some(Color::Rgb(10, 16, 255))),
            ("#+a10ff", None),
            ("#fff", None),
            ("rot", None),
        ] {
            assert_eq!(Color::from_name(name), expected, "{name}");
        }
    }

    #[test]
    fn fewer_colours_take_the_nearest() {
        assert_eq!(Color::Rgb(255, 0, 0).degrade(Depth::Sixteen), Color::Indexed(9));
        assert_eq!(Color::Rgb(255, 0, 0).degrade(Depth::Indexed), Color::Indexed(196));
        assert_eq!(Color::Indexed(232).degrade(Depth::Sixteen), Color::Indexed(0));
        assert_eq!(Color::Indexed(232).degrade(Depth::Indexed), Color::Indexed(232));
        assert_eq!(Color::Indexed(3).degrade(Depth::None), Color::Default);
    }

    #[test]
    fn contrast_follows_the_formula() {
        let ratio = |one, other| contrast(one, other).map(|ratio| (ratio * 100.0).round());
        assert_eq!(ratio(Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)), Some(2100.0));
        assert_eq!(ratio(Color::Rgb(0x77, 0x77, 0x77), Color::Rgb(255, 255, 255)), Some(448.0));
        assert_eq!(ratio(Color::Default, Color::Rgb(0, 0, 0)), None);
    }

    #[test]
    fn the_environment_decides_the_depth() {
        let depth = |pairs: &'static [(&str, &str)]| {
            Depth::from_environment(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(depth(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(depth(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "dumb")]), Depth::None);
    }
}
