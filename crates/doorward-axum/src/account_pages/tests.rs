use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::account_pages_router;

const PAGES: [&str; 2] = ["/reset-password", "/verify-email"];

async fn fetch(path: &str) -> Response {
    let app: axum::Router = account_pages_router("/auth/v1", "Shop \"<&>\"");
    let request = Request::get(path).body(Body::empty()).unwrap();
    app.oneshot(request).await.unwrap()
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

/// The values of this attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(attribute)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect()
}

#[tokio::test]
async fn nothing_is_kept_and_nobody_hears_of_the_page() {
    for page in PAGES {
        let response = fetch(page).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            header(&response, "content-type"),
            "text/html; charset=utf-8"
        );
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert_eq!(header(&response, "etag"), "");
    }
}

#[tokio::test]
async fn scripts_and_styles_are_files_of_our_own() {
    for page in PAGES {
        let response = fetch(page).await;
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
        let html = text(response).await;
        assert_eq!(html.matches("<script").count(), 1);
        assert!(!html.contains("<style") && !html.contains("style="));
        let is_listener = |word: &str| word.starts_with("on") && word.contains('=');
        assert!(!html.split_whitespace().any(is_listener), "{html}");
        let files = [values(&html, "href=\""), values(&html, "src=\"")].concat();
        assert_eq!(files.len(), 2);
        for file in files {
            // Relative, for a server below a path of a proxy.
            let response = fetch(&format!("/{file}")).await;
            assert_eq!(response.status(), StatusCode::OK, "{file}");
            let caching = "public, max-age=31536000, immutable";
            assert_eq!(header(&response, "cache-control"), caching, "{file}");
        }
    }
}

#[tokio::test]
async fn forms_go_to_the_api_and_the_name_is_text() {
    for (page, endpoint) in [
        ("/reset-password", "auth/v1/auth/password/reset/confirm"),
        ("/verify-email", "auth/v1/auth/email/verification/confirm"),
    ] {
        let html = text(fetch(page).await).await;
        assert_eq!(values(&html, "data-endpoint=\""), [endpoint]);
        assert!(html.contains("Shop &#34;&#60;&#38;&#62;&#34;"), "{html}");
        assert!(!html.contains("{"), "a placeholder is left: {html}");
    }
}

#[tokio::test]
async fn every_field_has_a_label_and_messages_are_announced() {
    let html = text(fetch("/reset-password").await).await;
    assert!(html.contains("<label for=\"new-password\">"));
    assert!(html.contains("<input id=\"new-password\""));
    for page in PAGES {
        let html = text(fetch(page).await).await;
        assert!(html.contains("role=\"status\" aria-live=\"polite\""));
        assert!(html.contains("<html lang=\"en\">"));
    }
}

#[tokio::test]
async fn what_a_page_does_not_load_is_not_found() {
    for path in ["/reset-password/other.js", "/verify-email/..%2f"] {
        assert_eq!(fetch(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
