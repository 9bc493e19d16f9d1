//! The configuration of the edge.

use std::time::Duration;

use crate::{
    allowed_origins::AllowedOrigins, cookie_sessions::SameSite, problem::AnyShape,
    request_id::RequestIds,
};

/// How [`Edge`](super::Edge) behaves.
///
/// ```
/// use doorward_axum::edge::{AllowedOrigins, EdgeConfig};
///
/// let mut config = EdgeConfig::default();
/// config.allowed_origins = AllowedOrigins::exact(["http://localhost:3000"]).unwrap();
/// config.hsts = true;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EdgeConfig {
    /// The origins of browser pages that may read answers. Default: none.
    pub allowed_origins: AllowedOrigins,
    /// Whether browsers have their sessions in cookies, and the `SameSite` of these; see
    /// [`CookieSessions`](crate::CookieSessions). Default: no.
    pub cookie_sessions: Option<SameSite>,
    /// Whether `Strict-Transport-Security` is sent (a year, subdomains
    /// included): only where every request comes over TLS. Default: false.
    pub hsts: bool,
    /// A request that takes at least this long is logged as slow. Default: 1 s.
    pub slow_request: Duration,
    /// A request that takes longer is given up and answered 503. Default: 30 s.
    pub deadline: Duration,
    /// Where the ids of requests come from that bring none. Default:
    /// [random](RequestIds::random) ones.
    pub request_ids: RequestIds,
    /// What problems are told in; see [`Edge::shape_problems`](super::Edge::shape_problems).
    pub(super) shape: Option<AnyShape>,
}

impl Default for EdgeConfig {
    /// The defaults, with [random](RequestIds::random) request ids.
    fn default() -> Self {
        Self::new(RequestIds::random())
    }
}

impl EdgeConfig {
    /// The defaults, with this source of request ids.
    #[must_use]
    pub fn new(request_ids: RequestIds) -> Self {
        Self {
            allowed_origins: AllowedOrigins::default(),
            cookie_sessions: None,
            hsts: false,
            slow_request: Duration::from_secs(1),
            deadline: Duration::from_secs(30),
            request_ids,
            shape: None,
        }
    }
}
