//! One document of the app's routes and Doorward's.

use super::fixture::App;

#[tokio::test]
async fn one_document_describes_both() {
    let app = App::start().await;
    let document = app.get("/openapi.json", None).await.expect(200);
    assert_eq!(document["info"]["title"], "Notes");
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/sign-up",
        "/notes",
        "/back-office/notes",
        "/api/v1/auth/login",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(!paths.contains_key("/api/v1/auth/register"));

    let sign_up = &paths["/sign-up"]["post"]["requestBody"]["content"]["application/json"];
    let schema = sign_up["schema"]["$ref"].as_str().unwrap();
    let schema = document.pointer(schema.trim_start_matches('#')).unwrap();
    let text = schema.to_string();
    assert!(text.contains("schemas/Registration"), "{text}");
    assert!(text.contains("Kitchen"), "{text}");
}

#[tokio::test]
async fn every_refusal_is_described_in_the_apps_shape() {
    let app = App::start().await;
    let document = app.get("/openapi.json", None).await.expect(200);
    for (path, method, status) in [
        ("/notes", "get", "default"),
        ("/api/v1/auth/login", "post", "401"),
        ("/api/v1/users", "get", "403"),
    ] {
        let refusal = &document["paths"][path][method]["responses"][status];
        let body = &refusal["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(body, "#/components/schemas/ErrorBody", "{method} {path}");
    }
    assert!(!document.to_string().contains("application/problem+json"));
}
