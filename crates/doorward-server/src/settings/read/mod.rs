//! Reads the layers, and picks the text of each setting from them.

mod dotenv;
mod layer;
mod names;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use doorward::DatabaseUrl;
use zeroize::Zeroizing;

use super::error::Problem;
use super::report::{MASK, ReportLine, Source};
use super::row::{DefaultText, Row, Shown};
use layer::{Entry, Layer};

/// The maximum size of a file that holds one value, in bytes.
const LARGEST_VALUE: u64 = 64 * 1024;

/// Everything that reading the settings depends on, passed in so that tests can replace it.
pub(crate) struct Sources {
    environment: Vec<(OsString, OsString)>,
    pub(super) directory: PathBuf,
    pub(super) cores: usize,
}

impl Sources {
    /// Creates the sources from `environment`, as `std::env::vars_os()` returns it, and
    /// `directory`, which holds `.env` and `doorward.toml` and is where every relative path
    /// starts. `cores` is the default of `PASSWORD_HASH_THREADS`.
    pub(crate) fn new(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        directory: impl Into<PathBuf>,
        cores: usize,
    ) -> Self {
        Self {
            environment: environment.into_iter().collect(),
            directory: directory.into(),
            cores,
        }
    }
}

// The environment holds secrets of this service and of others.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("directory", &self.directory)
            .field("cores", &self.cores)
            .finish_non_exhaustive()
    }
}

/// The layers, and what was read from them so far.
pub(super) struct Reader<'a> {
    rows: &'static [Row],
    directory: &'a Path,
    layers: Vec<Layer>,
    defaults: HashMap<&'static str, String>,
    problems: Vec<Problem>,
    lines: Vec<ReportLine>,
}

impl<'a> Reader<'a> {
    /// Reads the environment and the files for the settings of `rows`. Keeps their faults for
    /// [`Reader::finish`].
    pub(super) fn open(sources: &'a Sources, rows: &'static [Row]) -> Self {
        let (layers, problems) = layer::read_all(rows, sources);
        Self {
            rows,
            directory: &sources.directory,
            layers,
            defaults: HashMap::new(),
            problems,
            lines: Vec::new(),
        }
    }

    /// Sets the computed default of the setting `name`.
    pub(super) fn default_to(&mut self, name: &'static str, text: impl Into<String>) {
        self.defaults.insert(name, text.into());
    }

    /// Returns the text of a setting, or its default; `None` if it is faulty, which
    /// [`Reader::read`] reports.
    pub(super) fn peek(&self, name: &str) -> Option<Zeroizing<String>> {
        match self.find(name).ok()? {
            Some(entry) => self.text_of(&entry).ok(),
            None => self.row(name).map(|row| self.default_of(row)),
        }
    }

    /// Returns whether a layer has the setting.
    pub(super) fn is_set(&self, name: &str) -> bool {
        !matches!(self.find(name), Ok(None))
    }

    /// Reads one setting and adds it to the report; returns `None` if it is rejected.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let row = self.row(name)?;
        self.read_row(row, parse)
            .map_err(|problem| self.problems.push(problem))
            .ok()
    }

    fn read_row<T>(
        &mut self,
        row: &'static Row,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Problem> {
        let Some(entry) = self.find(row.name)? else {
            let text = self.default_of(row);
            self.lines.push(line(row, None, &text));
            return parse(&text).map_err(|expected| Problem::new(row.name, expected));
        };
        let text = self.text_of(&entry)?;
        self.lines.push(line(row, Some(&entry), &text));
        parse(&text).map_err(|expected| {
            // A file that is named by mistake may hold anything, secrets included.
            let may_show = row.shown == Shown::Plain && !entry.name.from_file;
            let value = if may_show {
                format!(", not {}", excerpt(&text))
            } else {
                String::new()
            };
            Problem::new(entry.subject(), format!("{expected}{value}"))
        })
    }

    /// Returns the faults, and the lines of the report.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<ReportLine>) {
        (self.problems, self.lines)
    }

    fn row(&self, name: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    fn default_of(&self, row: &Row) -> Zeroizing<String> {
        Zeroizing::new(match row.default {
            DefaultText::Fixed(text) => text.to_owned(),
            DefaultText::Depends(_) => self.defaults.get(row.name).cloned().unwrap_or_default(),
        })
    }

    /// Finds the entry of the first layer that has the setting.
    fn find(&self, setting: &str) -> Result<Option<Entry>, Problem> {
        for layer in &self.layers {
            let all: Vec<&Entry> = layer
                .iter()
                .filter(|entry| entry.name.setting == setting && entry.is_set())
                .collect();
            let has_prefixed = all.iter().any(|entry| entry.name.prefixed);
            let mut entries = all
                .into_iter()
                .filter(|entry| entry.name.prefixed == has_prefixed);
            let Some(first) = entries.next() else {
                continue;
            };
            for other in entries {
                check_agreement(first, other)?;
            }
            return Ok(Some(first.clone()));
        }
        Ok(None)
    }

    /// Returns the text of an entry, or the content of the file that it names.
    fn text_of(&self, entry: &Entry) -> Result<Zeroizing<String>, Problem> {
        let text = entry
            .text
            .clone()
            .map_err(|message| Problem::new(entry.subject(), message))?;
        if !entry.name.from_file {
            return Ok(text);
        }
        read_value_file(&self.directory.join(text.as_str()))
            .map_err(|message| Problem::new(entry.subject(), message))
    }
}

/// Rejects two entries of one layer for one setting that differ.
fn check_agreement(first: &Entry, other: &Entry) -> Result<(), Problem> {
    if first.name.from_file == other.name.from_file && first.text == other.text {
        return Ok(());
    }
    Err(Problem::new(
        first.subject(),
        format!(
            "{} says something else about the same setting: keep one of them",
            other.subject()
        ),
    ))
}

/// Reads a file that holds one value, and removes the line breaks at its end.
fn read_value_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|error| format!("the file {shown} cannot be read: {error}"))?
        .len();
    if size > LARGEST_VALUE {
        return Err(format!(
            "the file {shown} is larger than {LARGEST_VALUE} bytes"
        ));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
    let text = Zeroizing::new(text);
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err(format!("the file {shown} is empty")),
        value => Ok(Zeroizing::new(value.to_owned())),
    }
}

fn line(row: &'static Row, entry: Option<&Entry>, text: &str) -> ReportLine {
    let value = match row.shown {
        _ if text.is_empty() => None,
        Shown::Plain => Some(text.to_owned()),
        Shown::Url => Some(DatabaseUrl::masked(text)),
        Shown::Secret => Some(MASK.to_owned()),
    };
    ReportLine {
        name: row.name,
        value,
        source: entry.map_or(Source::Default, |entry| entry.source),
        written_as: entry
            .map(|entry| entry.written.clone())
            .filter(|written| written.to_uppercase() != row.name),
        note: None,
    }
}

/// Returns the beginning of a value, on one line, quoted.
fn excerpt(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let ellipsis = if short.len() < text.len() { "…" } else { "" };
    format!("\"{}{ellipsis}\"", short.escape_debug())
}
