//! Listings: JSON lines for programs, a table for people.

use std::io::{self, Write};

use crate::item::{Item, time};
use crate::select::Selection;
use crate::walk::{Scope, Skipped, Store};

/// Writes one line for every archive that is selected.
///
/// # Errors
/// When the reader is gone, or the disk fails.
pub fn list(
    store: &Store,
    scope: Scope<'_>,
    selection: &Selection,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<Skipped> {
    let skipped = store.walk(scope, &mut |_, item| match selection.wants(&item) {
        true if json => writeln!(out, "{}", item.json()),
        true => row(&item, out),
        false => Ok(()),
    })?;
    out.flush()?;
    Ok(skipped)
}

/// A line of the table; nothing in it comes from a qube but its name.
pub fn row(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let (start, size) = (time(item.start), bytes(item.size()));
    let start = start.get(..19).unwrap_or(&start);
    let (kind, state) = (item.kind.as_str(), item.state.as_str());
    writeln!(out, "{start}Z  {:<16} {kind:<8}{size:>9}  {state:<11}{}", item.origin, item.id)
}

/// A size for people: three digits or more and a unit.
#[must_use]
pub fn bytes(count: u64) -> String {
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].into_iter();
    let (mut count, mut unit) = (count as f64, units.next().unwrap_or("B"));
    while let Some(next) = units.next().filter(|_| count >= 1024.0) {
        (count, unit) = (count / 1024.0, next);
    }
    if unit == "B" || count >= 100.0 { format!("{count:.0} {unit}") } else { format!("{count:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let sizes = [0, 1023, 1024, 1 << 20, 150 << 20, 3 << 29].map(bytes);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "150 MiB", "1.5 GiB"]);
    }
}
