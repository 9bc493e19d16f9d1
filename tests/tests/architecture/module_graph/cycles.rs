//! Cycles of directed graphs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A directed graph of named nodes.
#[derive(Debug, Default)]
pub(crate) struct Digraph {
    successors: BTreeMap<String, BTreeSet<String>>,
}

impl Digraph {
    /// Adds an edge, unless it leads from a node to itself.
    pub(crate) fn add(&mut self, from: &str, to: &str) {
        if from != to {
            let successors = self.successors.entry(from.to_owned()).or_default();
            successors.insert(to.to_owned());
        }
    }

    /// The edges that are part of a cycle.
    pub(crate) fn cyclic_edges(&self) -> Vec<(&str, &str)> {
        self.successors
            .iter()
            .flat_map(|(from, all)| all.iter().map(move |to| (from.as_str(), to.as_str())))
            .filter(|(from, to)| self.shortest_path(to, from).is_some())
            .collect()
    }

    /// The nodes from `from` to `to`, both included.
    pub(crate) fn shortest_path<'a>(&'a self, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
        let mut predecessors = BTreeMap::from([(from, from)]);
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if node == to {
                let mut path = vec![node];
                let mut last = node;
                while last != from {
                    last = predecessors[last];
                    path.insert(0, last);
                }
                return Some(path);
            }
            for next in self.successors.get(node).into_iter().flatten() {
                if !predecessors.contains_key(next.as_str()) {
                    predecessors.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}
