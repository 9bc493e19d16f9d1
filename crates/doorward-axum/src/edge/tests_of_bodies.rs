//! What becomes of bodies that nobody reads.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{Router, body::Body, routing::post};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tower::ServiceExt as _;
use tower_layer::Layer as _;

use super::{Edge, EdgeConfig, RequestIds};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A body of `left` bytes in frames of a KiB, that tells how many were read.
struct Counted {
    left: usize,
    declares: bool,
    read: Arc<AtomicUsize>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= KIB;
        self.read.fetch_add(KIB, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; KIB])))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.declares {
            SizeHint::with_exact(self.left as u64)
        } else {
            SizeHint::new()
        }
    }
}

/// A body that never comes.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Pending
    }
}

async fn status_for(request: Request<Body>) -> StatusCode {
    let router = Router::new()
        .route("/refuses", post(async || StatusCode::UNAUTHORIZED))
        .route("/reads", post(async |body: Bytes| body.len().to_string()))
        .route(
            "/panics",
            post(async |_: Body| -> StatusCode { panic!("on purpose") }),
        );
    let edge = Edge::new(EdgeConfig::new(RequestIds::from_seed(1))).layer(router);
    let Ok(response) = edge.oneshot(request).await;
    response.status()
}

/// How much of a body of `length` was read when `path` had answered.
async fn read_of(path: &str, length: usize, declares: bool, expects: bool) -> (u16, usize) {
    let read = Arc::new(AtomicUsize::new(0));
    let body = Counted {
        left: length,
        declares,
        read: Arc::clone(&read),
    };
    let mut request = Request::post(path);
    if expects {
        request = request.header(header::EXPECT, "100-continue");
    }
    let status = status_for(request.body(Body::new(body)).unwrap()).await;
    (status.as_u16(), read.load(Ordering::Relaxed))
}

#[tokio::test]
async fn an_unread_body_is_discarded_within_bounds_before_the_answer() {
    let table = [
        // Refused by a handler, by the router, by a panic: all alike.
        ("/refuses", 5 * MIB, true, (401, 5 * MIB)),
        ("/refuses", 5 * MIB, false, (401, 5 * MIB)),
        ("/nowhere", 5 * MIB, true, (404, 5 * MIB)),
        ("/panics", 5 * MIB, true, (500, 5 * MIB)),
        // Declared to be too much: not even begun.
        ("/refuses", 9 * MIB, true, (401, 0)),
        // Found to be too much.
        ("/refuses", 50 * MIB, false, (401, 8 * MIB + KIB)),
        // Read by its handler, nothing is left.
        ("/reads", MIB, true, (200, MIB)),
        // The handler's own limit (axum's 2 MB), the rest is discarded.
        ("/reads", 5 * MIB, false, (413, 5 * MIB)),
    ];
    for (path, length, declares, expected) in table {
        let outcome = read_of(path, length, declares, false).await;
        assert_eq!(outcome, expected, "{path} {length} {declares}");
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_not_told_to_send_for_nothing() {
    assert_eq!(read_of("/refuses", MIB, true, true).await, (401, 0));
    assert_eq!(read_of("/reads", MIB, true, true).await, (200, MIB));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_delays_the_answer_by_five_seconds_at_most() {
    let began = tokio::time::Instant::now();
    let request = Request::post("/refuses").body(Body::new(Never)).unwrap();
    assert_eq!(status_for(request).await, StatusCode::UNAUTHORIZED);
    assert_eq!(began.elapsed().as_secs(), 5);
}
