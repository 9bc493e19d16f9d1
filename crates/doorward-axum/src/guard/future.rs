//! From the check of a request to its answer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::response::{IntoResponse, Response};
use http::Request;
use http::request::Parts;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::problem::Problem;

/// Boxed, because what an `async fn` makes has no name; what is behind the guard is not.
type Check = Pin<Box<dyn Future<Output = Result<Parts, Problem>> + Send>>;

pin_project! {
    /// The future of [`GuardService`](super::GuardService).
    #[must_use = "futures do nothing unless polled"]
    pub struct GuardFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        stage: Stage<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<S, B, F> {
        Checking {
            check: Check,
            // The service that is ready, and the body that nobody has looked at.
            behind: Option<(S, B)>,
        },
        Admitted {
            #[pin]
            inner: F,
        },
    }
}

impl<S, B> GuardFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn checking(check: Check, service: S, body: B) -> Self {
        let behind = Some((service, body));
        Self {
            stage: Stage::Checking { check, behind },
        }
    }
}

impl<S, B> Future for GuardFuture<S, B>
where
    S: Service<Request<B>>,
    S::Response: IntoResponse,
{
    type Output = Result<Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            match stage.as_mut().project() {
                StageProjection::Checking { check, behind } => {
                    let checked = ready!(check.as_mut().poll(cx));
                    // Who is refused holds neither a body nor a place of the service any more.
                    let behind = behind.take();
                    match (checked, behind) {
                        (Err(problem), _) => return Poll::Ready(Ok(problem.into_response())),
                        (Ok(parts), Some((mut service, body))) => {
                            let inner = service.call(Request::from_parts(parts, body));
                            stage.set(Stage::Admitted { inner });
                        }
                        // Set, always, until it is taken here.
                        (Ok(_), None) => return Poll::Pending,
                    }
                }
                StageProjection::Admitted { inner } => {
                    return inner
                        .poll(cx)
                        .map(|answer| answer.map(IntoResponse::into_response));
                }
            }
        }
    }
}

impl<S, B> fmt::Debug for GuardFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardFuture")
    }
}
