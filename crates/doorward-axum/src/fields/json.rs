//! JSON as it came, but with each member once.

use std::{collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// The byte order mark in UTF-8. RFC 8259 section 8.1 forbids to send one and
/// allows to ignore it; FastAPI ignores it too.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Up to here a scan of the members is cheaper than a hash set.
const FEW_MEMBERS: usize = 16;

/// A JSON value; objects keep the order in which members came.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// Whole numbers that fit, of either sign.
    Integer(i64),
    /// Every other number; only its being no integer matters to us.
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Where and why a text is not one JSON value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JsonError {
    /// Bytes before the fault.
    pub(super) position: usize,
    /// The parser's words; never the text itself.
    pub(super) reason: String,
}

/// Reads exactly one JSON value (RFC 8259).
///
/// Refused are, beyond what the grammar refuses: a member that comes twice, at
/// any depth (what it means would depend on the reader); more than 128 levels;
/// text that is not UTF-8, and lone surrogates.
pub(super) fn parse(text: &[u8]) -> Result<Json, JsonError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| JsonError {
        position: position_of(text, error.line(), error.column()),
        reason: reason_of(&error),
    })
}

/// serde_json appends ` at line 1 column 2`, which the position says already.
fn reason_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

fn position_of(text: &[u8], line: usize, column: usize) -> usize {
    let lines_before = line.saturating_sub(1);
    let bytes_before: usize = text
        .split_inclusive(|&byte| byte == b'\n')
        .take(lines_before)
        .map(<[u8]>::len)
        .sum();
    (bytes_before + column.saturating_sub(1)).min(text.len())
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(name) = source.next_key::<String>()? {
            if !is_first(&members, &mut seen, &name) {
                return Err(A::Error::custom("duplicate member"));
            }
            members.push((name, source.next_value()?));
        }
        Ok(Json::Object(members))
    }
}

/// Whether `name` has not come before. `seen` stays empty while the members
/// are few, and then keeps an object of thousands from costing their square.
fn is_first(members: &[(String, Json)], seen: &mut HashSet<String>, name: &str) -> bool {
    if members.len() < FEW_MEMBERS {
        return members.iter().all(|(other, _)| other != name);
    }
    if seen.is_empty() {
        seen.extend(members.iter().map(|(other, _)| other.clone()));
    }
    seen.insert(name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Json, JsonError, parse};

    fn reason(text: &[u8]) -> String {
        parse(text).unwrap_err().reason
    }

    #[test]
    fn each_malformed_text_is_refused_for_its_reason() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let many_then_twice = format!(
            "{{{}\"k3\":0}}",
            (0..40).map(|i| format!("\"k{i}\":0,")).collect::<String>()
        );
        let table: &[(&[u8], &str)] = &[
            (b"", "EOF while parsing a value"),
            (b"{", "EOF while parsing an object"),
            (b"{} {}", "trailing characters"),
            (b"{\"a\":1,\"a\":1}", "duplicate member"),
            (b"{\"a\":1,\"\\u0061\":1}", "duplicate member"),
            (b"[{\"b\":{\"a\":1,\"a\":1}}]", "duplicate member"),
            (many_then_twice.as_bytes(), "duplicate member"),
            (b"\"\xff\"", "invalid unicode code point"),
            (b"\"\\ud800\"", "unexpected end of hex escape"),
            (b"\"\\udc00\"", "lone leading surrogate in hex escape"),
            (b"{\"\\udc00\":1}", "lone leading surrogate in hex escape"),
            (b"NaN", "expected value"),
            (b"{'a':1}", "key must be a string"),
            (b"[1,]", "trailing comma"),
            (b"1e999", "number out of range"),
            (deep.as_bytes(), "recursion limit exceeded"),
        ];
        for (text, expected) in table {
            assert_eq!(reason(text), *expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored_once() {
        assert_eq!(parse(b"\xEF\xBB\xBFtrue"), Ok(Json::Bool(true)));
        assert!(parse(b"\xEF\xBB\xBF\xEF\xBB\xBFtrue").is_err());
    }

    #[test]
    fn the_position_counts_bytes_over_lines() {
        let text = b"{\n  \"a\": 1,\n  oops\n}";
        let JsonError { position, .. } = parse(text).unwrap_err();
        assert_eq!(&text[position..position + 4], b"oops");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Err(error) = parse(&bytes) {
                prop_assert!(error.position <= bytes.len());
            }
        }

        #[test]
        fn an_object_is_refused_exactly_if_a_name_repeats(
            names in proptest::collection::vec("[a-c]{1,3}", 0..30)
        ) {
            let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":0")).collect();
            let text = format!("{{{}}}", members.join(","));
            let distinct: std::collections::HashSet<_> = names.iter().collect();
            prop_assert_eq!(parse(text.as_bytes()).is_ok(), distinct.len() == names.len());
        }

        #[test]
        fn nested_values_agree_with_serde_json(value in json_value()) {
            let text = value.to_string();
            let ours = parse(text.as_bytes());
            prop_assert_eq!(ours.map(to_serde), Ok(value));
        }
    }

    fn json_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,8}".prop_map(|text: String| text.into()),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::btree_map(".{0,4}", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn to_serde(json: Json) -> serde_json::Value {
        match json {
            Json::Null => serde_json::Value::Null,
            Json::Bool(value) => value.into(),
            Json::Integer(value) => value.into(),
            Json::Number(value) => value.into(),
            Json::String(value) => value.into(),
            Json::Array(items) => items.into_iter().map(to_serde).collect(),
            Json::Object(members) => serde_json::Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, to_serde(value)))
                    .collect(),
            ),
        }
    }
}
