//! What `/proc` says of processes (proc(5)).

use std::collections::BTreeMap;
use std::fs;

/// Clock ticks in a second: `USER_HZ`, 100 on every Linux architecture in use.
const TICKS: f64 = 100.0;

/// CPU time and memory of a process tree, right now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snapshot {
    /// User and system seconds, those of children that were waited for included.
    pub cpu: f64,
    /// Peak resident MiB of the largest process.
    pub rss: f64,
}

/// Looks at the process and all its descendants.
pub fn snapshot(root: u32) -> Snapshot {
    let mut sum = Snapshot::default();
    for id in tree(root) {
        sum.cpu += stat(id).map_or(0.0, |fields| seconds(&fields, 11..15));
        sum.rss = sum.rss.max(peak(id));
    }
    sum
}

/// CPU seconds of all children of this process that have been waited for.
pub fn children_cpu() -> f64 {
    stat(std::process::id()).map_or(0.0, |fields| seconds(&fields, 13..15))
}

/// Peak resident memory of one process in MiB; 0 when it is gone.
pub fn peak(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn tree(root: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for id in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if let Some(id) = id.file_name().to_str().and_then(|name| name.parse().ok())
            && let Some(parent) = stat(id).and_then(|fields| fields.get(1)?.parse().ok())
        {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(id) = found.get(next) {
        found.extend(children.remove(id).unwrap_or_default());
        next += 1;
    }
    found
}

/// The fields of `/proc/ID/stat` behind the name, which may hold blanks: the state is the first.
fn stat(id: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn seconds(fields: &[String], range: std::ops::Range<usize>) -> f64 {
    let ticks = fields.get(range).unwrap_or_default().iter().filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}
