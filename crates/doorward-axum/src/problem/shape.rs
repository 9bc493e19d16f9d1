//! Problems in the shape of the application's own errors.

use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, response};
use http_body::Body as _;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::{Problem, Told, find_problem};
use crate::request_id::RequestId;

/// The headers of a body that is gone (RFC 9110 §8).
const OF_THE_BODY: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::TRANSFER_ENCODING,
    header::ETAG,
];

/// A layer that gives every problem the body that `shape` makes of it: those of extractors, of
/// [guards](crate::guard), of the API's router, and the empty 404s and 405s by which axum says
/// that it has no such route or method.
///
/// The headers that belong to the problem stay, such as `WWW-Authenticate`, `Retry-After` and
/// `Allow`; headers that the made response has replace those of the same name. So does its
/// status, where it is an error of the same class (a 400 for a 422): no error is ever turned
/// into a success, nor a fault of the client's into one of the server's.
///
/// ```
/// use axum::{Json, Router};
/// use doorward::Doorward;
/// use doorward_axum::edge::{Edge, EdgeConfig};
/// use doorward_axum::problem::{Problem, shape_problems};
/// use serde_json::json;
/// use tower_layer::Layer as _;
///
/// # fn example(auth: Doorward) {
/// let app = Router::new()
///     .merge(doorward_axum::api_router())
///     .with_state(auth);
/// let app = Edge::new(EdgeConfig::default()).layer(app);
/// let app = shape_problems(|problem: &Problem| {
///     Json(json!({
///         "error": {
///             "code": problem.code().as_str(),
///             "message": problem.message(),
///             "request_id": problem.request_id(),
///         }
///     }))
/// })
/// .layer(app);
/// # let _ = axum::ServiceExt::<axum::extract::Request>::into_make_service(app);
/// # }
/// ```
///
/// It stands outside of [`Edge`](crate::edge::Edge), as here, to reach also what that refuses,
/// such as requests that took too long ([`Edge::shape_problems`](crate::edge::Edge::shape_problems)
/// does so in one word); or inside of it, by [`Router::layer`](axum::Router::layer), for some
/// routes alone. The request's id is known
/// in both places. Where two of these layers stand one around the other, the inner one's words
/// are the last. [`openapi::reshape_problems`](crate::openapi::reshape_problems) says the same in
/// the document. What clients need besides the sentence, such as the captcha that they are to
/// solve, is in [`Problem::members`].
pub fn shape_problems<F, R>(shape: F) -> ShapeProblems<F>
where
    F: Fn(&Problem) -> R,
    R: IntoResponse,
{
    ShapeProblems {
        shape: Shape(Arc::new(shape)),
    }
}

impl Problem {
    /// The answer to this problem with another body, as [`shape_problems`] gives it: with the
    /// headers of the problem, and, for the log alone, its cause.
    ///
    /// For an error type of the application's own, whose other errors are not problems:
    ///
    /// ```
    /// use axum::Json;
    /// use doorward_axum::problem::Problem;
    ///
    /// let problem = Problem::forbidden();
    /// let body = Json(serde_json::json!({"error": problem.message()}));
    /// assert_eq!(problem.into_response_with(body).status(), 403);
    /// ```
    #[must_use]
    pub fn into_response_with(self, body: impl IntoResponse) -> Response {
        let (parts, _) = self.into_response().into_parts();
        tell(parts, body.into_response())
    }
}

/// The layer of [`shape_problems`].
pub struct ShapeProblems<F> {
    shape: Shape<F>,
}

impl<F> Clone for ShapeProblems<F> {
    fn clone(&self) -> Self {
        let shape = self.shape.clone();
        Self { shape }
    }
}

impl<F> fmt::Debug for ShapeProblems<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShapeProblems")
    }
}

impl<S, F> Layer<S> for ShapeProblems<F> {
    type Service = ShapeService<S, F>;

    fn layer(&self, inner: S) -> ShapeService<S, F> {
        let shape = self.shape.clone();
        ShapeService { inner, shape }
    }
}

/// The service that [`ShapeProblems`] makes.
pub struct ShapeService<S, F> {
    inner: S,
    shape: Shape<F>,
}

impl<S: Clone, F> Clone for ShapeService<S, F> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            shape: self.shape.clone(),
        }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for ShapeService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ShapeService").field(&self.inner).finish()
    }
}

impl<S, F, R, B> Service<Request<B>> for ShapeService<S, F>
where
    S: Service<Request<B>>,
    S::Response: IntoResponse,
    F: Fn(&Problem) -> R,
    R: IntoResponse,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ShapeFuture<S::Future, F>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> ShapeFuture<S::Future, F> {
        ShapeFuture {
            shape: self.shape.clone(),
            request_id: request.extensions().get().cloned(),
            is_head: request.method() == Method::HEAD,
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The future of [`ShapeService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ShapeFuture<Fut, F> {
        #[pin]
        inner: Fut,
        shape: Shape<F>,
        request_id: Option<RequestId>,
        is_head: bool,
    }
}

impl<Fut, F> fmt::Debug for ShapeFuture<Fut, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShapeFuture")
    }
}

impl<Fut, F, R, A, E> Future for ShapeFuture<Fut, F>
where
    Fut: Future<Output = Result<A, E>>,
    A: IntoResponse,
    F: Fn(&Problem) -> R,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?.into_response();
        let Some(mut problem) = find_problem(&mut response) else {
            return Poll::Ready(Ok(response));
        };
        if let Some(id) = this.request_id {
            problem.tell_request_id(id);
        }
        let mut told = this.shape.retell(response, problem);
        if *this.is_head {
            *told.body_mut() = Body::empty();
        }
        Poll::Ready(Ok(told))
    }
}

/// What makes another body of a problem.
pub(crate) struct Shape<F: ?Sized>(Arc<F>);

/// The same, whatever it is.
pub(crate) type AnyShape = Shape<dyn Fn(&Problem) -> Response + Send + Sync>;

impl AnyShape {
    pub(crate) fn any<F, R>(shape: F) -> Self
    where
        F: Fn(&Problem) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        Self(Arc::new(move |problem: &Problem| {
            shape(problem).into_response()
        }))
    }
}

impl<F: ?Sized> Clone for Shape<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> fmt::Debug for Shape<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shape")
    }
}

impl<F, R> Shape<F>
where
    F: Fn(&Problem) -> R + ?Sized,
    R: IntoResponse,
{
    pub(crate) fn retell(&self, response: Response, mut problem: Problem) -> Response {
        let (mut parts, _) = response.into_parts();
        // The answer's, and so also those that were added on the way, such as `Allow`.
        problem.0.headers = mem::take(&mut parts.headers);
        let told = self.words_for(&problem);
        parts.headers = mem::take(&mut problem.0.headers);
        let mut response = tell(parts, told);
        response.extensions_mut().insert(problem);
        response
    }

    /// The application's words. Where these panic, the problem has its own: outside of the edge
    /// nobody else would answer.
    fn words_for(&self, problem: &Problem) -> Response {
        let words = catch_unwind(AssertUnwindSafe(|| (self.0)(problem).into_response()));
        words.unwrap_or_else(|_| {
            tracing::error!(code = %problem.code(), "the application's words for a problem panicked");
            problem.clone().into_response()
        })
    }
}

/// What the problem's answer becomes when it is told like this.
fn tell(mut answer: response::Parts, told: Response) -> Response {
    let (told, body) = told.into_parts();
    if is_same_fault(answer.status, told.status) {
        answer.status = told.status;
    }
    for name in OF_THE_BODY {
        answer.headers.remove(name);
    }
    answer.headers.extend(told.headers);
    if let Some(length) = body.size_hint().exact() {
        let length = HeaderValue::from(length);
        answer.headers.insert(header::CONTENT_LENGTH, length);
    }
    answer.extensions.extend(told.extensions);
    answer.extensions.insert(Told);
    Response::from_parts(answer, body)
}

/// Whether both statuses are the client's fault, or both the server's.
fn is_same_fault(one: StatusCode, other: StatusCode) -> bool {
    (one.is_client_error() && other.is_client_error())
        || (one.is_server_error() && other.is_server_error())
}
