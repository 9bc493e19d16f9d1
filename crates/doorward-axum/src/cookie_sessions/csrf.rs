//! The defence against requests that a foreign page makes a browser send (CSRF).
//!
//! A browser says where a request comes from, in headers that no page can write:
//! `Sec-Fetch-Site` (the Fetch Metadata specification), or `Origin` where it is older than
//! that or talks to a host without TLS. No token in the page is needed, and nothing stored.

use std::net::IpAddr;

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::allowed_origins::AllowedOrigins;
use crate::codes::Code;
use crate::fields::MediaType;
use crate::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a request comes from, as its browser tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A page of the own origin, or of an allowed one.
    Trusted,
    /// The person at the browser: a bookmark, an address that was typed.
    Person,
    /// Any other page, or headers that no browser sends.
    Foreign,
    /// Nothing was said: no browser, or a very old one.
    Untold,
}

/// Checks a request that a cookie is to speak for.
///
/// # Errors
/// 403 `csrf_refused` where it comes from a foreign page, or may have been made by the
/// form of one.
pub(super) fn check_use(request: &Parts, allowed: &AllowedOrigins) -> Result<(), Problem> {
    let is_safe = matches!(request.method, Method::GET | Method::HEAD);
    match Source::of(request, allowed) {
        Source::Trusted => {}
        Source::Person | Source::Untold if is_safe => {}
        Source::Person | Source::Untold | Source::Foreign => return Err(foreign()),
    }
    // A form can't send JSON, nor a script of another origin without asking first (the Fetch
    // standard, "CORS-safelisted request-header"): a second wall, should the first one fail.
    if must_be_json(request) && MediaType::of(&request.headers) != MediaType::Json {
        return Err(no_json());
    }
    Ok(())
}

/// Checks a request that is to be answered with cookies: nobody shall find themselves
/// logged in as somebody else, by the page of that somebody.
///
/// # Errors
/// 403 `csrf_refused` where it comes from a foreign page.
pub(super) fn check_login(request: &Parts, allowed: &AllowedOrigins) -> Result<(), Problem> {
    match Source::of(request, allowed) {
        Source::Trusted | Source::Untold => Ok(()),
        Source::Person | Source::Foreign => Err(foreign()),
    }
}

/// Several cookies of one name: one of them may be an intruder's.
pub(super) fn sent_twice() -> Problem {
    refused("A session cookie was sent more than once")
}

fn foreign() -> Problem {
    refused("Cookies do not count in requests from this page")
}

fn no_json() -> Problem {
    refused("With cookies, Content-Type must be application/json")
}

fn refused(detail: &'static str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, Code::CsrfRefused, detail)
}

impl Source {
    fn of(request: &Parts, allowed: &AllowedOrigins) -> Self {
        let headers = &request.headers;
        let (Ok(site), Ok(origin)) = (sole(headers, SEC_FETCH_SITE), sole(headers, header::ORIGIN))
        else {
            return Self::Foreign;
        };
        match (site.map(HeaderValue::as_bytes), origin) {
            (Some(b"same-origin"), _) => Self::Trusted,
            (Some(b"none"), _) => Self::Person,
            (_, Some(origin)) if allowed.contains(origin) => Self::Trusted,
            (Some(_), _) => Self::Foreign,
            (None, Some(origin)) if is_own(origin, request) => Self::Trusted,
            (None, Some(_)) => Self::Foreign,
            (None, None) => Self::Untold,
        }
    }
}

/// The one header of this name, if there is one; several are an error.
fn sole(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(()),
    }
}

/// Whether the origin is that which the request was sent to: by TLS, which a proxy in front
/// may end, or without it on this machine.
///
/// A name that an intruder points at this server does no harm: it is `Host` as well, but
/// the cookies of the real host are not sent to it.
fn is_own(origin: &HeaderValue, request: &Parts) -> bool {
    let (Ok(origin), Some(host)) = (origin.to_str(), host_of(request)) else {
        return false;
    };
    if let Some(authority) = origin.strip_prefix("https://") {
        return is_same(authority, host, ":443");
    }
    match origin.strip_prefix("http://") {
        Some(authority) => is_loopback(authority) && is_same(authority, host, ":80"),
        None => false,
    }
}

/// The host and port that the request names: in its target (HTTP/2) or in `Host`.
fn host_of(request: &Parts) -> Option<&str> {
    let target = request.uri.authority().map(Authority::as_str);
    let header = || sole(&request.headers, header::HOST).ok()??.to_str().ok();
    target.or_else(header)
}

/// An origin leaves out the scheme's own port; a client's `Host` need not.
fn is_same(authority: &str, host: &str, default_port: &str) -> bool {
    let host = host.strip_suffix(default_port).unwrap_or(host);
    !host.is_empty() && authority.eq_ignore_ascii_case(host)
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A POST always, for a form sends one without a body too; of the other methods, which no
/// form has, those with a body.
fn must_be_json(request: &Parts) -> bool {
    match request.method {
        Method::GET | Method::HEAD => false,
        Method::PUT | Method::PATCH | Method::DELETE => announces_body(&request.headers),
        _ => true,
    }
}

fn announces_body(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    headers.contains_key(header::TRANSFER_ENCODING) || lengths.any(|length| length != "0")
}

#[cfg(test)]
mod tests;
