//! What truly happened in a recording, and how far claims agree with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use logvm::link::Links;
use serde_json::Value;

use crate::data;

/// The lines and flows of a recording, and its clocks.
pub struct Truth {
    /// By file and number: the flows of the line, with how its addresses differ from the line's.
    lines: BTreeMap<(String, u64), BTreeMap<String, String>>,
    /// By file, tuple and time in milliseconds.
    flows: HashMap<(String, String, i64), String>,
    meta: Value,
}

/// Right claims, and what there was to claim.
#[derive(Debug, Default)]
pub struct Score {
    claims: usize,
    right: BTreeSet<((String, u64), String)>,
    pairs: BTreeMap<((String, u64), String), String>,
}

fn jsonl(number: u32, name: &str) -> Vec<Value> {
    let file = fs::File::open(data::seed(number).join("truth").join(name)).unwrap();
    let text = std::io::read_to_string(zstd::Decoder::new(file).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn tuple(flow: &Value) -> String {
    let port = |name: &str| flow[name].as_u64().unwrap_or(0);
    let end = |address: &str, port: u64| format!("{}:{port}", flow[address].as_str().unwrap());
    format!("{} {} {}", flow["proto"].as_str().unwrap(), end("src", port("sport")), end("dst", port("dport")))
}

/// The qube and the name of a file: what the truth and a path of ours have in common.
fn short(path: &str) -> String {
    let qube = path.split(['/', '!']).rev().find(|part| part.starts_with("sys-")).unwrap_or_default();
    format!("{qube}/{}", path.rsplit('/').next().unwrap_or_default())
}

impl Truth {
    pub fn read(number: u32) -> Self {
        let flow = |flow: &Value| {
            let at = (flow["first_ts"].as_f64().unwrap() * 1e3).round() as i64;
            ((short(flow["pcap_file"].as_str().unwrap()), tuple(&flow["tuple"]), at), text(&flow["flow_id"]))
        };
        let line = |line: &Value| {
            let pairs = line["pairs"].as_array().unwrap().iter();
            let place = (short(line["nft_file"].as_str().unwrap()), line["nft_line_no"].as_u64().unwrap());
            (place, pairs.map(|pair| (text(&pair["flow_id"]), text(&pair["nat"]))).collect())
        };
        let meta = fs::read_to_string(data::seed(number).join("truth/meta.json")).unwrap();
        Self {
            lines: jsonl(number, "lines.jsonl.zst").iter().map(line).collect(),
            flows: jsonl(number, "flows.jsonl.zst").iter().map(flow).collect(),
            meta: serde_json::from_str(&meta).unwrap(),
        }
    }

    /// Compares printed claims with the truth: a claim is right when its flow is one of its line's.
    pub fn score(&self, claims: &BTreeSet<String>) -> Score {
        let mut score = Score { claims: claims.len(), ..Score::default() };
        for (place, flows) in &self.lines {
            score.pairs.extend(flows.iter().map(|(flow, nat)| ((place.clone(), flow.clone()), nat.clone())));
        }
        for claim in claims {
            let claim: Value = serde_json::from_str(claim).unwrap();
            let place = (short(claim["nft_file"].as_str().unwrap()), claim["nft_line_no"].as_u64().unwrap());
            let file = short(claim["pcap_file"].as_str().unwrap());
            let at = (claim["first_packet_ts"].as_f64().unwrap() * 1e3).round() as i64;
            let near = (at - 1..=at + 1).find_map(|at| self.flows.get(&(file.clone(), tuple(&claim["flow"]), at)));
            let pair = near.map(|flow| (place, flow.clone()));
            score.right.extend(pair.filter(|pair| score.pairs.contains_key(pair)));
        }
        score
    }

    pub fn is_without_flow(&self, file: &str, number: u64) -> bool {
        self.lines[&(short(file), number)].is_empty()
    }

    /// For each qube the median error in seconds of its clock against the reference's, over the recording.
    pub fn clock_errors(&self, links: &Links) -> Vec<(String, f64)> {
        let reference = links.qubes.name(links.reference.unwrap());
        let error = |(qube, clock): (&u32, &logvm::link::clock::Clock)| {
            let name = links.qubes.name(*qube);
            let time = |name: &str| self.meta[name].as_f64().unwrap();
            let (start, end) = (time("base_time"), time("end_time"));
            let times = (0..=100).map(|n| start + (end - start) * f64::from(n) / 100.0);
            let mut errors: Vec<f64> = times
                .map(|at| {
                    let local = ((at + self.ahead(name, at)) * 1e9) as i64;
                    (clock.offset(local) / 1e9 - self.ahead(name, at) + self.ahead(reference, at)).abs()
                })
                .collect();
            errors.sort_by(f64::total_cmp);
            (name.to_string(), errors[50])
        };
        assert!(links.clocks.len() >= 4, "lines and captures of four qubes can be compared");
        links.clocks.iter().map(error).collect()
    }

    /// How far a clock truly is ahead.
    fn ahead(&self, qube: &str, at: f64) -> f64 {
        let clock = &self.meta["clocks"][qube];
        let since = at - self.meta["base_time"].as_f64().unwrap();
        let steps = clock["steps"].as_array().unwrap().iter();
        let stepped: f64 = steps.filter(|s| s[0].as_f64().unwrap() <= since).map(|s| s[1].as_f64().unwrap()).sum();
        clock["offset"].as_f64().unwrap() + clock["drift_ppm"].as_f64().unwrap() * 1e-6 * since + stepped
    }
}

impl Score {
    pub fn precision(&self) -> f64 {
        self.right.len() as f64 / self.claims as f64
    }

    pub fn recall(&self) -> f64 {
        self.right.len() as f64 / self.pairs.len() as f64
    }

    /// The recall of the pairs whose addresses differ in this way.
    pub fn recall_of(&self, nat: &str) -> f64 {
        let of_class: Vec<_> = self.pairs.iter().filter(|(_, class)| *class == nat).map(|(pair, _)| pair).collect();
        of_class.iter().filter(|pair| self.right.contains(pair)).count() as f64 / of_class.len() as f64
    }

    pub fn line_recall(&self) -> f64 {
        let lines: BTreeSet<_> = self.pairs.keys().map(|(line, _)| line).collect();
        let found: BTreeSet<_> = self.right.iter().map(|(line, _)| line).collect();
        found.len() as f64 / lines.len() as f64
    }
}
