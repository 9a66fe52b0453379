//! The `logvm-browser` program.

fn main() {}
