//! The OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use doorward::Doorward;
use doorward_axum::Api;
use serde_json::Value;

pub(crate) fn document() -> Value {
    let (_, document) = Api::new().version("1.2.3").build::<Doorward>();
    serde_json::to_value(document).unwrap()
}

/// Every operation, as `METHOD /path`, with what the document says of it.
pub(crate) fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                operations.insert(format!("{} {path}", method.to_uppercase()), operation);
            }
        }
    }
    operations
}

/// The names of all operations, sorted.
pub(crate) fn operation_names() -> Vec<String> {
    operations(&document()).into_keys().collect()
}

#[track_caller]
fn assert_none(offenders: &[String]) {
    assert!(offenders.is_empty(), "{offenders:#?}");
}

#[test]
fn the_document_changes_on_purpose_only() {
    insta::assert_json_snapshot!("document", document());
}

#[test]
fn it_says_what_it_is() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Doorward");
    assert_eq!(document["info"]["version"], "1.2.3");
    assert!(document["info"]["description"].is_string());
}

#[test]
fn a_title_and_a_prefix_of_ones_own_are_told() {
    let (_, document) = Api::new().title("Shop").prefix("/v2").build::<Doorward>();
    let document = serde_json::to_value(document).unwrap();
    assert_eq!(document["info"]["title"], "Shop");
    assert!(document["paths"]["/v2/users/me"]["get"].is_object());
    assert!(document["paths"]["/health"]["get"].is_object());
    let flow = &document["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"];
    assert_eq!(flow["password"]["tokenUrl"], "/v2/auth/login");
    assert_eq!(flow["password"]["refreshUrl"], "/v2/auth/refresh");
}

#[test]
fn the_token_url_is_an_operation_that_takes_the_form() {
    let document = document();
    let schemes = &document["components"]["securitySchemes"];
    let flow = &schemes["OAuth2PasswordBearer"]["flows"]["password"];
    for name in ["tokenUrl", "refreshUrl"] {
        let url = flow[name].as_str().unwrap();
        assert!(document["paths"][url]["post"].is_object(), "{url}");
    }
    let login = &document["paths"][flow["tokenUrl"].as_str().unwrap()]["post"];
    let form = &login["requestBody"]["content"]["application/x-www-form-urlencoded"];
    assert!(form.is_object());
    assert_eq!(schemes["BearerAuth"]["type"], "http");
    assert_eq!(schemes["BearerAuth"]["scheme"], "bearer");
}

#[test]
fn every_operation_has_a_summary_and_one_known_tag() {
    let document = document();
    let tags: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let offenders: Vec<_> = operations(&document)
        .into_iter()
        .filter(|(_, operation)| {
            let summary = operation["summary"].as_str().unwrap_or_default();
            let of_tags = operation["tags"].as_array().unwrap();
            let known = of_tags
                .iter()
                .all(|tag| tags.contains(tag.as_str().unwrap()));
            !(summary.ends_with('.') && summary.len() <= 100 && of_tags.len() == 1 && known)
        })
        .map(|(name, _)| name)
        .collect();
    assert_none(&offenders);
}

#[test]
fn operation_ids_are_unique_words() {
    let document = document();
    let mut seen = BTreeSet::new();
    let offenders: Vec<_> = operations(&document)
        .into_iter()
        .filter(|(_, operation)| {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let is_word = !id.is_empty()
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            !is_word || !seen.insert(id.to_owned())
        })
        .map(|(name, operation)| format!("{name}: {}", operation["operationId"]))
        .collect();
    assert_none(&offenders);
}

#[test]
fn every_request_body_has_an_example_of_every_kind() {
    let document = document();
    let mut offenders = Vec::new();
    for (name, operation) in operations(&document) {
        let content = operation["requestBody"]["content"].as_object();
        for (media_type, media) in content.into_iter().flatten() {
            if !media["example"].is_object() {
                offenders.push(format!("{name} {media_type}"));
            }
        }
    }
    assert_none(&offenders);
}

#[test]
fn every_answer_says_what_it_is() {
    let document = document();
    let mut offenders = Vec::new();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let has_body = response["content"].is_object();
            let described = response["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            if !described || has_body == (status == "204") {
                offenders.push(format!("{name} {status}"));
            }
        }
    }
    assert_none(&offenders);
}

#[test]
fn what_any_request_can_meet_is_documented() {
    let document = document();
    let mut offenders = Vec::new();
    for (name, operation) in operations(&document) {
        let mut expected = vec!["default"];
        if operation["security"].is_array() {
            expected.push("401");
        }
        if operation["requestBody"].is_object() {
            expected.extend(["400", "408", "413", "415", "422"]);
        }
        if operation["parameters"].is_array() {
            expected.push("422");
        }
        for status in expected {
            if !operation["responses"][status].is_object() {
                offenders.push(format!("{name} {status}"));
            }
        }
    }
    assert_none(&offenders);
}

#[test]
fn a_challenge_and_a_wait_are_told() {
    let document = document();
    for (name, operation) in operations(&document) {
        for (status, header) in [
            ("401", "WWW-Authenticate"),
            ("429", "Retry-After"),
            ("429", "RateLimit"),
            ("429", "RateLimit-Policy"),
            ("503", "Retry-After"),
        ] {
            let response = &operation["responses"][status];
            let is_health = name.contains("/health");
            if response.is_object() && !is_health {
                assert!(response["headers"][header].is_object(), "{name} {status}");
            }
        }
    }
}

/// Where all references of a document lead to.
fn references(document: &Value) -> Vec<&str> {
    fn collect<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(reference) if name == "$ref" => found.push(reference),
                        _ => collect(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(document, &mut found);
    found
}

/// That every reference leads to something.
#[track_caller]
pub(crate) fn assert_references_resolve(document: &Value) {
    for reference in references(document) {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    assert_references_resolve(&document);
    let used: BTreeSet<_> = references(&document)
        .into_iter()
        .map(|reference| reference.rsplit('/').next().unwrap())
        .collect();
    assert!(!used.is_empty());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let unused: Vec<_> = schemas
        .keys()
        .filter(|name| !used.contains(name.as_str()))
        .cloned()
        .collect();
    assert_none(&unused);
}

#[test]
fn every_parameter_of_a_path_is_described() {
    let document = document();
    let mut offenders = Vec::new();
    for (name, operation) in operations(&document) {
        let in_path: BTreeSet<_> = name
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap())
            .collect();
        let parameters = operation["parameters"].as_array();
        let described: BTreeSet<_> = parameters
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let words = parameters
            .into_iter()
            .flatten()
            .all(|parameter| parameter["description"].is_string());
        if in_path != described || !words {
            offenders.push(name);
        }
    }
    assert_none(&offenders);
}

#[test]
fn everything_is_described() {
    let document = document();
    let mut offenders = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !schema["description"].is_string() {
            offenders.push(name.clone());
        }
        let properties = schema["properties"].as_object();
        for (member, property) in properties.into_iter().flatten() {
            if !property["description"].is_string() {
                offenders.push(format!("{name}.{member}"));
            }
        }
    }
    assert_none(&offenders);
}
