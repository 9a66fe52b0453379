//! How much every origin takes, and may take.

use std::io::{self, Write};

use logvm_wire::limits::FILE_OVERHEAD;
use logvm_wire::quota::Quotas;
use logvm_wire::{QubeName, layout};
use serde_json::json;

use crate::list::bytes;
use crate::select::Selection;
use crate::walk::{Scope, Store};

/// What one origin takes.
#[derive(Debug)]
struct Sum {
    root: &'static str,
    origin: String,
    bytes: u64,
    files: u64,
}

impl Sum {
    /// What counts against the quota; the vault has none.
    fn charged(&self) -> u64 {
        self.bytes.saturating_add(self.files.saturating_mul(FILE_OVERHEAD))
    }

    fn quota(&self, quotas: &Quotas) -> Option<u64> {
        let origin = QubeName::parse(&self.origin).filter(|_| self.root == layout::ROOT)?;
        Some(quotas.of(&origin))
    }

    fn write(&self, quotas: &Quotas, json: bool, out: &mut dyn Write) -> io::Result<()> {
        let Self { root, origin, bytes: size, files } = self;
        let quota = self.quota(quotas);
        if json {
            let charged = self.charged();
            let line = json!({
                "root": root, "origin": origin, "bytes": size, "files": files, "charged": charged, "quota": quota
            });
            return writeln!(out, "{line}");
        }
        let of = quota.map_or(String::new(), |quota| {
            format!("  {:>3} % of {}", self.charged().saturating_mul(100) / quota.max(1), bytes(quota))
        });
        writeln!(out, "{root:<9} {origin:<31} {:>9} {files:>7} files{of}", bytes(*size))
    }
}

/// Writes one line for every origin that is selected.
///
/// # Errors
/// When the reader is gone, or the disk fails.
pub fn usage(store: &Store, selection: &Selection, quotas: &Quotas, json: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut sum: Option<Sum> = None;
    store.walk(Scope::default(), &mut |root, item| {
        if !selection.wants(&item) {
            return Ok(());
        }
        let same = sum.as_ref().is_some_and(|sum| sum.root == root.name && sum.origin == item.origin);
        if let Some(done) = sum.take_if(|_| !same) {
            done.write(quotas, json, out)?;
        }
        let sum = sum.get_or_insert_with(|| Sum { root: root.name, origin: item.origin.clone(), bytes: 0, files: 0 });
        sum.bytes = sum.bytes.saturating_add(item.size());
        sum.files = sum.files.saturating_add(item.files.len() as u64);
        Ok(())
    })?;
    sum.map_or(Ok(()), |sum| sum.write(quotas, json, out))?;
    out.flush()
}
