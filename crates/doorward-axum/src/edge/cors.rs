//! Which browser pages may read answers (the Fetch standard's CORS protocol).

use std::fmt;

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::{codes::Code, problem::Problem};

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

/// The origins of browser pages that may read answers.
///
/// ```
/// use doorward_axum::edge::{AllowedOrigins, EdgeConfig};
///
/// let mut config = EdgeConfig::default();
/// config.allowed_origins = AllowedOrigins::Any;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// No other origin.
    #[default]
    None,
    /// These, with credentials. See [`AllowedOrigins::exact`].
    Exact(Box<[HeaderValue]>),
    /// Every one, without credentials: browsers send no cookies, a page's own
    /// `Authorization` header works.
    Any,
}

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidOrigin(String);

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not an origin such as https://app.example.com",
            self.0
        )
    }
}

impl std::error::Error for InvalidOrigin {}

impl AllowedOrigins {
    /// Exactly these origins, `scheme://host[:port]`. A slash at the end, upper
    /// case in the host and the scheme's default port are put right, since
    /// browsers never send them.
    ///
    /// ```
    /// use doorward_axum::edge::AllowedOrigins;
    ///
    /// let origins = AllowedOrigins::exact(["https://app.example.com", "http://localhost:3000"])?;
    /// assert_ne!(origins, AllowedOrigins::None);
    /// let same = AllowedOrigins::exact(["https://App.Example.com:443", "http://localhost:3000/"])?;
    /// assert_eq!(origins, same);
    /// assert!(AllowedOrigins::exact(["app.example.com"]).is_err());
    /// # Ok::<(), doorward_axum::edge::InvalidOrigin>(())
    /// ```
    ///
    /// # Errors
    /// The first text that is no origin: no scheme or host, a user, a path, a
    /// query.
    pub fn exact<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidOrigin> {
        let origins: Box<[HeaderValue]> = origins
            .into_iter()
            .map(|text| parse_origin(text).ok_or_else(|| InvalidOrigin(text.to_owned())))
            .collect::<Result<_, _>>()?;
        Ok(if origins.is_empty() {
            Self::None
        } else {
            Self::Exact(origins)
        })
    }

    /// Whether this origin is named among them, letter by letter.
    pub(crate) fn contains(&self, origin: &HeaderValue) -> bool {
        matches!(self, Self::Exact(allowed) if allowed.contains(origin))
    }

    /// What the answer to a request with these headers will say.
    pub(super) fn grant(&self, headers: &HeaderMap) -> Grant {
        match (self, headers.get(header::ORIGIN)) {
            (Self::None, _) | (Self::Any, None) => Grant::Nothing,
            (Self::Any, Some(_)) => Grant::ToAny,
            (Self::Exact(allowed), Some(origin)) if allowed.contains(origin) => {
                Grant::To(origin.clone())
            }
            (Self::Exact(_), _) => Grant::ToOthers,
        }
    }
}

fn parse_origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.trim().parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
    if !is_bare || authority.as_str().contains('@') || authority.host().is_empty() {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let port = authority
        .port_u16()
        .filter(|&port| Some(port) != default_port(&scheme));
    let origin = match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    HeaderValue::try_from(origin).ok()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

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

#[cfg(test)]
mod tests {
    use super::{AllowedOrigins, InvalidOrigin};

    #[test]
    fn origins_are_put_into_the_form_that_browsers_send() {
        let table = [
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://localhost:3000/", "http://localhost:3000"),
            (" https://App.Example.com ", "https://app.example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://example.com:443", "http://example.com:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("tauri://localhost", "tauri://localhost"),
        ];
        for (text, expected) in table {
            let AllowedOrigins::Exact(origins) = AllowedOrigins::exact([text]).unwrap() else {
                panic!("{text}");
            };
            assert_eq!(origins[0], expected);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "localhost:3000",
            "example.com",
            "http://",
            "http://a/path",
            "http://a?q",
            "http://user@a",
            "http://a b",
        ] {
            assert_eq!(
                AllowedOrigins::exact([text]),
                Err(InvalidOrigin(text.to_owned()))
            );
        }
        assert_eq!(AllowedOrigins::exact([]), Ok(AllowedOrigins::None));
    }
}
