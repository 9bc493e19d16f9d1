//! An application with routes of its own, in process.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use std::convert::Infallible;
use std::fmt;

use axum::body::Body;
use axum::response::Response;
use doorward::testing::TestUser;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt as _};

use crate::http::Answer;

/// An application: a router, with whatever is around it.
#[derive(Clone)]
pub struct App(BoxCloneSyncService<Request<Body>, Response, Infallible>);

impl App {
    /// The application that this service is.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self(BoxCloneSyncService::new(service))
    }

    /// What it answers to a request of any kind.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let Ok(response) = self.0.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// What it answers to a request of somebody, or of nobody.
    pub async fn call(&self, method: &str, path: &str, who: Option<&TestUser>) -> Answer {
        self.send(request(method, path, who)).await
    }

    /// What it answers to a `GET` of somebody, or of nobody.
    pub async fn get(&self, path: &str, who: Option<&TestUser>) -> Answer {
        self.call("GET", path, who).await
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App")
    }
}

/// A request without a body, of somebody or of nobody.
#[must_use]
pub fn request(method: &str, path: &str, who: Option<&TestUser>) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.parse::<Method>().unwrap();
    *request.uri_mut() = path.parse().unwrap();
    if let Some(who) = who {
        let authorization = who.authorization().parse().unwrap();
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, authorization);
    }
    request
}
