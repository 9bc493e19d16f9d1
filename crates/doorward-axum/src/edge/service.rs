//! The layer and its service.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    BoxError, Router, ServiceExt,
    extract::{Request, connect_info::IntoMakeServiceWithConnectInfo},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    config::EdgeConfig, exchange::Exchange, future::EdgeFuture, loan, panic::caught, target,
};
use crate::{
    cookie_sessions::CookieSessions,
    problem::{AnyShape, Problem},
};

/// The layer around the whole router.
///
/// ```
/// use axum::{Router, routing::get};
/// use doorward_axum::edge::Edge;
///
/// # async fn serve() -> std::io::Result<()> {
/// let app = Router::new().route("/", get(async || "hello"));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
/// axum::serve(listener, Edge::default().around(app)).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Edge {
    config: Arc<EdgeConfig>,
    cookies: Option<CookieSessions>,
}

impl Default for Edge {
    /// A layer that behaves as [`EdgeConfig::default`] says.
    fn default() -> Self {
        Self::new(EdgeConfig::default())
    }
}

impl Edge {
    /// A layer that behaves as `config` says.
    #[must_use]
    pub fn new(config: EdgeConfig) -> Self {
        let cookies = config.cookie_sessions.map(|same_site| {
            CookieSessions::with_same_site(config.allowed_origins.clone(), same_site)
        });
        Self {
            config: Arc::new(config),
            cookies,
        }
    }

    /// Gives every problem the body that `shape` makes of it: those of the router, and also those
    /// of the edge itself, such as a request that took too long or a handler that panicked.
    ///
    /// Headers and status are those that [`shape_problems`](crate::problem::shape_problems)
    /// says, which is the layer for some routes alone.
    ///
    /// ```
    /// use axum::{Json, Router};
    /// use doorward_axum::edge::Edge;
    /// use doorward_axum::problem::Problem;
    /// use serde_json::json;
    ///
    /// # async fn serve(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
    /// let tell = |problem: &Problem| Json(json!({"error": problem.message()}));
    /// axum::serve(listener, Edge::default().shape_problems(tell).around(app)).await
    /// # }
    /// ```
    #[must_use]
    pub fn shape_problems<F, R>(mut self, shape: F) -> Self
    where
        F: Fn(&Problem) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        Arc::make_mut(&mut self.config).shape = Some(AnyShape::any(shape));
        self
    }

    /// What `axum::serve` serves: the router with this around it, told the address of each
    /// client's end of the connection, by which limits are counted.
    ///
    /// Behind a proxy that address is the proxy's: then add a layer that puts a
    /// [`ClientAddress`](crate::ClientAddress) into each request.
    #[must_use]
    pub fn around(
        self,
        router: Router,
    ) -> IntoMakeServiceWithConnectInfo<EdgeService<Router>, SocketAddr> {
        ServiceExt::<Request>::into_make_service_with_connect_info(self.layer(router))
    }
}

impl<S> Layer<S> for Edge {
    type Service = EdgeService<S>;

    fn layer(&self, inner: S) -> EdgeService<S> {
        EdgeService {
            inner,
            config: Arc::clone(&self.config),
            cookies: self.cookies.clone(),
        }
    }
}

/// The service that [`Edge`] makes.
#[derive(Debug, Clone)]
pub struct EdgeService<S> {
    inner: S,
    config: Arc<EdgeConfig>,
    cookies: Option<CookieSessions>,
}

impl<S, B> Service<http::Request<B>> for EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = EdgeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let exchange = Exchange::begin(&self.config, &request);
        if let Some(response) = exchange.answer_early(&request) {
            return EdgeFuture::answered(exchange, response);
        }
        target::strip_trailing_slash(request.uri_mut());
        request
            .extensions_mut()
            .insert(exchange.request_id_extension());
        if let Some(cookies) = &self.cookies {
            request.extensions_mut().insert(cookies.clone());
        }
        let (request, loan) = loan::lend(request);
        match caught(|| self.inner.call(request)) {
            Ok(inner) => EdgeFuture::routing(exchange, inner, loan),
            Err(answer) => EdgeFuture::answered(exchange, *answer),
        }
    }
}
