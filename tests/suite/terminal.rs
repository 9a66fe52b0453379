//! The viewer as a user has it: the program itself in a terminal, driven by keys, seen through its screen.

mod endings;
mod hostile;
mod looks;
mod session;
mod work;
