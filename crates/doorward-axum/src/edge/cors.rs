//! Which browser pages may read answers (the Fetch standard's CORS protocol).

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{allowed_origins::AllowedOrigins, codes::Code, problem::Problem};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Request-ID, X-Process-Time, Retry-After, RateLimit-Policy, RateLimit, Link, X-Total-Count",
);
const TRUE: HeaderValue = HeaderValue::from_static("true");
const ANY: HeaderValue = HeaderValue::from_static("*");
const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const VARY_PREFLIGHT: HeaderValue =
    HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers");

/// Ten minutes: a change of the configuration is felt soon enough, and a page
/// that polls does not ask each time.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// Longer lists of wished headers are not repeated, so that a preflight's
/// answer stays small.
const MAX_WISHED_HEADERS: usize = 1024;

/// What an answer says about who may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grant {
    /// Nothing; it would be the same for any origin.
    Nothing,
    /// Nothing, but it would differ for another origin.
    ToOthers,
    /// This origin, with credentials.
    To(HeaderValue),
    /// Any origin, without credentials.
    ToAny,
}

impl Grant {
    /// Decides what the answer to a request with these headers says.
    pub(super) fn decide(allowed: &AllowedOrigins, headers: &HeaderMap) -> Self {
        match (allowed, headers.get(header::ORIGIN)) {
            (AllowedOrigins::None, _) | (AllowedOrigins::Any, None) => Self::Nothing,
            (AllowedOrigins::Any, Some(_)) => Self::ToAny,
            (AllowedOrigins::Exact(_), Some(origin)) if allowed.contains(origin) => {
                Self::To(origin.clone())
            }
            (AllowedOrigins::Exact(_), _) => Self::ToOthers,
        }
    }

    /// Writes the headers of an answer that is not to a preflight.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        match self {
            Self::Nothing => {}
            Self::ToOthers => {
                headers.append(header::VARY, VARY_ORIGIN);
            }
            Self::To(origin) => {
                headers.append(header::VARY, VARY_ORIGIN);
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            }
            Self::ToAny => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            }
        }
    }

    /// The answer to a preflight; the common headers come in [`Grant::write`].
    ///
    /// A page of a foreign origin gets 400, as from Starlette: 204 without
    /// headers would stop the browser too, but tell the developer nothing.
    pub(super) fn answer_preflight(&self, request: &HeaderMap) -> Response {
        let mut response = match self {
            Self::Nothing | Self::ToOthers => return refused(),
            Self::To(_) | Self::ToAny => Response::new(Body::empty()),
        };
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        headers.insert(header::VARY, VARY_PREFLIGHT);
        if let Some(wished) = wished_headers(request) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wished.clone());
        }
        response
    }
}

fn refused() -> Response {
    Problem::new(
        StatusCode::BAD_REQUEST,
        Code::OriginNotAllowed,
        "Disallowed CORS origin",
    )
    .into_response()
}

/// All that the page wishes to send is allowed, for the origin is trusted:
/// tracing libraries add headers that no list of ours would foresee.
fn wished_headers(request: &HeaderMap) -> Option<&HeaderValue> {
    request
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .filter(|wished| wished.len() <= MAX_WISHED_HEADERS)
}

/// Whether this is a preflight (the Fetch standard, "CORS-preflight request").
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
