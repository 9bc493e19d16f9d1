//! One layer: what the environment or a file says.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::names::{self, Name, PREFIX};
use super::{dotenv, interpolate, kubernetes, toml_file};
use crate::settings::error::Problem;
use crate::settings::report::Source;

/// A setting as one layer has it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) name: Name,
    /// The name as it is written there.
    pub(super) written: String,
    /// The text, or why there is none.
    pub(super) text: Result<Zeroizing<String>, String>,
    pub(super) source: Source,
}

impl Entry {
    /// Whether it says something: an empty text counts as not set.
    pub(super) fn is_set(&self) -> bool {
        !matches!(&self.text, Ok(text) if text.is_empty())
    }

    /// How errors name it.
    pub(super) fn subject(&self) -> String {
        format!("{} ({})", self.written, self.source)
    }
}

/// The entries of one layer.
pub(super) type Layer = Vec<Entry>;

/// The layer of the environment.
pub(super) fn environment(
    variables: &[(OsString, OsString)],
    problems: &mut Vec<Problem>,
) -> Layer {
    let mut layer = Layer::new();
    for (name, value) in variables {
        let Some(written) = name.to_str() else {
            continue;
        };
        if kubernetes::is_service_link(written, value.to_str()) {
            continue;
        }
        let text = value
            .to_str()
            .ok_or_else(|| "expected text in UTF-8".to_owned());
        let text = text.map(|text| Zeroizing::new(text.to_owned()));
        add(&mut layer, problems, written, text, Source::Environment);
    }
    layer
}

/// The layer of `.env` in `directory`; empty without the file.
pub(super) fn dotenv(
    directory: &Path,
    variables: &[(OsString, OsString)],
    problems: &mut Vec<Problem>,
) -> Layer {
    let Some(text) = read_file(directory, ".env", problems) else {
        return Layer::new();
    };
    let (bindings, faults) = dotenv::parse(&text);
    problems.extend(faults);
    let mut values: Vec<(String, Zeroizing<String>)> = Vec::new();
    let mut layer = Layer::new();
    for binding in bindings {
        let known = |name: &str| {
            let earlier = values.iter().rev().find(|(known, _)| known == name);
            earlier
                .map(|(_, value)| value.clone())
                .or_else(|| find_variable(variables, name))
        };
        let text = if binding.literal {
            Ok(binding.value)
        } else {
            interpolate::interpolate(&binding.value, known)
        };
        values.extend(text.iter().map(|text| (binding.name.clone(), text.clone())));
        // The last of two lines with one name counts, as in a shell.
        layer.retain(|entry: &Entry| entry.written != binding.name);
        add(
            &mut layer,
            problems,
            &binding.name,
            text,
            Source::DotEnv { line: binding.line },
        );
    }
    layer
}

/// The layer of `doorward.toml` in `directory`; empty without the file.
pub(super) fn toml(directory: &Path, problems: &mut Vec<Problem>) -> Layer {
    let Some(text) = read_file(directory, "doorward.toml", problems) else {
        return Layer::new();
    };
    let (layer, faults) = toml_file::parse(&text);
    problems.extend(faults);
    layer
}

/// Adds what is a setting; what is none is a fault where it carries our prefix.
fn add(
    layer: &mut Layer,
    problems: &mut Vec<Problem>,
    written: &str,
    text: Result<Zeroizing<String>, String>,
    source: Source,
) {
    match names::find_name(written) {
        Some(name) => layer.push(Entry {
            name,
            written: written.to_owned(),
            text,
            source,
        }),
        None if written.starts_with(PREFIX) => problems.push(Problem::new(
            format!("{} ({source})", written.escape_debug()),
            names::unknown(written, |known| format!("{PREFIX}{known}")),
        )),
        None => {}
    }
}

fn find_variable(variables: &[(OsString, OsString)], name: &str) -> Option<Zeroizing<String>> {
    let found = variables
        .iter()
        .find(|(known, _)| known == OsStr::new(name))?;
    found
        .1
        .to_str()
        .map(|value| Zeroizing::new(value.to_owned()))
}

fn read_file(
    directory: &Path,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<Zeroizing<String>> {
    match std::fs::read_to_string(directory.join(name)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            problems.push(Problem::new(name, format!("cannot be read: {error}")));
            None
        }
    }
}
