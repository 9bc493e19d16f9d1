use std::convert::Infallible;

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower_layer::Layer as _;

use super::{AllowedOrigins, Edge, EdgeConfig, EdgeService, RequestId, RequestIds};
use crate::{
    codes::Code,
    problem::{Challenge, Problem},
};

fn routes() -> Router {
    Router::new()
        .route("/", get(async || "root"))
        .route("/hello", get(async || "hello").post(async || "posted"))
        .route(
            "/id",
            get(async |Extension(id): Extension<RequestId>| id.as_str().to_owned()),
        )
        .route(
            "/panic",
            get(async || -> Response { panic!("secret reason") }),
        )
        .route("/wait", get(std::future::pending::<Response>))
        .route(
            "/own-404",
            get(async || (StatusCode::NOT_FOUND, "no such page")),
        )
        .route(
            "/policies",
            get(async || {
                [
                    (header::CACHE_CONTROL, "public"),
                    (header::CONTENT_SECURITY_POLICY, "default-src 'self'"),
                    (header::VARY, "Accept"),
                ]
            }),
        )
        .route(
            "/unauthorized",
            post(async || {
                Problem::unauthorized(
                    Code::TokenExpired,
                    "Could not validate credentials",
                    Challenge::InvalidToken,
                )
            }),
        )
        .route(
            "/failed",
            get(async || Problem::internal().with_cause(std::io::Error::other("disk full"))),
        )
}

fn config() -> EdgeConfig {
    let mut config = EdgeConfig::new(RequestIds::from_seed(1));
    config.allowed_origins = AllowedOrigins::exact(["http://localhost:3000"]).unwrap();
    config
}

fn edge() -> EdgeService<Router> {
    Edge::new(config()).layer(routes())
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn send(method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(edge(), request.body(Body::empty()).unwrap()).await
}

async fn answer(edge: EdgeService<Router>, request: Request) -> Answer {
    let Ok::<_, Infallible>(response) = edge.oneshot(request).await;
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

#[tokio::test]
async fn every_answer_has_the_same_headers() {
    for path in ["/hello", "/nowhere", "/panic", "/own-404"] {
        let answer = send(Method::GET, path, &[("x-request-id", "abc")]).await;
        let mut headers = answer.headers.clone();
        let time = headers.remove("x-process-time").unwrap();
        assert_eq!(time.len(), "0.000123".len(), "{path}");
        for fixed in ["content-type", "content-length"] {
            headers.remove(fixed);
        }
        let mut lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        assert_eq!(
            lines,
            [
                "cache-control: no-store",
                "content-security-policy: default-src 'none'; frame-ancestors 'none'",
                "cross-origin-resource-policy: same-origin",
                "referrer-policy: no-referrer",
                "vary: Origin",
                "x-content-type-options: nosniff",
                "x-request-id: abc",
            ],
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_answers_own_policies_stand() {
    let answer = send(Method::GET, "/policies", &[]).await;
    assert_eq!(answer.header("cache-control"), "public");
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'self'"
    );
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["Accept", "Origin"]);
}

#[tokio::test]
async fn hsts_is_sent_when_configured() {
    let mut config = config();
    config.hsts = true;
    let request = Request::get("/hello").body(Body::empty()).unwrap();
    let answer = answer(Edge::new(config).layer(routes()), request).await;
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000; includeSubDomains"
    );
}

#[tokio::test]
async fn the_handler_and_the_client_see_the_same_id() {
    let answer = send(Method::GET, "/id", &[]).await;
    assert_eq!(answer.text(), answer.header("x-request-id"));
    let answer = send(Method::GET, "/id", &[("x-request-id", "kept-1")]).await;
    assert_eq!(answer.text(), "kept-1");
}

#[tokio::test]
async fn a_trailing_slash_makes_no_difference() {
    for (path, expected) in [
        ("/", "root"),
        ("/hello", "hello"),
        ("/hello/", "hello"),
        ("/hello/?a=b", "hello"),
        ("//", "root"),
    ] {
        let answer = send(Method::GET, path, &[]).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, expected),
            "{path}"
        );
    }
}

#[tokio::test]
async fn head_works_where_get_does() {
    let answer = send(Method::HEAD, "/hello", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((answer.header("content-length"), answer.text()), ("5", ""));

    let get = send(Method::GET, "/nowhere", &[("x-request-id", "a")]).await;
    let head = send(Method::HEAD, "/nowhere", &[("x-request-id", "a")]).await;
    assert_eq!(head.status, StatusCode::NOT_FOUND);
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!(head.text(), "");
}

#[tokio::test]
async fn an_unknown_route_is_a_problem() {
    let answer = send(Method::GET, "/nowhere", &[("x-request-id", "abc")]).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    insta::assert_snapshot!(answer.text(), @r#"{"type":"urn:doorward:problem:not_found","title":"Not Found","status":404,"detail":"Not Found","code":"not_found","request_id":"abc"}"#);
}

#[tokio::test]
async fn another_method_is_a_problem_that_keeps_allow() {
    let answer = send(Method::PUT, "/hello", &[("x-request-id", "abc")]).await;
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    insta::assert_snapshot!(answer.text(), @r#"{"type":"urn:doorward:problem:method_not_allowed","title":"Method Not Allowed","status":405,"detail":"Method Not Allowed","code":"method_not_allowed","request_id":"abc"}"#);
}

#[tokio::test]
async fn a_handlers_own_404_stands() {
    assert_eq!(
        send(Method::GET, "/own-404", &[]).await.text(),
        "no such page"
    );
}

#[tokio::test]
async fn a_problem_gets_the_request_id_and_keeps_its_headers() {
    let answer = send(Method::POST, "/unauthorized", &[("x-request-id", "abc")]).await;
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    insta::assert_snapshot!(answer.text(), @r#"{"type":"urn:doorward:problem:token_expired","title":"Unauthorized","status":401,"detail":"Could not validate credentials","code":"token_expired","request_id":"abc"}"#);
}

#[tokio::test(start_paused = true)]
async fn every_problem_can_be_told_in_the_applications_words() {
    let told = |method: Method, path: String| async move {
        let edge = Edge::new(config()).shape_problems(|problem: &Problem| {
            let id = problem.request_id().unwrap_or("none");
            format!("{} of {id}", problem.message())
        });
        let request = Request::builder().method(method).uri(path);
        let request = request.header("x-request-id", "abc");
        let request = request.body(Body::empty()).unwrap();
        answer(edge.layer(routes()), request).await
    };
    let long = "/".repeat(9 * 1024);
    for (path, status, text) in [
        ("/nowhere", 404, "Not Found of abc"),
        ("/panic", 500, "Internal Server Error of abc"),
        ("/wait", 503, "The request took too long of abc"),
        (&long, 414, "Request target is longer than 8 KiB of abc"),
        ("/own-404", 404, "no such page"),
        ("/hello", 200, "hello"),
    ] {
        let answer = told(Method::GET, path.to_owned()).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, text));
        assert_eq!(answer.header("content-length"), text.len().to_string());
        assert_eq!(answer.header("x-request-id"), "abc");
    }
    let refused = told(Method::POST, "/unauthorized".to_owned()).await;
    assert_eq!(refused.text(), "Could not validate credentials of abc");
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
    let head = told(Method::HEAD, "/nowhere".to_owned()).await;
    assert_eq!(head.text(), "");
}

#[tokio::test]
async fn failures_tell_the_client_nothing() {
    for path in ["/panic", "/failed"] {
        let answer = send(Method::GET, path, &[("x-request-id", "abc")]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.text(), @r#"{"type":"urn:doorward:problem:internal_error","title":"Internal Server Error","status":500,"detail":"Internal Server Error","code":"internal_error","request_id":"abc"}"#);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_past_its_deadline_is_given_up() {
    let began = tokio::time::Instant::now();
    let answer = send(Method::GET, "/wait", &[("x-request-id", "abc")]).await;
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(answer.header("retry-after"), "1");
    insta::assert_snapshot!(answer.text(), @r#"{"type":"urn:doorward:problem:deadline_exceeded","title":"Service Unavailable","status":503,"detail":"The request took too long","code":"deadline_exceeded","request_id":"abc"}"#);
}

#[tokio::test]
async fn a_long_target_is_refused() {
    let answer = send(Method::GET, &format!("/{}", "a".repeat(8 * 1024)), &[]).await;
    assert_eq!(answer.status, StatusCode::URI_TOO_LONG);
    let answer = send(
        Method::GET,
        &format!("/hello?{}", "a".repeat(8 * 1024 - 7)),
        &[],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn odd_targets_are_not_found() {
    for (method, target) in [
        (Method::OPTIONS, "*"),
        (Method::CONNECT, "example.com:443"),
        (Method::GET, "/%00"),
    ] {
        let answer = send(method, target, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
    }
}

const PREFLIGHT: [(&str, &str); 2] = [
    ("access-control-request-method", "PATCH"),
    ("access-control-request-headers", "authorization,x-trace"),
];

#[tokio::test]
async fn a_preflight_is_answered_before_routing() {
    let mut headers = PREFLIGHT.to_vec();
    headers.push(("origin", "http://localhost:3000"));
    for path in ["/hello", "/nowhere", "/unauthorized"] {
        let answer = send(Method::OPTIONS, path, &headers).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://localhost:3000"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, HEAD, POST, PUT, PATCH, DELETE"
        );
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "authorization,x-trace"
        );
        assert_eq!(answer.header("access-control-max-age"), "600");
    }
}

#[tokio::test]
async fn a_foreign_page_gets_no_permission() {
    for origin in [
        "http://localhost:3001",
        "https://localhost:3000",
        "null",
        "http://localhost:3000.evil.example",
    ] {
        let mut headers = PREFLIGHT.to_vec();
        headers.push(("origin", origin));
        let preflight = send(Method::OPTIONS, "/hello", &headers).await;
        let request = send(Method::GET, "/hello", &[("origin", origin)]).await;
        assert_eq!(
            (preflight.status, request.status),
            (StatusCode::BAD_REQUEST, StatusCode::OK)
        );
        for answer in [preflight, request] {
            assert_eq!(answer.header("vary"), "Origin");
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control"))
            );
        }
    }
}

#[tokio::test]
async fn an_allowed_page_may_read_answers_and_errors() {
    for path in ["/hello", "/nowhere"] {
        let answer = send(Method::GET, path, &[("origin", "http://localhost:3000")]).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://localhost:3000"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "X-Request-ID, X-Process-Time, Retry-After, RateLimit-Policy, RateLimit, Link, X-Total-Count"
        );
    }
}

#[tokio::test]
async fn any_origin_is_without_credentials() {
    let mut config = config();
    config.allowed_origins = AllowedOrigins::Any;
    let request = Request::get("/hello")
        .header("origin", "https://a.example")
        .body(Body::empty())
        .unwrap();
    let answer = answer(Edge::new(config).layer(routes()), request).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn options_without_preflight_headers_is_routed() {
    let answer = send(
        Method::OPTIONS,
        "/hello",
        &[("origin", "http://localhost:3000")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
