//! The API as a router, and its OpenAPI document.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use doorward::Doorward;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use utoipa::openapi::OpenApi;

use crate::api::{Endpoints, HealthInfo};
use crate::openapi::{self, Served};
use crate::part::Part;
use crate::problem::Problem;

/// What cannot stand in a URL's path as it is; of a percent sign one takes it that it encodes.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What means something to axum at the front of a segment, besides.
const NOT_IN_FRONT: &AsciiSet = &NOT_IN_PATHS.add(b':').add(b'*');

/// The API's decisions that are not the engine's: where it stands, what it is called, and
/// which parts of it are served.
///
/// ```
/// use doorward::Doorward;
/// use doorward_axum::Api;
///
/// let (router, document) = Api::new().prefix("/auth/v1").title("Shop").build::<Doorward>();
/// # let _: axum::Router<Doorward> = router;
/// assert!(document.paths.paths.contains_key("/auth/v1/auth/login"));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Api {
    prefix: String,
    title: String,
    version: String,
    cookie_sessions: bool,
    parts: Vec<Part>,
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

impl Api {
    /// The whole API at `/api/v1`, called Doorward, in the version of this crate.
    pub fn new() -> Self {
        Self {
            prefix: "/api/v1".to_owned(),
            title: "Doorward".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cookie_sessions: false,
            parts: Part::ALL.to_vec(),
        }
    }

    /// The path below which the endpoints stand, as it is written in a URL. Default: `/api/v1`;
    /// empty: the root.
    ///
    /// Slashes too many or too few are put right, and what cannot stand in a path is
    /// percent-encoded: nothing in it captures parts of requests' paths, as `{tenant}` would in
    /// a route. A router that is nested below another path instead is not where its document
    /// says.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The service's name, as the document tells it.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The service's version, as the document and the health checks tell it.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Whether the document tells of session cookies; they are turned on by
    /// [`EdgeConfig::cookie_sessions`](crate::edge::EdgeConfig::cookie_sessions) or
    /// [`CookieSessions::layer`](crate::CookieSessions::layer). Default: false.
    pub fn cookie_sessions(mut self, on: bool) -> Self {
        self.cookie_sessions = on;
        self
    }

    /// Which parts are served, and no others. Default: [all](Part::ALL).
    ///
    /// The document describes what is served alone. Whatever is left out, it has the schema
    /// `Problem` and the security scheme [`BEARER_AUTH`](crate::openapi::BEARER_AUTH), for the
    /// application's own operations to refer to.
    ///
    /// ```
    /// use doorward::Doorward;
    /// use doorward_axum::{Api, Part};
    ///
    /// let api = Api::new().parts([Part::Login, Part::Passwords]);
    /// let (router, document) = api.build::<Doorward>();
    /// # let _: axum::Router<Doorward> = router;
    /// assert!(!document.paths.paths.contains_key("/health"));
    /// ```
    pub fn parts(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        let named: Vec<Part> = parts.into_iter().collect();
        self.parts = Part::ALL.to_vec();
        self.parts.retain(|part| named.contains(part));
        self
    }

    /// Leaves these parts out of those that would be served; what later versions add is
    /// served.
    pub fn without(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        for left_out in parts {
            self.parts.retain(|part| *part != left_out);
        }
        self
    }

    /// The endpoints, and the document that describes them.
    ///
    /// [`openapi::merge`](crate::openapi::merge) adds the document to an application's own.
    pub fn build<S>(self) -> (Router<S>, OpenApi)
    where
        S: Clone + Send + Sync + 'static,
        Doorward: FromRef<S>,
    {
        let health = HealthInfo {
            version: Arc::from(self.version.as_str()),
        };
        let prefix = literal(&self.prefix);
        let has_login = self.parts.contains(&Part::Login);
        let frame = openapi::frame(&self.title, &self.version, has_login);
        let mut endpoints = Endpoints::new(frame);
        for part in &self.parts {
            endpoints = endpoints.with_part(&prefix, *part, &health);
        }
        let Endpoints {
            router,
            mut document,
        } = endpoints;
        let served = Served {
            prefix: &prefix,
            has_login,
            has_cookies: self.cookie_sessions,
        };
        openapi::complete(&mut document, &served);
        let router = router.method_not_allowed_fallback(async || Problem::method_not_allowed());
        (router, document)
    }
}

/// The prefix as the beginning of a path that axum takes literally: empty, or with a slash at
/// the front and none at the end.
fn literal(prefix: &str) -> String {
    prefix
        .split('/')
        .filter(|segment| !segment.is_empty())
        .fold(String::new(), |path, segment| {
            let (front, rest) = segment.split_at(segment.ceil_char_boundary(1));
            let front = utf8_percent_encode(front, NOT_IN_FRONT);
            let rest = utf8_percent_encode(rest, NOT_IN_PATHS);
            format!("{path}/{front}{rest}")
        })
}

/// The endpoints at `/api/v1`, to be merged into an application's own router.
///
/// ```
/// use doorward::Doorward;
///
/// # let _: axum::Router<Doorward> =
/// axum::Router::new().merge(doorward_axum::api_router::<Doorward>());
/// ```
pub fn api_router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    Api::new().build().0
}
