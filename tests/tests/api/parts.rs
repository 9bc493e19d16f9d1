//! The API in parts.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use doorward::Doorward;
use doorward_axum::openapi::{BEARER_AUTH, COOKIE_AUTH, OAUTH2_PASSWORD_BEARER, merge};
use doorward_axum::{Api, Part};
use doorward_tests::engine::TestEngine;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::openapi::{assert_references_resolve, operation_names, operations};

fn document(api: Api) -> Value {
    let (_, document) = api.build::<Doorward>();
    serde_json::to_value(document).unwrap()
}

fn names(document: &Value) -> BTreeSet<String> {
    operations(document).into_keys().collect()
}

#[test]
fn every_operation_belongs_to_exactly_one_part() {
    let mut all: Vec<String> = Part::ALL
        .iter()
        .flat_map(|part| names(&document(Api::new().parts([*part]))))
        .collect();
    all.sort_unstable();
    assert_eq!(all, operation_names());
}

/// The names that members of the operations hold, such as all their tags.
fn named_by_operations<'d>(document: &'d Value, member: &str) -> BTreeSet<&'d str> {
    let mut found = BTreeSet::new();
    for operation in operations(document).into_values() {
        for item in operation[member].as_array().into_iter().flatten() {
            match item {
                Value::String(name) => {
                    found.insert(name.as_str());
                }
                other => found.extend(other.as_object().unwrap().keys().map(String::as_str)),
            }
        }
    }
    found
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_document_of_any_parts_is_whole() {
    for parts in 0..1_u32 << Part::ALL.len() {
        let chosen = Part::ALL
            .iter()
            .enumerate()
            .filter(|(index, _)| parts >> index & 1 == 1)
            .map(|(_, part)| *part);
        let chosen: Vec<_> = chosen.collect();
        let has_login = chosen.contains(&Part::Login);
        let document = document(Api::new().parts(chosen.iter().copied()));
        assert_references_resolve(&document);

        let tags: BTreeSet<&str> = document["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|tag| tag["name"].as_str().unwrap())
            .collect();
        assert_eq!(tags, named_by_operations(&document, "tags"), "{chosen:?}");

        let schemes = keys(&document["components"]["securitySchemes"]);
        let required = named_by_operations(&document, "security");
        assert!(required.is_subset(&schemes), "{chosen:?}");
        assert!(schemes.contains(BEARER_AUTH), "{chosen:?}");
        assert_eq!(
            schemes.contains(OAUTH2_PASSWORD_BEARER),
            has_login,
            "{chosen:?}"
        );
        let description = document["info"]["description"].as_str().unwrap();
        assert_eq!(description.contains("/auth/login"), has_login, "{chosen:?}");
    }
}

#[test]
fn an_operation_is_described_alike_in_whatever_company() {
    let whole = document(Api::new());
    let whole_operations = operations(&whole);
    for part in Part::ALL {
        let alone = document(Api::new().parts([Part::Login, *part]));
        for (name, operation) in operations(&alone) {
            assert_eq!(operation, whole_operations[&name], "{name}");
        }
        let schemas = alone["components"]["schemas"].as_object().unwrap();
        for (name, schema) in schemas {
            assert_eq!(*schema, whole["components"]["schemas"][name], "{name}");
        }
    }
}

#[test]
fn what_no_operation_served_refers_to_is_left_out() {
    let document = document(Api::new().parts([Part::Health]));
    assert_eq!(
        keys(&document["components"]["schemas"]),
        BTreeSet::from([
            "Captcha",
            "Fault",
            "FaultStep",
            "Health",
            "Liveness",
            "Problem",
            "ProblemDetail"
        ])
    );
}

#[test]
fn cookies_are_described_whatever_is_served() {
    for part in Part::ALL {
        let document = document(Api::new().parts([*part]).cookie_sessions(true));
        let schemes = keys(&document["components"]["securitySchemes"]);
        let required = named_by_operations(&document, "security");
        assert!(schemes.contains(COOKIE_AUTH));
        assert!(required.is_subset(&schemes), "{part:?}");
        assert!(required.is_empty() || required.contains(COOKIE_AUTH));
    }
}

#[test]
fn parts_named_twice_are_served_once() {
    let twice = Api::new().parts([Part::Users, Part::Health, Part::Users]);
    let once = Api::new().parts([Part::Health, Part::Users]);
    assert_eq!(document(twice), document(once));
    let without = Api::new().without([Part::Audit, Part::Audit]);
    let all_but_one = Part::ALL
        .iter()
        .copied()
        .filter(|part| *part != Part::Audit);
    assert_eq!(document(without), document(Api::new().parts(all_but_one)));
}

#[test]
fn any_prefix_is_taken_literally() {
    let prefixes = [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("v1", "/v1"),
        ("/v1/", "/v1"),
        ("a//b", "/a/b"),
        ("/{tenant}/{*rest}", "/%7Btenant%7D/%7B*rest%7D"),
        ("/:x/*y/z:z", "/%3Ax/%2Ay/z:z"),
        ("/ä ö?#%20", "/%C3%A4%20%C3%B6%3F%23%20"),
        ("/health", "/health"),
        ("/hea", "/hea"),
        ("/auth", "/auth"),
        ("/users/me", "/users/me"),
    ];
    for (prefix, path) in prefixes {
        let document = document(Api::new().prefix(prefix));
        let login = format!("POST {path}/auth/login");
        assert!(names(&document).contains(&login), "{prefix}");
        assert!(names(&document).contains("GET /health"), "{prefix}");
        let mut ids = BTreeMap::new();
        for (name, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap();
            if let Some(other) = ids.insert(id, name.clone()) {
                panic!("{prefix}: {id} is {name} and {other}");
            }
        }
    }
}

/// Whether a request without token and body finds an operation.
async fn is_served(app: &Router, operation: &str) -> bool {
    let (method, path) = operation.split_once(' ').unwrap();
    let path = path
        .replace("{id}", "0198c0de-0000-7000-8000-000000000000")
        .replace("{name}", "pilot");
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let not_found = status == StatusCode::NOT_FOUND && body.is_empty();
    !not_found && status != StatusCode::METHOD_NOT_ALLOWED
}

#[tokio::test]
async fn what_is_described_is_served_and_nothing_else() {
    let engine = TestEngine::in_memory().await;
    for part in Part::ALL {
        let (router, document) = Api::new().parts([*part]).build::<Doorward>();
        let app = router.with_state(engine.engine().clone());
        let described = names(&serde_json::to_value(document).unwrap());
        for operation in operation_names() {
            // To those who serve no `/users/me`, `me` is an id, and a malformed one.
            if *part == Part::Users && operation.ends_with("/users/me") {
                continue;
            }
            assert_eq!(
                is_served(&app, &operation).await,
                described.contains(&operation),
                "{part:?}: {operation}"
            );
        }
    }
}

#[tokio::test]
async fn a_prefix_in_the_document_is_the_prefix_served() {
    let engine = TestEngine::in_memory().await;
    for prefix in ["", "v1/", "/{tenant}", "/:x", "/ä"] {
        let (router, document) = Api::new().prefix(prefix).build::<Doorward>();
        let app = router.with_state(engine.engine().clone());
        for operation in names(&serde_json::to_value(document).unwrap()) {
            assert!(is_served(&app, &operation).await, "{prefix}: {operation}");
        }
    }
}

#[test]
fn the_parts_merged_are_the_whole() {
    let mut documents = Part::ALL
        .iter()
        .map(|part| Api::new().parts([Part::Login, *part]));
    let mut merged = Api::new().parts([Part::Login]).build::<Doorward>().1;
    for api in &mut documents {
        let (_, mut document) = api.build::<Doorward>();
        document
            .paths
            .paths
            .retain(|path, _| !merged.paths.paths.contains_key(path));
        merge(&mut merged, document).unwrap();
    }
    let merged = serde_json::to_value(merged).unwrap();
    let whole = document(Api::new());
    assert_eq!(merged["paths"], whole["paths"]);
    assert_eq!(merged["components"], whole["components"]);
}
