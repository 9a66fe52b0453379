//! What the measurements were made on and with.

use std::fs;

use crate::meter::Meter;
use crate::options::Options;
use crate::tools::Tools;

/// Prints it as a list in Markdown.
pub fn print(options: &Options, meter: &Meter, tools: &Tools) {
    let threads = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory =
        value_of("/proc/meminfo", "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("- Machine: {threads} threads of {processor}, {} MiB of memory", memory.unwrap_or(0) / 1024);
    println!("- System: Linux {}, load average {}", kernel.trim(), load.split(' ').next().unwrap_or(""));
    println!("- Data: {} MiB a file, seed {}; {} rounds", megabytes(options.size), options.seed, options.rounds);
    println!("- Measured with {}", meter.method());
    println!("- logvm: {}", tools.logvm.display());
    for peer in tools.peers() {
        println!("- {}: {}", peer.name, peer.version);
    }
}

/// Bytes as MiB, with decimals only where they matter.
pub fn megabytes(bytes: u64) -> String {
    let text = format!("{:.2}", bytes as f64 / f64::from(1 << 20));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn value_of(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) = text.lines().find(|line| line.starts_with(key))?.split_once(':')?;
    Some(value.trim().to_owned())
}
