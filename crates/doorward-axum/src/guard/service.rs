//! The service that a guard makes.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::response::{IntoResponse, Response};
use http::Request;
use tower_service::Service;

use super::Watch;
use super::future::GuardFuture;

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
