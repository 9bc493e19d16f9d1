//! The account that an access token speaks for.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use doorward::{Authenticated, Caller, Doorward, User};
use doorward_protocol::oauth::bearer;
use http::header;
use http::request::Parts;

use super::RequestOrigin;
use crate::codes::Code;
use crate::cookie_sessions::{ACCESS_COOKIE, CookieSessions};
use crate::problem::{Challenge, Problem};

/// The account that the request's access token speaks for, with its present roles.
///
/// Refuses with 401 where there is no token, or one that is no good. Where
/// [`CookieSessions`] are on, a request without `Authorization` may have the token in its
/// cookie; one that a foreign page may have made is then refused with 403.
///
/// ```
/// use doorward_axum::CurrentUser;
///
/// async fn greet(user: CurrentUser) -> String {
///     format!("Hello, {}", user.id)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Authenticated);

impl CurrentUser {
    /// The account as a caller of the engine, from where the request came.
    pub fn caller(&self, origin: RequestOrigin) -> Caller {
        Caller::user(self.0.clone(), origin.0)
    }

    /// What the account hears where it has not the permission.
    pub(crate) fn denial(&self) -> Problem {
        if self.0.is_restricted() {
            Problem::email_not_verified()
        } else {
            Problem::forbidden()
        }
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0.user
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match MaybeUser::from_request_parts(parts, state).await? {
            MaybeUser(Some(authenticated)) => Ok(Self(authenticated)),
            MaybeUser(None) => Err(Problem::unauthorized(
                Code::NotAuthenticated,
                "Could not validate credentials",
                Challenge::Bearer,
            )),
        }
    }
}

/// The account that the request's access token speaks for, or nobody where there is none.
///
/// Absent is not the same as invalid: a token that is no good is refused with 401.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Authenticated>);

impl<S> FromRequestParts<S> for MaybeUser
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Some(token) = find_token(parts)? else {
            return Ok(Self(None));
        };
        let engine = Doorward::from_ref(state);
        let authenticated = engine.authenticate(token).await?;
        Ok(Self(Some(authenticated)))
    }
}

/// The access token: that of the `Authorization` header, which no page can send unasked;
/// where there is none, that of the cookie.
fn find_token(request: &Parts) -> Result<Option<&str>, Problem> {
    let mut sent = request.headers.get_all(header::AUTHORIZATION).iter();
    let Some(authorization) = sent.next() else {
        return match CookieSessions::of(request) {
            Some(cookies) => cookies.find_token(ACCESS_COOKIE, request),
            None => Ok(None),
        };
    };
    // Two of them are an ambiguity that somebody may be betting on.
    if sent.next().is_some() {
        return Err(malformed());
    }
    let token = authorization
        .to_str()
        .ok()
        .and_then(bearer::parse_authorization);
    token.ok_or_else(malformed).map(Some)
}

fn malformed() -> Problem {
    Problem::unauthorized(
        Code::InvalidToken,
        "Could not validate credentials",
        Challenge::InvalidToken,
    )
}
