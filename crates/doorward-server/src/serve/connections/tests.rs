//! Slow clients, on a clock that runs ahead whenever nobody has anything to do.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{DRAIN, HEAD_TIMEOUT, TrustedProxies, run};

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: server\r\n\r\n";

/// A server that greets, and that takes bodies for as long as they come.
struct Served {
    client: TcpStream,
    end: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Served {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let client = client.await.unwrap();
        let app = Router::new().route("/", get(async || "hello")).route(
            "/",
            post(async |body: Body| body.collect().await.is_ok().to_string()),
        );
        let (end, ended) = oneshot::channel();
        let server = tokio::spawn(run(listener, app, TrustedProxies::default(), async {
            let _ = ended.await;
        }));
        Self {
            client,
            end,
            server,
        }
    }

    async fn send(&mut self, text: &str) {
        self.client.write_all(text.as_bytes()).await.unwrap();
    }

    /// What comes until the server closes the connection, and after how long it does.
    async fn read_to_end(&mut self) -> (String, Duration) {
        let start = Instant::now();
        let mut said = String::new();
        self.client.read_to_string(&mut said).await.unwrap();
        (said, start.elapsed())
    }
}

/// Whether the clock stood there: it moves in steps of a few milliseconds.
fn is_about(elapsed: Duration, expected: Duration) -> bool {
    elapsed >= expected && elapsed < expected + Duration::from_secs(1)
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_cut_off() {
    let mut served = Served::start().await;
    let (said, after) = served.read_to_end().await;
    assert_eq!(said, "");
    assert!(is_about(after, HEAD_TIMEOUT), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn who_sends_a_head_bit_by_bit_is_cut_off() {
    let mut served = Served::start().await;
    let start = Instant::now();
    served.send("GET / HTTP/1.1\r\n").await;
    // One field every ten seconds: never idle, never done.
    while start.elapsed() < HEAD_TIMEOUT - Duration::from_secs(5) {
        served.send("x-slow: 1\r\n").await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    let (said, _) = served.read_to_end().await;
    assert!(!said.contains("hello"), "{said}");
    let after = start.elapsed();
    assert!(is_about(after, HEAD_TIMEOUT), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn who_idles_after_an_answer_is_cut_off() {
    let mut served = Served::start().await;
    served.send(REQUEST).await;
    let (said, after) = served.read_to_end().await;
    assert!(said.ends_with("hello"), "{said}");
    assert!(is_about(after, HEAD_TIMEOUT), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn who_never_ends_a_body_is_cut_off_when_the_server_ends() {
    let mut served = Served::start().await;
    let head = "POST / HTTP/1.1\r\nhost: server\r\ncontent-length: 5\r\n\r\n";
    served.send(&format!("{head}12")).await;
    // Long enough for the request to be under way.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let start = Instant::now();
    served.end.send(()).unwrap();
    served.server.await.unwrap();
    assert!(is_about(start.elapsed(), DRAIN), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_ends_a_body_in_time_is_answered_though_the_server_ends() {
    let mut served = Served::start().await;
    let head = "POST / HTTP/1.1\r\nhost: server\r\ncontent-length: 5\r\n\r\n";
    served.send(&format!("{head}12")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    served.end.send(()).unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    served.client.write_all(b"345").await.unwrap();
    let mut said = String::new();
    served.client.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("true"), "{said}");
    served.server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_sent_just_before_the_end_is_answered() {
    let mut served = Served::start().await;
    // The connection is accepted; nothing was asked.
    tokio::time::sleep(Duration::from_secs(3)).await;
    served.end.send(()).unwrap();
    served.client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut said = String::new();
    served.client.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("hello"), "{said}");
    served.server.await.unwrap();
}
