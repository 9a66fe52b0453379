//! The tables, in Markdown, and every single run as JSON lines.

use std::fs::{File, OpenOptions};
use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};

use crate::meter::Usage;
use crate::options::Options;
use crate::screen::Watched;
use crate::statistics::{median, percentile, spread};
use crate::workload::Row;

const MARK: &str = "**✗**";

/// Where results go.
pub struct Report {
    runs: Option<File>,
    size: u64,
    complaints: Vec<String>,
}

impl Report {
    /// Appends the runs to the file that the options name, if any.
    pub fn new(options: &Options) -> Result<Self> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let runs = options.out.as_ref().map(open).transpose()?;
        Ok(Self { runs, size: options.size, complaints: Vec::new() })
    }

    /// Begins the table of a group whose rows [`Report::workload`] prints.
    pub fn group(&self, title: &str) {
        println!("\n### {title}\n");
        println!("| Work | Program | Wall, s | CPU, s | Peak, MiB | Wall, ours/peer | CPU | Peak |");
        println!("|---|---|---|---|---|---|---|---|");
    }

    /// Prints the rows of one piece of work; the first is ours.
    pub fn workload(&mut self, work: &str, rows: &[Row]) -> Result<()> {
        let ours = rows.first().filter(|row| row.complaint.is_none());
        for (number, row) in rows.iter().enumerate() {
            let ratios = ours.filter(|_| number > 0 && row.complaint.is_none()).map(|ours| ratios(ours, row));
            println!("| {work} | {} | {} | {} |", self.name(work, row), figures(row), ratios.unwrap_or_else(no_ratios));
            self.write_runs(work, row)?;
        }
        Ok(())
    }

    /// Begins the table of [`Report::screen`].
    pub fn screens(&self, title: &str) {
        println!("\n### {title}\n");
        println!(
            "| Data | Program | First row, s | All read, s | CPU, s | Peak, MiB | `j` answered, p50 / p99 ms | Keys |"
        );
        println!("|---|---|---|---|---|---|---|---|");
    }

    /// Prints the row of one program on one file; `None` when it is not installed.
    pub fn screen(&mut self, data: &str, program: &str, watched: Option<&Result<Watched, String>>) -> Result<()> {
        let (text, value) = match watched {
            None => ("not installed | | | | | ".to_owned(), json!({ "installed": false })),
            Some(Ok(watched)) => (watched_figures(watched), watched_json(watched)),
            Some(Err(complaint)) => {
                self.complaints.push(format!("{data}, {program}: {complaint}"));
                (format!("{MARK} {complaint} | | | | | "), json!({ "complaint": complaint }))
            }
        };
        println!("| {data} | {program} | {text} |");
        self.write(
            &json!({ "work": format!("screen {data}"), "program": program, "bytes": self.size, "result": value }),
        )
    }

    /// Lists what was marked; true when nothing was.
    pub fn finish(self) -> bool {
        if !self.complaints.is_empty() {
            println!("\n{MARK} marks rows that failed their check; their numbers do not count:\n");
        }
        for complaint in &self.complaints {
            println!("- {complaint}");
        }
        self.complaints.is_empty()
    }

    fn name(&mut self, work: &str, row: &Row) -> String {
        match &row.complaint {
            None => row.label.clone(),
            Some(complaint) => {
                self.complaints.push(format!("{work}, {}: {complaint}", row.label));
                format!("{} {MARK}", row.label)
            }
        }
    }

    fn write_runs(&mut self, work: &str, row: &Row) -> Result<()> {
        let runs: Vec<Value> =
            row.runs.iter().map(|run| json!({ "wall": run.wall, "cpu": run.cpu, "rss": run.rss })).collect();
        self.write(&json!({
            "work": work, "program": row.label, "bytes": self.size, "installed": row.installed,
            "complaint": row.complaint, "runs": runs,
        }))
    }

    fn write(&mut self, value: &Value) -> Result<()> {
        if let Some(file) = &mut self.runs {
            writeln!(file, "{value}")?;
        }
        Ok(())
    }
}

fn figures(row: &Row) -> String {
    if !row.installed {
        return "not installed | | ".to_owned();
    }
    let [wall, cpu, rss] = columns(row);
    format!("{} | {} | {:.0}", spread(&wall, 3), spread(&cpu, 3), rss.iter().copied().fold(0.0, f64::max))
}

fn ratios(ours: &Row, peer: &Row) -> String {
    if !peer.installed {
        return no_ratios();
    }
    let ratio = |(ours, peer): (&Vec<f64>, &Vec<f64>)| match median(peer) {
        0.0 => String::new(),
        peer => format!("{:.2}", median(ours) / peer),
    };
    columns(ours).iter().zip(&columns(peer)).map(ratio).collect::<Vec<_>>().join(" | ")
}

fn no_ratios() -> String {
    " | | ".to_owned()
}

/// Wall, CPU and peak memory of all runs.
fn columns(row: &Row) -> [Vec<f64>; 3] {
    let column = |part: fn(&Usage) -> f64| row.runs.iter().map(part).collect();
    [column(|run| run.wall), column(|run| run.cpu), column(|run| run.rss)]
}

fn watched_figures(watched: &Watched) -> String {
    let Watched { first, complete, cpu, rss, keys } = watched;
    let peak = rss.iter().copied().fold(0.0, f64::max);
    let [middle, slow] = [50, 99].map(|percent| percentile(keys, percent));
    let (first, complete, cpu) = (spread(first, 3), spread(complete, 3), spread(cpu, 2));
    format!("{first} | {complete} | {cpu} | {peak:.0} | {middle:.1} / {slow:.1} | {}", keys.len())
}

fn watched_json(watched: &Watched) -> Value {
    let Watched { first, complete, cpu, rss, keys } = watched;
    json!({ "first": first, "complete": complete, "cpu": cpu, "rss": rss, "keys": keys })
}
