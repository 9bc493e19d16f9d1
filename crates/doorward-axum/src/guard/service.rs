//! The service that a guard makes, and its future.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::response::{IntoResponse, Response};
use http::Request;
use http::request::Parts;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::Watch;
use crate::problem::Problem;

/// The service that [`Guard`](super::Guard) makes.
#[derive(Clone, Debug)]
pub struct GuardService<S> {
    inner: S,
    watch: Arc<Watch>,
}

impl<S> GuardService<S> {
    pub(super) fn new(inner: S, watch: Arc<Watch>) -> Self {
        Self { inner, watch }
    }
}

impl<S, B> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>> + Clone,
    S::Response: IntoResponse,
{
    type Response = Response;
    type Error = S::Error;
    type Future = GuardFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> GuardFuture<S, B> {
        // The one that said it is ready is the one to call; its clone may not be.
        let next = self.inner.clone();
        let ready = mem::replace(&mut self.inner, next);
        let watch = Arc::clone(&self.watch);
        let (parts, body) = request.into_parts();
        let check = Box::pin(async move { watch.admit(parts).await });
        GuardFuture::checking(check, ready, body)
    }
}

/// Boxed, because the future of an `async fn` has no name.
type Check = Pin<Box<dyn Future<Output = Result<Parts, Problem>> + Send>>;

pin_project! {
    /// The future of [`GuardService`].
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
    fn checking(check: Check, service: S, body: B) -> Self {
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
