//! L7: draws the model; ratatui lives only here and in L8.

pub mod finder;
pub mod help;
pub mod inert;
pub mod overlay;
pub mod style;

#[cfg(test)]
mod chrome_tests;
