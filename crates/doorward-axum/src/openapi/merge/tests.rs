use doorward::Doorward;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa::{PartialSchema as _, ToSchema as _};

use super::{MergeError, merge};
use crate::problem::Problem;
use crate::{Api, UserBody};

fn parse(document: Value) -> OpenApi {
    serde_json::from_value(document).unwrap()
}

/// An application's document with these paths and components.
fn shop(paths: Value, components: Value) -> OpenApi {
    parse(json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "7"},
        "paths": paths,
        "components": components,
    }))
}

fn doorward() -> OpenApi {
    Api::new().build::<Doorward>().1
}

fn merged(mut app: OpenApi, ours: OpenApi) -> Value {
    merge(&mut app, ours).unwrap();
    serde_json::to_value(app).unwrap()
}

fn collect_references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| match member {
            Value::String(text) if name == "$ref" => found.push(text),
            _ => collect_references(member, found),
        }),
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

#[track_caller]
fn assert_references_resolve(document: &Value) {
    let mut found = Vec::new();
    collect_references(document, &mut found);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[test]
fn our_document_survives_json() {
    let document = serde_json::to_value(Api::new().cookie_sessions(true).build::<Doorward>().1);
    let document = document.unwrap();
    assert_eq!(
        serde_json::to_value(parse(document.clone())).unwrap(),
        document
    );
}

#[test]
fn nothing_is_renamed_without_need() {
    let ours = serde_json::to_value(doorward()).unwrap();
    let document = merged(shop(json!({}), json!({})), doorward());
    assert_eq!(document["info"], json!({"title": "Shop", "version": "7"}));
    for member in ["paths", "components", "tags"] {
        assert_eq!(document[member], ours[member], "{member}");
    }
}

#[test]
fn what_has_no_components_gets_them() {
    let app = json!({"openapi": "3.1.0", "info": {"title": "Shop", "version": "7"}, "paths": {}});
    let document = merged(parse(app), doorward());
    assert!(document["components"]["schemas"]["User"].is_object());
}

#[test]
fn a_schema_that_means_something_else_leaves_its_name_to_the_application() {
    let theirs = json!({"type": "object", "description": "A customer.", "required": ["vat"],
        "properties": {"vat": {"type": "string"}}});
    let app = shop(
        json!({"/me": {"get": {"operationId": "customer", "responses": {"200": {"description": "It.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}}}}}),
        json!({"schemas": {"User": theirs}}),
    );
    let ours = serde_json::to_value(doorward()).unwrap();
    let document = merged(app, doorward());
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["User"], theirs);
    assert_eq!(
        schemas["DoorwardUser"],
        ours["components"]["schemas"]["User"]
    );
    let body = "/responses/200/content/application~1json/schema/$ref";
    let schema_of = |path: &str| document["paths"][path]["get"].pointer(body).unwrap();
    assert_eq!(schema_of("/me"), "#/components/schemas/User");
    assert_eq!(
        schema_of("/api/v1/users/me"),
        "#/components/schemas/DoorwardUser"
    );
    assert_references_resolve(&document);
}

#[test]
fn what_refers_to_something_else_is_something_else() {
    let schema = json!({"type": "array", "description": "Some.", "items": {"$ref": "#/components/schemas/Item"}});
    let nested =
        json!({"type": "object", "properties": {"items": {"$ref": "#/components/schemas/Items"}}});
    let document = |item: &str| {
        shop(
            json!({}),
            json!({"schemas": {"Item": {"type": item}, "Items": schema, "Nested": nested,
                "Plain": {"type": "string"}}}),
        )
    };
    let document = merged(document("string"), document("integer"));
    let schemas = &document["components"]["schemas"];
    let names: Vec<_> = schemas.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "DoorwardItem",
            "DoorwardItems",
            "DoorwardNested",
            "Item",
            "Items",
            "Nested",
            "Plain"
        ]
    );
    assert_eq!(
        schemas["DoorwardItems"]["items"]["$ref"],
        "#/components/schemas/DoorwardItem"
    );
    assert_eq!(
        schemas["Items"]["items"]["$ref"],
        "#/components/schemas/Item"
    );
}

#[test]
fn a_name_that_is_taken_too_is_numbered() {
    let app = json!({"schemas": {"User": {"type": "string"}, "User2": {"type": "string"},
        "DoorwardUser": {"type": "string"}}});
    let ours = json!({"schemas": {"User": {"type": "integer"}, "User2": {"type": "integer"}}});
    let document = merged(shop(json!({}), app), shop(json!({}), ours));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let integers: Vec<_> = schemas
        .iter()
        .filter(|(_, schema)| schema["type"] == "integer")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(integers, ["DoorwardUser2", "DoorwardUser22"]);
}

#[test]
fn what_an_application_describes_with_our_types_is_shared() {
    let mut app = shop(json!({}), json!({}));
    let mut schemas = vec![
        ("Problem".to_owned(), Problem::schema()),
        ("User".to_owned(), UserBody::schema()),
    ];
    Problem::schemas(&mut schemas);
    UserBody::schemas(&mut schemas);
    app.components = Some(
        utoipa::openapi::ComponentsBuilder::new()
            .schemas_from_iter(schemas)
            .build(),
    );
    let ours = serde_json::to_value(doorward()).unwrap();
    let document = merged(app, doorward());
    assert_eq!(
        document["components"]["schemas"],
        ours["components"]["schemas"]
    );
}

#[test]
fn a_security_scheme_is_renamed_where_it_is_required() {
    let key = json!({"type": "apiKey", "in": "header", "name": "X-Key"});
    let app = shop(
        json!({"/orders": {"get": {"responses": {}, "security": [{"BearerAuth": []}]}}}),
        json!({"securitySchemes": {"BearerAuth": key}}),
    );
    let document = merged(app, doorward());
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["BearerAuth"], key);
    assert_eq!(schemes["DoorwardBearerAuth"]["scheme"], "bearer");
    assert_eq!(
        document["paths"]["/orders"]["get"]["security"],
        json!([{"BearerAuth": []}])
    );
    assert_eq!(
        document["paths"]["/api/v1/auth/me"]["get"]["security"],
        json!([{"OAuth2PasswordBearer": []}, {"DoorwardBearerAuth": []}])
    );
}

#[test]
fn operation_ids_stay_unique() {
    let app = shop(
        json!({
            "/enter": {"post": {"operationId": "login", "responses": {}}},
            "/leave": {"query": {"operationId": "logout", "responses": {}}},
            "/again": {"post": {"operationId": "doorward_logout", "responses": {}}},
        }),
        json!({}),
    );
    let document = merged(app, doorward());
    let id = |path: &str, method: &str| document["paths"][path][method]["operationId"].clone();
    assert_eq!(id("/enter", "post"), "login");
    assert_eq!(id("/api/v1/auth/login", "post"), "doorward_login");
    assert_eq!(id("/api/v1/auth/logout", "post"), "doorward_logout_2");
    assert_eq!(id("/api/v1/auth/refresh", "post"), "refresh");
}

#[test]
fn one_operation_in_both_is_an_error_and_changes_nothing() {
    let mut app = shop(
        json!({
            "/health": {
                "get": {"responses": {}},
                "head": {"responses": {}},
            },
            "/health/live": {"post": {"responses": {}}},
            "/api/v1/users/{user_id}": {"put": {"responses": {}}},
        }),
        json!({}),
    );
    let before = app.clone();
    let error = merge(&mut app, doorward()).unwrap_err();
    assert!(app == before);
    let MergeError::Overlapping(found) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        *found,
        [
            "/api/v1/users/{user_id} and /api/v1/users/{id}",
            "GET /health"
        ]
    );
    assert!(error.to_string().contains("GET /health: "), "{error}");
}

#[test]
fn other_methods_share_a_path() {
    let paths = json!({"/health": {"post": {"operationId": "heal", "responses": {}}}});
    let document = merged(shop(paths, json!({})), doorward());
    let item = &document["paths"]["/health"];
    assert_eq!(item["post"]["operationId"], "heal");
    assert_eq!(item["get"]["operationId"], "health");
}

#[test]
fn what_the_application_asks_for_in_general_is_not_asked_for_login() {
    let mut app = shop(json!({}), json!({}));
    app.security = Some(vec![utoipa::openapi::SecurityRequirement::new::<
        _,
        [&str; 0],
        _,
    >("ApiKey", [])]);
    let document = merged(app, doorward());
    assert_eq!(document["security"], json!([{"ApiKey": []}]));
    let security = |path: &str, method: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(security("/api/v1/auth/login", "post"), json!([]));
    assert_eq!(
        security("/api/v1/auth/me", "get"),
        json!([{"OAuth2PasswordBearer": []}, {"BearerAuth": []}])
    );
}

#[test]
fn a_tag_keeps_the_words_of_the_application() {
    let mut app = shop(json!({}), json!({}));
    let users = utoipa::openapi::tag::TagBuilder::new()
        .name("Users")
        .description(Some("Ours."));
    app.tags = Some(vec![users.build()]);
    let document = merged(app, doorward());
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        tags,
        ["Users", "Authentication", "Roles", "Audit", "Service"]
    );
    assert_eq!(document["tags"][0]["description"], "Ours.");
}

#[test]
fn every_reference_resolves_where_every_name_is_taken() {
    let ours = serde_json::to_value(doorward()).unwrap();
    let schemas = ours["components"]["schemas"].as_object().unwrap();
    let theirs: serde_json::Map<String, Value> = schemas
        .keys()
        .map(|name| (name.clone(), json!({"type": "boolean"})))
        .collect();
    let document = merged(shop(json!({}), json!({"schemas": theirs})), doorward());
    assert_references_resolve(&document);
    let mut found = Vec::new();
    collect_references(&document["paths"], &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(
            reference.starts_with("#/components/schemas/Doorward"),
            "{reference}"
        );
    }
}

#[test]
fn two_instances_share_what_they_have_in_common() {
    let mut app = shop(json!({}), json!({}));
    merge(&mut app, doorward()).unwrap();
    let without_health = Api::new().without([crate::Part::Health]);
    let (_, staff) = without_health.prefix("/staff").build::<Doorward>();
    let document = merged(app, staff);
    let names = |kind: &str| -> Vec<String> {
        let named = document["components"][kind].as_object().unwrap();
        named.keys().cloned().collect()
    };
    assert!(
        names("schemas")
            .iter()
            .all(|name| !name.contains("Doorward"))
    );
    assert_eq!(
        names("securitySchemes"),
        [
            "BearerAuth",
            "DoorwardOAuth2PasswordBearer",
            "OAuth2PasswordBearer"
        ]
    );
    assert_references_resolve(&document);
}
