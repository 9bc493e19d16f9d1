//! What login, refresh and logout say about cookies.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use doorward::{Doorward, TokenPair};
use http::HeaderValue;
use http::header::SET_COOKIE;
use http::request::Parts;

use super::cookie::{self, ACCESS_COOKIE, REFRESH_COOKIE};
use super::{CookieSessions, csrf};
use crate::problem::Problem;

/// The cookies of an answer that begins a session or goes on with it, where they are on.
///
/// Refuses a request from a foreign page with 403; nothing is refused where they are off.
#[derive(Clone, Debug)]
pub(crate) struct LoginCookies(Option<CookieSessions>);

/// The cookies of an answer that ends a session, where they are on.
#[derive(Clone, Debug)]
pub(crate) struct LogoutCookies(Option<CookieSessions>);

/// What of an answer sets cookies: nothing where they are off.
#[derive(Debug, Default)]
pub(crate) struct SetCookies([Option<HeaderValue>; 2]);

impl LoginCookies {
    /// Cookies that hold these tokens.
    pub(crate) fn kept(&self, engine: &Doorward, tokens: &TokenPair) -> SetCookies {
        let Some(CookieSessions(cookies)) = &self.0 else {
            return SetCookies::default();
        };
        let ttl = engine.refresh_token_ttl();
        SetCookies([
            cookie::kept(
                ACCESS_COOKIE,
                &tokens.access_token,
                tokens.expires_in,
                cookies.same_site,
            ),
            cookie::kept(
                REFRESH_COOKIE,
                &tokens.refresh_token,
                ttl,
                cookies.same_site,
            ),
        ])
    }

    /// No cookies any more.
    pub(crate) fn cleared(&self) -> SetCookies {
        SetCookies::cleared(self.0.as_ref())
    }
}

impl LogoutCookies {
    /// No cookies any more.
    pub(crate) fn cleared(&self) -> SetCookies {
        SetCookies::cleared(self.0.as_ref())
    }
}

impl SetCookies {
    fn cleared(cookies: Option<&CookieSessions>) -> Self {
        match cookies {
            Some(CookieSessions(cookies)) => Self(
                [ACCESS_COOKIE, REFRESH_COOKIE]
                    .map(|name| cookie::cleared(name, cookies.same_site)),
            ),
            None => Self::default(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LoginCookies {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let cookies = CookieSessions::of(parts);
        if let Some(CookieSessions(cookies)) = cookies {
            csrf::check_login(parts, &cookies.allowed_origins)?;
        }
        Ok(Self(cookies.cloned()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LogoutCookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(CookieSessions::of(parts).cloned()))
    }
}

impl IntoResponseParts for SetCookies {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        for value in self.0.into_iter().flatten() {
            response.headers_mut().append(SET_COOKIE, value);
        }
        Ok(response)
    }
}
