//! Bodies without what differs from run to run.

use serde_json::Value;

/// The same JSON with `[id]` for every UUID and `[token]` for every JSON Web Token.
pub(crate) fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) if is_uuid(&text) => Value::from("[id]"),
        Value::String(text) if text.starts_with("eyJ") && text.matches('.').count() == 2 => {
            Value::from("[token]")
        }
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, redacted(member)))
            .collect(),
        other => other,
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
