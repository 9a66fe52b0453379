//! L6: the model, messages and their update; actions and keys.

pub mod action;
pub mod finder;
pub mod help;
pub mod keys;

#[cfg(test)]
mod reference;
