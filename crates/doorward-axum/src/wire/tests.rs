//! An application's document that names our bodies.

use serde_json::Value;
use utoipa::OpenApi as _;

use super::{AccessTokenBody, LoginBody, LoginFormBody, RegistrationBody, TokenBody, UserBody};

#[utoipa::path(
    post,
    path = "/join",
    request_body = RegistrationBody,
    responses((status = 201, body = UserBody)),
)]
#[expect(dead_code, reason = "documented only")]
fn join() {}

#[utoipa::path(
    post,
    path = "/enter",
    request_body(content(
        (LoginBody = "application/json"),
        (LoginFormBody = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, body = TokenBody)),
)]
#[expect(dead_code, reason = "documented only")]
fn enter() {}

#[utoipa::path(
    post,
    path = "/token",
    request_body = LoginFormBody,
    responses((status = 200, body = AccessTokenBody)),
)]
#[expect(dead_code, reason = "documented only")]
fn token() {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(join, enter, token))]
struct AppApi;

#[test]
fn an_applications_document_has_the_schemas_of_our_bodies() {
    let document = serde_json::to_value(AppApi::openapi()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names: Vec<&String> = schemas.keys().collect();
    assert_eq!(
        names,
        [
            "AccessToken",
            "Login",
            "LoginForm",
            "Registration",
            "Token",
            "User"
        ]
    );
    let required = |name: &str| &schemas[name]["required"];
    assert_eq!(*required("Registration"), Value::from(vec!["password"]));
    assert_eq!(*required("Login"), Value::from(vec!["password"]));
    assert_eq!(
        *required("LoginForm"),
        Value::from(vec!["username", "password"])
    );
    let content = |path: &str, kind: &str| {
        let body = &document["paths"][path]["post"]["requestBody"];
        body["content"][kind]["schema"]["$ref"].clone()
    };
    for (path, kind, name) in [
        ("/join", "application/json", "Registration"),
        ("/enter", "application/json", "Login"),
        ("/enter", "application/x-www-form-urlencoded", "LoginForm"),
    ] {
        let reference = format!("#/components/schemas/{name}");
        assert_eq!(content(path, kind), Value::from(reference));
    }
}
