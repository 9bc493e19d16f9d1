//! A request, from its first word to its answer.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::net::IpAddr;
use std::pin::Pin;

use axum::body::{Body, Bytes};
use doorward_axum::ClientAddress;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Answer, TestApi};

/// A request; it is sent when it is awaited.
#[must_use = "a request is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct Call {
    api: TestApi,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    ip: Option<IpAddr>,
}

impl Call {
    pub(super) fn new(api: &TestApi, method: &str, target: &str) -> Self {
        Self {
            api: api.clone(),
            method: method.parse().unwrap(),
            target: target.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            ip: None,
        }
    }

    /// With one more header; another of the same name stays.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    /// With one more header, of any bytes.
    pub fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers
            .append(name, HeaderValue::from_bytes(value).unwrap());
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With this access token instead of the client's.
    pub fn bearer(self, token: &str) -> Self {
        self.without("authorization")
            .header("authorization", &format!("Bearer {token}"))
    }

    /// With a query.
    pub fn query(mut self, query: &str) -> Self {
        self.target = format!("{}?{query}", self.target);
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a form, percent-encoded already.
    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body.to_owned())
    }

    /// With a body of any kind.
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.without("content-type")
            .header("content-type", content_type)
            .bare_body(body)
    }

    /// With a body that does not say what it is.
    pub fn bare_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        self
    }

    /// From this address.
    pub fn from_ip(mut self, ip: IpAddr) -> Self {
        self.ip = Some(ip);
        self
    }

    async fn send(self) -> Answer {
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse().unwrap();
        request.headers_mut().clone_from(&self.headers);
        if let Some(ip) = self.ip {
            request.extensions_mut().insert(ClientAddress(ip));
        }
        let Ok(response) = self.api.app.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        };
        let path = self.target.split('?').next().unwrap();
        let faults = self.api.contract.faults(&self.method, path, &answer);
        assert!(faults.is_empty(), "{self}: {answer}\n{faults:#?}");
        answer
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body)
            .chars()
            .take(500)
            .collect();
        write!(f, "{} {} {body}", self.method, self.target)
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
