//! The API as a router, and its OpenAPI document.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use doorward::Doorward;
use utoipa::openapi::OpenApi;

use crate::api::{Endpoints, HealthInfo};
use crate::openapi;
use crate::problem::Problem;

/// The API's decisions that are not the engine's: where it stands and what it is called.
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
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

impl Api {
    /// The API at `/api/v1`, called Doorward, in the version of this crate.
    pub fn new() -> Self {
        Self {
            prefix: "/api/v1".to_owned(),
            title: "Doorward".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cookie_sessions: false,
        }
    }

    /// The path below which the endpoints stand, with a slash at the front and none at the end.
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

    /// The endpoints with the health checks, and the document that describes them.
    ///
    /// # Panics
    /// Where the prefix is not the beginning of a path that axum can route.
    pub fn build<S>(self) -> (Router<S>, OpenApi)
    where
        S: Clone + Send + Sync + 'static,
        Doorward: FromRef<S>,
    {
        let health = HealthInfo {
            version: Arc::from(self.version.as_str()),
        };
        let Endpoints {
            router,
            mut document,
        } = Endpoints::new(openapi::frame(&self.title, &self.version))
            .with_all_below(&self.prefix)
            .with_health_below(&self.prefix, &health)
            .with_health_below("", &health);
        if self.cookie_sessions {
            openapi::add_cookies(&mut document, &self.prefix);
        }
        openapi::complete(&mut document, &self.prefix);
        let router = router.method_not_allowed_fallback(async || Problem::method_not_allowed());
        (router, document)
    }
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
