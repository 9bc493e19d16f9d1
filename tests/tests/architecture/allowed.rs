//! The offences that are allowed for now. The list is compared exactly, so it only shrinks.

use crate::source::root;
use crate::{layers, size};

const LIST: &str = "tests/tests/architecture/layers_allowed.txt";

/// A line of the list, with what helps to correct the offence.
#[derive(Debug)]
pub(crate) struct Offence {
    line: String,
    details: Vec<String>,
}

impl Offence {
    pub(crate) fn new(kind: &str, text: impl std::fmt::Display) -> Self {
        Self {
            line: format!("{kind}: {text}"),
            details: Vec::new(),
        }
    }

    pub(crate) fn with_details(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }
}

/// Fails unless the offences are exactly the allowed ones of this kind. The message ends with the
/// list as it would have to be.
#[track_caller]
pub(crate) fn assert_only_allowed(rule: &str, kind: &str, offences: &[Offence]) {
    let list = std::fs::read_to_string(root().join(LIST)).unwrap_or_default();
    let allowed: Vec<_> = list
        .lines()
        .filter(|line| line.starts_with(&format!("{kind}: ")))
        .collect();
    let new: Vec<_> = offences
        .iter()
        .filter(|offence| !allowed.contains(&offence.line.as_str()))
        .map(|offence| format!("{}\n    {}", offence.line, offence.details.join("\n    ")))
        .collect();
    let stale: Vec<_> = allowed
        .into_iter()
        .filter(|line| offences.iter().all(|offence| offence.line != *line))
        .collect();
    assert!(
        new.is_empty() && stale.is_empty(),
        "{rule}\nnew:\n  {}\nno longer there, to be deleted from layers_allowed.txt:\n  {}\n\
         --- begin layers_allowed.txt\n{}\n--- end layers_allowed.txt\n",
        new.join("\n  "),
        stale.join("\n  "),
        current_list().join("\n"),
    );
}

fn current_list() -> Vec<String> {
    let mut offences = layers::modules_without_a_layer();
    offences.extend(layers::upward_imports());
    offences.extend(layers::cycles_of_subjects());
    offences.extend(layers::hidden_methods());
    for name in ["doorward-protocol", "doorward-axum", "doorward-server"] {
        offences.extend(layers::cycles_of_siblings(name));
    }
    offences.extend(size::long_files());
    offences.into_iter().map(|offence| offence.line).collect()
}
