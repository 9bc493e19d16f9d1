//! The layers: what the environment, `.env` and `doorward.toml` say.

use std::ffi::OsStr;
use std::io;

use toml::{Table, Value};
use zeroize::Zeroizing;

use super::names::{self, Name, PREFIX};
use super::{Sources, dotenv};
use crate::settings::error::Problem;
use crate::settings::report::Source;
use crate::settings::row::Row;

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
    /// Returns whether it says something: an empty text counts as not set.
    pub(super) fn is_set(&self) -> bool {
        !matches!(&self.text, Ok(text) if text.is_empty())
    }

    /// Returns the subject of errors about it.
    pub(super) fn subject(&self) -> String {
        format!("{} ({})", self.written, self.source)
    }
}

/// The entries of one layer.
pub(super) type Layer = Vec<Entry>;

/// Reads the layers, in the order of their precedence, and what is wrong in them.
pub(super) fn read_all(rows: &[Row], sources: &Sources) -> (Vec<Layer>, Vec<Problem>) {
    let mut reader = LayerReader {
        rows,
        sources,
        problems: Vec::new(),
    };
    let layers = vec![reader.environment(), reader.dotenv(), reader.toml()];
    (layers, reader.problems)
}

struct LayerReader<'a> {
    rows: &'a [Row],
    sources: &'a Sources,
    problems: Vec<Problem>,
}

impl LayerReader<'_> {
    /// Reads the environment.
    fn environment(&mut self) -> Layer {
        let mut layer = Layer::new();
        let sources = self.sources;
        for (name, value) in &sources.environment {
            let Some(written) = name.to_str() else {
                continue;
            };
            if names::is_service_link(written, value.to_str()) {
                continue;
            }
            let text = value
                .to_str()
                .ok_or_else(|| "expected text in UTF-8".to_owned());
            let text = text.map(|text| Zeroizing::new(text.to_owned()));
            self.add(&mut layer, written, text, Source::Environment);
        }
        layer
    }

    /// Reads `.env`; the layer is empty without the file.
    fn dotenv(&mut self) -> Layer {
        let Some(text) = self.read_file(".env") else {
            return Layer::new();
        };
        let (bindings, faults) = dotenv::parse(&text);
        self.problems.extend(faults);
        let mut values: Vec<(String, Zeroizing<String>)> = Vec::new();
        let mut layer = Layer::new();
        for binding in bindings {
            let known = |name: &str| {
                let earlier = values.iter().rev().find(|(known, _)| known == name);
                earlier
                    .map(|(_, value)| value.clone())
                    .or_else(|| self.find_variable(name))
            };
            let text = if binding.literal {
                Ok(binding.value)
            } else {
                dotenv::interpolate(&binding.value, known)
            };
            values.extend(text.iter().map(|text| (binding.name.clone(), text.clone())));
            // The last of two lines with one name counts, as in a shell.
            layer.retain(|entry: &Entry| entry.written != binding.name);
            let source = Source::DotEnv { line: binding.line };
            self.add(&mut layer, &binding.name, text, source);
        }
        layer
    }

    /// Reads `doorward.toml`, with names in lower case and TOML's own types; the layer is empty
    /// without the file.
    fn toml(&mut self) -> Layer {
        let Some(text) = self.read_file("doorward.toml") else {
            return Layer::new();
        };
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => {
                self.problems.push(toml_syntax_problem(&text, &error));
                return Layer::new();
            }
        };
        let mut layer = Layer::new();
        for (key, value) in table {
            let name = names::find_name(self.rows, &key.to_uppercase())
                .filter(|_| key == key.to_lowercase());
            match name {
                Some(name) => layer.push(Entry {
                    name,
                    written: key,
                    text: toml_text(&value),
                    source: Source::Toml,
                }),
                None => self.problems.push(Problem::new(
                    format!("{} ({})", key.escape_debug(), Source::Toml),
                    names::unknown(self.rows, &key, str::to_lowercase),
                )),
            }
        }
        layer
    }

    /// Adds a setting to `layer`. An unknown name is a problem if it has our prefix, and ignored
    /// otherwise.
    fn add(
        &mut self,
        layer: &mut Layer,
        written: &str,
        text: Result<Zeroizing<String>, String>,
        source: Source,
    ) {
        match names::find_name(self.rows, written) {
            Some(name) => layer.push(Entry {
                name,
                written: written.to_owned(),
                text,
                source,
            }),
            None if written.starts_with(PREFIX) => self.problems.push(Problem::new(
                format!("{} ({source})", written.escape_debug()),
                names::unknown(self.rows, written, |known| format!("{PREFIX}{known}")),
            )),
            None => {}
        }
    }

    fn find_variable(&self, name: &str) -> Option<Zeroizing<String>> {
        let mut variables = self.sources.environment.iter();
        let (_, value) = variables.find(|(known, _)| known == OsStr::new(name))?;
        value.to_str().map(|value| Zeroizing::new(value.to_owned()))
    }

    fn read_file(&mut self, name: &str) -> Option<Zeroizing<String>> {
        match std::fs::read_to_string(self.sources.directory.join(name)) {
            Ok(text) => Some(Zeroizing::new(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                self.problems.push(Problem::new(name, message));
                None
            }
        }
    }
}

/// Names only the line: the parser's own message may quote the line, and with it a secret.
fn toml_syntax_problem(text: &str, error: &toml::de::Error) -> Problem {
    let subject = match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or(text);
            format!("doorward.toml line {}", before.matches('\n').count() + 1)
        }
        None => "doorward.toml".to_owned(),
    };
    Problem::new(
        subject,
        "expected TOML, like port = 8000 or host = \"127.0.0.1\", each key once",
    )
}

/// Returns the value as the environment would have it.
fn toml_text(value: &Value) -> Result<Zeroizing<String>, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Array(items) => serde_json::to_string(items).map_err(|error| error.to_string())?,
        Value::Datetime(_) | Value::Table(_) => {
            return Err("expected a text, a number, true, false or a list".to_owned());
        }
    };
    Ok(Zeroizing::new(text))
}
