//! A request body that comes back when nobody wants to read it further.
//!
//! Whoever refuses a request (no token, no such route, too large) answers
//! without having read its body. Closing the connection then, with bytes
//! unread, makes the system reset it, and the client sees the reset instead of
//! the answer. So the edge lends the body out, gets back what is left of it,
//! and discards that, within bounds, before it answers.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;

/// How much of an unwanted body is read, in bytes: 8 MiB.
const MAX_DISCARDED: u64 = 8 * 1024 * 1024;

/// How long an unwanted body is read.
const MAX_DISCARDING: Duration = Duration::from_secs(5);

/// Where a lent body comes back to.
#[derive(Debug, Clone, Default)]
pub(super) struct Loan(Arc<Mutex<Option<Body>>>);

impl Loan {
    /// The rest of the body, if there is one worth discarding.
    pub(super) fn take_back(&self) -> Option<Body> {
        let mut returned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        returned
            .take()
            .filter(|rest| rest.size_hint().lower() <= MAX_DISCARDED)
    }

    fn give_back(&self, rest: Body) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
    }
}

/// Puts a lent body in the place of the request's own; no loan is needed where
/// there is no body.
pub(super) fn lend<B>(request: Request<B>) -> (Request<Body>, Option<Loan>)
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    if request.body().is_end_stream() {
        return (request.map(|_| Body::empty()), None);
    }
    let loan = Loan::default();
    let (parts, body) = request.into_parts();
    let lent = LentBody {
        is_awaited: !expects_continue(&parts.headers),
        rest: Some(Body::new(body)),
        loan: loan.clone(),
    };
    (Request::from_parts(parts, Body::new(lent)), Some(loan))
}

/// Whether the client waits for `100 Continue` before it sends the body (RFC
/// 9110 section 10.1.1); reading would tell it to go on.
fn expects_continue(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads the rest of a body and drops it.
pub(super) async fn discard(rest: Body) {
    // However it ends: the answer goes out now.
    let _ = tokio::time::timeout(MAX_DISCARDING, discard_all(rest)).await;
}

async fn discard_all(mut rest: Body) {
    let mut allowance = MAX_DISCARDED;
    while let Some(Ok(frame)) = rest.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        match allowance.checked_sub(length) {
            Some(left) => allowance = left,
            None => return,
        }
    }
}

struct LentBody {
    /// `None` at its end, and after an error.
    rest: Option<Body>,
    /// Whether the client is sending it, or has been told to.
    is_awaited: bool,
    loan: Loan,
}

impl HttpBody for LentBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.is_awaited = true;
        let Some(rest) = self.rest.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(rest).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.rest
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for LentBody {
    fn drop(&mut self) {
        if self.is_awaited
            && let Some(rest) = self.rest.take()
            && !rest.is_end_stream()
        {
            self.loan.give_back(rest);
        }
    }
}
