use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::docs_router;

const OPENAPI: &str = r#"{"openapi":"3.1.0"}"#;

async fn fetch(path: &str, known_tag: Option<&str>) -> Response {
    let app: Router = docs_router(Bytes::from_static(OPENAPI.as_bytes()), "Acme <1>");
    let mut request = Request::get(path);
    if let Some(tag) = known_tag {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    app.oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// What a page loads: the values of its `src` and `href` attributes.
fn references(html: &str) -> Vec<&str> {
    html.split('"')
        .zip(html.split('"').skip(1))
        .filter(|(before, _)| before.ends_with("src=") || before.ends_with("href="))
        .map(|(_, value)| value)
        .collect()
}

#[tokio::test]
async fn whatever_a_page_loads_is_served_here() {
    for page in ["/docs", "/redoc"] {
        let html = text(fetch(page, None).await).await;
        assert!(html.contains("Acme &#60;1&#62;"), "{page}");
        assert!(!html.contains("={"), "{page}: a placeholder is left");
        let references = references(&html);
        assert!(references.len() >= 4, "{page}: {references:?}");
        for reference in references {
            let response = fetch(reference, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{reference}");
            let expected = if reference.contains("?v=") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            assert_eq!(header(&response, "cache-control"), expected, "{reference}");
        }
    }
}

#[tokio::test]
async fn scripts_are_never_inline() {
    for page in ["/docs", "/redoc"] {
        let response = fetch(page, None).await;
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(
            policy.contains("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("http"), "{policy}");
        let html = text(response).await;
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script src=").count()
        );
    }
}

#[tokio::test]
async fn a_held_file_is_not_sent_again() {
    for path in ["/openapi.json", "/docs", "/redoc/redoc.standalone.js"] {
        let tag = header(&fetch(path, None).await, "etag").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let response = fetch(path, Some(&known)).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(header(&response, "etag"), tag);
        }
        let response = fetch(path, Some("\"x\"")).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let response = fetch("/openapi.json", None).await;
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(text(response).await, OPENAPI);
}

#[tokio::test]
async fn other_files_are_not_found() {
    for path in [
        "/docs/index.html",
        "/docs/x",
        "/docs/%ff",
        "/redoc/..%2FLICENSE",
        "/docs/swagger-ui.js",
    ] {
        assert_eq!(
            fetch(path, None).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
