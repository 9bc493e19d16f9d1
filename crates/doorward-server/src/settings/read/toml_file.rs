//! The file `doorward.toml`: the same names in lower case, with TOML's own types.

use toml::{Table, Value};
use zeroize::Zeroizing;

use super::layer::Entry;
use super::names;
use crate::settings::error::Problem;
use crate::settings::report::Source;

/// The settings of `text`, and what could not be understood.
pub(super) fn parse(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => return (Vec::new(), vec![syntax_problem(text, &error)]),
    };
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (key, value) in table {
        let name = names::find_name(&key.to_uppercase()).filter(|_| key == key.to_lowercase());
        match name {
            Some(name) => entries.push(Entry {
                name,
                written: key,
                text: plain_text(&value),
                source: Source::Toml,
            }),
            None => problems.push(Problem::new(
                format!("{} (doorward.toml)", key.escape_debug()),
                names::unknown(&key, str::to_lowercase),
            )),
        }
    }
    (entries, problems)
}

/// The line alone: the parser's own words may quote the line, and with it a secret.
fn syntax_problem(text: &str, error: &toml::de::Error) -> Problem {
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

fn plain_text(value: &Value) -> Result<Zeroizing<String>, String> {
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
