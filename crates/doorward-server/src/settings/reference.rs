//! The reference page of the settings, generated from the table.

use std::fmt::Write;

use super::row::{DefaultText, Row};
use super::table::ROWS;

const INTRODUCTION: &str = "\
# Settings

Made from the settings' own table by `doorward config --reference`: do not edit.

A setting is looked for in the environment, then in the file `.env`, then in `doorward.toml`, both in
the folder where the server is started; what none of them has is the default.

- Every name may carry the prefix `DOORWARD_`, which wins over the name without it in the same place. An
  unknown name with this prefix is an error; other unknown names are passed over.
- Every name may end in `_FILE`: the value is then read from that file, without the line breaks at its
  end, as secrets of Docker and Kubernetes are handed over.
- In `doorward.toml` names are written in lower case, with TOML's own types: `port = 8000`. An unknown
  name is an error.
- An empty value counts as not set. Booleans are `true`, `yes`, `on`, `1` and their opposites. Lists are a
  JSON list, or separated by commas.
- Two different values for one setting in one place are an error.
- In `.env`, a value without quotes goes to the end of the line or to ` #`; `${NAME}` and
  `${NAME:-default}` are replaced, except in single quotes.

`doorward config` prints the result with secrets masked, and where each value came from.

| setting | default | meaning |
|---|---|---|
";

/// Returns the page, in Markdown.
pub(crate) fn reference_markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for row in ROWS {
        // Writing to a String never fails.
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            names(row),
            default(row),
            meaning(row)
        );
    }
    page
}

fn names(row: &Row) -> String {
    match row.alias {
        Some(alias) => format!("`{}`, `{alias}`", row.name),
        None => format!("`{}`", row.name),
    }
}

fn default(row: &Row) -> String {
    match row.default {
        // It changes with every release; the page should not.
        DefaultText::Fixed(_) if row.name == "VERSION" => "the release".to_owned(),
        DefaultText::Fixed("") => "none".to_owned(),
        DefaultText::Fixed(text) => format!("`{text}`"),
        DefaultText::Depends(phrase) => phrase.to_owned(),
    }
}

fn meaning(row: &Row) -> String {
    let lines: Vec<&str> = row.doc.iter().map(|line| line.trim()).collect();
    lines.join(" ").replace('|', "\\|")
}
