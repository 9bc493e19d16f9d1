//! What every answer owes: the conventions, and what the OpenAPI document says.

use http::{HeaderMap, Method};
use serde_json::Value;

use super::{Answer, schema};

/// Headers that every answer has.
const ALWAYS: [&str; 6] = [
    "x-request-id",
    "x-process-time",
    "x-content-type-options",
    "referrer-policy",
    "content-security-policy",
    "cache-control",
];

/// What the OpenAPI document promises.
#[derive(Debug)]
pub struct Contract {
    document: Value,
}

impl Contract {
    pub(super) fn new(document: Value) -> Self {
        Self { document }
    }

    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    /// What the document says of an operation.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        self.document["paths"].get(path)?.get(method.to_lowercase())
    }

    /// What is wrong with an answer to a request of this method to this path.
    pub(super) fn faults(&self, method: &Method, path: &str, answer: &Answer) -> Vec<String> {
        let mut faults = conventions(method, answer);
        let documented = if method == Method::HEAD {
            Method::GET
        } else {
            method.clone()
        };
        if let Some(operation) = self.find(&documented, path) {
            faults.extend(self.undocumented(operation, method, answer));
        }
        faults
    }

    fn find(&self, method: &Method, path: &str) -> Option<&Value> {
        let path = path.trim_end_matches('/');
        let method = method.as_str().to_lowercase();
        let paths = self.document["paths"].as_object().unwrap();
        // What is written out goes before what has parameters.
        let matching = |(template, _): &(&String, &Value)| matches(template, path);
        let by_parameters = |(template, _): &(&String, &Value)| template.matches('{').count();
        let (_, item) = paths.iter().filter(matching).min_by_key(by_parameters)?;
        item.get(&method)
    }

    fn undocumented(&self, operation: &Value, method: &Method, answer: &Answer) -> Vec<String> {
        let status = answer.status.to_string();
        let Some(response) = operation["responses"].get(&status) else {
            // Not of the operation, but of the way to it: the request is too long to be
            // routed at all, or its path is no text.
            let on_the_way = matches!(answer.status, 404 | 414);
            return if on_the_way && answer.json()["detail"] != "User not found" {
                Vec::new()
            } else {
                vec![format!("status {status} is not documented")]
            };
        };
        if method == Method::HEAD {
            return Vec::new();
        }
        let Some(content) = response.get("content") else {
            return if answer.body.is_empty() {
                Vec::new()
            } else {
                vec!["a body where none is documented".to_owned()]
            };
        };
        let media_type = answer.header("content-type").unwrap_or_default();
        match content.get(media_type) {
            None => vec![format!("content type {media_type:?} is not documented")],
            Some(media) => schema::faults(&self.document, &media["schema"], &answer.json()),
        }
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(part, actual)| part == actual || part.starts_with('{'))
}

fn conventions(method: &Method, answer: &Answer) -> Vec<String> {
    let mut faults = missing_headers(&answer.headers);
    if answer.status >= 500 && answer.status != 503 {
        faults.push("the server failed".to_owned());
    }
    if String::from_utf8_lossy(&answer.body).contains("$argon2") {
        faults.push("a hash".to_owned());
    }
    if answer.status == 401 && !answer.headers.contains_key("www-authenticate") {
        faults.push("401 without a challenge".to_owned());
    }
    let is_problem = answer.header("content-type") == Some("application/problem+json");
    if (400..500).contains(&answer.status) && !is_problem {
        faults.push("an error that is no problem".to_owned());
    }
    if is_problem && method != Method::HEAD {
        faults.extend(malformed(answer));
    }
    faults
}

fn missing_headers(headers: &HeaderMap) -> Vec<String> {
    ALWAYS
        .iter()
        .filter(|name| !headers.contains_key(**name))
        .map(|name| format!("no {name}"))
        .collect()
}

/// The problem has the members of RFC 9457 and ours, and they agree with the rest.
fn malformed(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let code = body["code"].as_str().unwrap_or_default();
    let expected = [
        ("type", Value::from(format!("urn:doorward:problem:{code}"))),
        ("status", Value::from(answer.status)),
        ("request_id", Value::from(answer.header("x-request-id"))),
    ];
    let mut faults: Vec<_> = expected
        .iter()
        .filter(|(name, value)| body[name] != *value)
        .map(|(name, _)| format!("{name} of the problem"))
        .collect();
    let members = body.as_object().map_or(0, serde_json::Map::len);
    let has_detail = body["detail"].is_string() || body["detail"].is_array();
    let own = usize::from(code.starts_with("captcha_"));
    let is_whole = members == 6 + own
        && body["captcha"].is_object() == (own == 1)
        && !code.is_empty()
        && body["title"].is_string()
        && has_detail;
    if !is_whole {
        faults.push("the members of the problem".to_owned());
    }
    faults
}
