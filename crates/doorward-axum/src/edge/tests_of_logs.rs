//! What the log says of requests, and what it never says.

use std::{
    error::Error,
    fmt, io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, response::Response, routing::get};
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use tracing_subscriber::fmt::MakeWriter;

use super::{Edge, EdgeConfig, RequestIds};
use crate::{codes::Code, problem::Problem};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[derive(Debug)]
struct StoreError(io::Error);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot store the session")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The lines written while `path` was asked for.
async fn log_of(path: &str, slow_request: Duration) -> Vec<String> {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let router = Router::new()
        .route("/ok", get(async || "ok"))
        .route(
            "/panic",
            get(async || -> Response { panic!("index out\nof bounds") }),
        )
        .route(
            "/busy",
            get(async || Problem::unavailable(Code::Overloaded, "Try again later", 1)),
        )
        .route(
            "/failed",
            get(async || Problem::internal().with_cause(StoreError(io::Error::other("disk full")))),
        )
        .route("/bare", get(async || StatusCode::INTERNAL_SERVER_ERROR));
    let mut config = EdgeConfig::new(RequestIds::from_seed(1));
    config.slow_request = slow_request;
    let request = Request::get(path)
        .header("x-request-id", "abc")
        .header("authorization", "Bearer hidden-token")
        .body(Body::empty())
        .unwrap();
    let Ok(_) = Edge::new(config).layer(router).oneshot(request).await;
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .filter(|line| line.contains("doorward::http"))
        .map(without_duration)
        .collect()
}

fn without_duration(line: &str) -> String {
    line.split(' ')
        .filter(|word| !word.starts_with("ms="))
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

const NEVER: Duration = Duration::MAX;

#[tokio::test]
async fn each_request_is_one_line_without_its_query_or_headers() {
    let table = [
        (
            "/ok?token=hidden",
            r#"DEBUG doorward::http: request method="GET" path=/ok status=200 request_id="abc""#,
        ),
        (
            "/nowhere/",
            r#"DEBUG doorward::http: request method="GET" path=/nowhere/ status=404 request_id="abc""#,
        ),
        (
            "/busy",
            r#"WARN doorward::http: request turned away method="GET" path=/busy status=503 request_id="abc""#,
        ),
        (
            "/bare",
            r#"ERROR doorward::http: request failed method="GET" path=/bare status=500 request_id="abc""#,
        ),
        (
            "/failed",
            r#"ERROR doorward::http: request failed method="GET" path=/failed status=500 request_id="abc" cause=cannot store the session: disk full"#,
        ),
        (
            "/panic",
            r#"ERROR doorward::http: request failed method="GET" path=/panic status=500 request_id="abc" cause=the handler panicked: index out\nof bounds"#,
        ),
    ];
    for (path, expected) in table {
        assert_eq!(log_of(path, NEVER).await, [expected]);
    }
}

#[tokio::test]
async fn a_slow_request_is_logged_as_slow() {
    let lines = log_of("/ok", Duration::ZERO).await;
    assert_eq!(
        lines,
        [r#"WARN doorward::http: slow request method="GET" path=/ok status=200 request_id="abc""#]
    );
    let lines = log_of("/failed", Duration::ZERO).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
}
