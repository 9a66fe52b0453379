//! Where test data is found.

use std::path::{Path, PathBuf};

/// A recording of the simulated network that is part of the project: `input/` and `truth/`.
pub fn seed(number: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/seed{number}"))
}

/// A folder of real captures and logs with facts from other tools (`expected/`), named by `LOGVM_CORPUS`. It is not
/// part of the project; tests that need it say that they were skipped.
pub fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("LOGVM_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        eprintln!("skipped: LOGVM_CORPUS is not set");
    }
    corpus
}
