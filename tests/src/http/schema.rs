//! As much of JSON Schema as the OpenAPI document uses.

use serde_json::Value;

/// What is wrong with `value` by `schema`. A member that is not in the schema is a fault
/// too: it would be undocumented.
pub(super) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    check(document, schema, value, "$")
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(&reference[1..]).unwrap();
        return check(document, target, value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices
            .iter()
            .filter(|choice| check(document, choice, value, at).is_empty())
            .count();
        return if fitting == 1 {
            Vec::new()
        } else {
            vec![format!("{at} fits {fitting} of the choices")]
        };
    }
    let mut faults = check_itself(schema, value, at);
    match value {
        Value::Object(_) => faults.extend(check_members(document, schema, value, at)),
        Value::Array(items) => faults.extend(items.iter().enumerate().flat_map(|(index, item)| {
            check(document, &schema["items"], item, &format!("{at}[{index}]"))
        })),
        _ => {}
    }
    faults
}

fn check_itself(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let is_a = |name: &Value| match name.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let has_type = match &schema["type"] {
        Value::Array(names) => names.iter().any(is_a),
        name => is_a(name),
    };
    if !has_type {
        faults.push(format!("{at} is not of type {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        faults.push(format!("{at} is none of the words"));
    }
    if let (Some("date-time"), Some(text)) = (schema["format"].as_str(), value.as_str())
        && !is_utc_time(text)
    {
        faults.push(format!("{at} is no time in UTC"));
    }
    if let (Some("uuid"), Some(text)) = (schema["format"].as_str(), value.as_str())
        && !is_uuid(text)
    {
        faults.push(format!("{at} is no UUID"));
    }
    faults
}

fn check_members(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let members = value.as_object().unwrap();
    let required = schema["required"].as_array().into_iter().flatten();
    let mut faults: Vec<String> = required
        .filter(|name| !members.contains_key(name.as_str().unwrap()))
        .map(|name| format!("{at} lacks {name}"))
        .collect();
    for (name, member) in members {
        let known = schema["properties"]
            .get(name)
            .or_else(|| schema.get("additionalProperties"));
        match known {
            Some(known) => {
                faults.extend(check(document, known, member, &format!("{at}.{name}")));
            }
            None => faults.push(format!("{at}.{name} is not documented")),
        }
    }
    faults
}

/// `2025-06-15T15:06:40.123Z`, with or without the fraction.
fn is_utc_time(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let fits = |(byte, expected): (&u8, &u8)| match expected {
        b'0' => byte.is_ascii_digit(),
        _ => byte == expected,
    };
    bytes.len() > shape.len() && bytes.iter().zip(shape).all(fits) && text.ends_with('Z')
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, character)| match at {
            8 | 13 | 18 | 23 => character == '-',
            _ => matches!(character, '0'..='9' | 'a'..='f'),
        })
}
