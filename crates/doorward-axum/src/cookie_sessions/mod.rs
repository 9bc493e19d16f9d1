//! Sessions of browsers, kept in cookies that no page can read.
//!
//! Off unless a [`CookieSessions`] is among a request's extensions: then login, refresh and
//! logout also set and clear cookies, and the extractors take the access token from its
//! cookie where no `Authorization` header is sent. A cookie goes along with requests that
//! other pages make too, so it counts only in requests that pass the defence of [`csrf`].

mod answer;
mod cookie;
mod csrf;

use std::sync::Arc;

use axum::Extension;
use http::request::Parts;

use crate::allowed_origins::AllowedOrigins;
use crate::problem::Problem;

pub(crate) use answer::{LoginCookies, LogoutCookies, SetCookies};
use cookie::Sent;
pub(crate) use cookie::{ACCESS_COOKIE, REFRESH_COOKIE};

/// That browsers have their sessions in cookies, and how.
///
/// [`Edge`](crate::edge::Edge) puts it into every request where
/// [`EdgeConfig::cookie_sessions`](crate::edge::EdgeConfig::cookie_sessions) says so. An
/// application without that layer uses [`CookieSessions::layer`], around all routes that an
/// extractor of this crate stands before, the API's among them.
///
/// The cookies are `__Host-access_token` and `__Host-refresh_token`: for this host alone and
/// sent over TLS (or to `localhost`) alone, as the prefix makes browsers insist
/// (RFC 6265bis §4.1.3.2), `HttpOnly`, and as long-lived as their tokens.
///
/// ```
/// use doorward::Doorward;
/// use doorward_axum::edge::AllowedOrigins;
/// use doorward_axum::{Api, CookieSessions};
///
/// let cookies = CookieSessions::new(AllowedOrigins::exact(["https://app.example.com"]).unwrap());
/// let (api, document) = Api::new().cookie_sessions(true).build::<Doorward>();
/// let app = api.layer(cookies.layer());
/// # let _: (axum::Router<Doorward>, _) = (app, document);
/// ```
#[derive(Clone, Debug)]
pub struct CookieSessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    same_site: SameSite,
    allowed_origins: AllowedOrigins,
}

/// With which requests from pages of other sites a browser sends the cookies.
///
/// There is no `None`: other origins of the same site are served with either.
///
/// ```
/// use doorward_axum::edge::{Edge, EdgeConfig};
/// use doorward_axum::SameSite;
///
/// let mut config = EdgeConfig::default();
/// config.cookie_sessions = Some(SameSite::Lax);
/// let edge = Edge::new(config);
/// # drop(edge);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// With none.
    #[default]
    Strict,
    /// When somebody follows a link from there; the API refuses that request all the same.
    Lax,
}

impl CookieSessions {
    /// Cookies for pages of the service's own origin and of these, with
    /// [`SameSite::Strict`]. [`AllowedOrigins::Any`] allows no other origin here.
    #[must_use]
    pub fn new(allowed_origins: AllowedOrigins) -> Self {
        Self::with_same_site(allowed_origins, SameSite::default())
    }

    /// The same with another `SameSite` attribute.
    #[must_use]
    pub fn with_same_site(allowed_origins: AllowedOrigins, same_site: SameSite) -> Self {
        Self(Arc::new(Inner {
            same_site,
            allowed_origins,
        }))
    }

    /// A layer that turns them on for all requests that pass it.
    pub fn layer(self) -> Extension<Self> {
        Extension(self)
    }

    /// Those of the request, if they are on.
    pub(crate) fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// The token in this cookie; `None` where the request has no such cookie.
    ///
    /// # Errors
    /// 403 `csrf_refused` where there is more than one, or the request does not pass the
    /// defence.
    pub(crate) fn find_token<'r>(
        &self,
        name: &str,
        request: &'r Parts,
    ) -> Result<Option<&'r str>, Problem> {
        match cookie::find(&request.headers, name) {
            Sent::Never => Ok(None),
            Sent::Once(token) => {
                csrf::check_use(request, &self.0.allowed_origins)?;
                Ok(Some(token))
            }
            Sent::Again => Err(csrf::sent_twice()),
        }
    }
}
