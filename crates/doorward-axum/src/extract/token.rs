//! Where in a request the access token is.

use doorward_protocol::oauth::bearer;
use http::header;
use http::request::Parts;

use crate::codes::Code;
use crate::cookie_sessions::{ACCESS_COOKIE, CookieSessions};
use crate::problem::{Challenge, Problem};

/// The access token: that of the `Authorization` header, which no page can send unasked;
/// where there is none, that of the cookie.
pub(super) fn find_token(request: &Parts) -> Result<Option<&str>, Problem> {
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
