//! Which flow parts and logged packets belong to one connection.

use std::collections::HashMap;

use super::pairs::Match;
use crate::record::FiveTuple;

/// The most flow parts of a connection that are kept apart by their tuples.
const MOST_PARTS: usize = 256;

/// Disjoint sets of nodes, joined by the strongest matches first.
///
/// Two parts with the same addresses and ports at one vantage are two connections that used the same ports one after
/// the other, or two ends of a silence; they are never joined.
#[derive(Debug)]
pub struct Connections {
    parent: Vec<u32>,
    /// Log-likelihood ratio of the weakest match that a node's membership rests on.
    bond: Vec<f64>,
    /// Where the parts of a set were seen, by its root.
    places: HashMap<u32, Vec<(u32, FiveTuple)>>,
}

impl Connections {
    /// Every node by itself; `parts` are qube and tuple of the first nodes, those that are flow parts.
    pub fn new(nodes: usize, parts: impl Iterator<Item = (u32, FiveTuple)>) -> Self {
        let places = parts.zip(0..).map(|(place, node)| (node, vec![place])).collect();
        let parent = (0..nodes).map(|node| node as u32).collect();
        Self { parent, bond: vec![f64::INFINITY; nodes], places }
    }

    /// The node that stands for the set of `node`.
    #[must_use]
    pub fn root(&self, node: u32) -> u32 {
        let mut node = node;
        while self.parent[node as usize] != node {
            node = self.parent[node as usize];
        }
        node
    }

    /// How sure it is that `node` belongs to its set, as a log-likelihood ratio.
    #[must_use]
    pub fn bond(&self, node: u32) -> f64 {
        self.bond[node as usize]
    }

    /// Joins the sets of a match, unless they have parts that exclude each other.
    pub fn join(&mut self, found: &Match, weight: f64) -> bool {
        let (a, b) = (self.root(found.a), self.root(found.b));
        if a == b {
            return true;
        }
        let none = Vec::new();
        let (at_a, at_b) = (self.places.get(&a).unwrap_or(&none), self.places.get(&b).unwrap_or(&none));
        let excluded = at_a.iter().any(|place| at_b.contains(place));
        if excluded || at_a.len() + at_b.len() > MOST_PARTS {
            return false;
        }
        let (large, small) = if at_a.len() >= at_b.len() { (a, b) } else { (b, a) };
        let moved = self.places.remove(&small).unwrap_or_default();
        self.places.entry(large).or_default().extend(moved);
        self.parent[small as usize] = large;
        self.bond[found.a as usize] = self.bond[found.a as usize].min(weight);
        self.bond[found.b as usize] = self.bond[found.b as usize].min(weight);
        true
    }
}
