//! A request of somebody on this machine.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HOST, VIA};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use doorward_axum::ClientAddress;
use doorward_axum::problem::Problem;

/// What proxies add: who comes by one may be anybody.
const PROXY_HEADERS: [&str; 4] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The client is on this machine, and calls the server by a name of this machine alone: a page
/// of another site, whose name was made to mean this machine (DNS rebinding), does not.
/// For everybody else there is nothing here.
pub(super) struct Local;

impl<S: Send + Sync> FromRequestParts<S> for Local {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let client = parts.extensions.get::<ClientAddress>();
        let is_local = client.is_some_and(|ClientAddress(ip)| ip.is_loopback())
            && !came_by_proxy(&parts.headers)
            && is_called_locally(&parts.headers)
            && parts.uri.host().is_none_or(is_loopback);
        is_local.then_some(Self).ok_or_else(Problem::not_found)
    }
}

fn came_by_proxy(headers: &HeaderMap) -> bool {
    let standard = headers.contains_key(FORWARDED) || headers.contains_key(VIA);
    standard || PROXY_HEADERS.iter().any(|name| headers.contains_key(*name))
}

fn is_called_locally(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let authority = Authority::try_from(host.as_bytes());
    authority.is_ok_and(|authority| is_loopback(authority.host()))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn is_local(client: &str, headers: &[(&'static str, &str)]) -> bool {
        let mut request = Request::get("/dev/mail");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let client = ClientAddress(client.parse().unwrap());
        parts.extensions.insert(client);
        Local::from_request_parts(&mut parts, &()).await.is_ok()
    }

    #[tokio::test]
    async fn names_of_this_machine_are_let_in() {
        for (client, host) in [
            ("127.0.0.1", "127.0.0.1:8000"),
            ("127.0.0.1", "localhost:8000"),
            ("127.0.0.1", "LOCALHOST"),
            ("::1", "[::1]:8000"),
        ] {
            assert!(is_local(client, &[("host", host)]).await, "{host}");
        }
    }

    #[tokio::test]
    async fn others_find_nothing() {
        for (client, host) in [
            ("192.168.0.7", "127.0.0.1:8000"),
            ("127.0.0.1", "evil.example"),
            ("127.0.0.1", "localhost.evil.example"),
            ("127.0.0.1", "127.0.0.1.evil.example"),
            ("127.0.0.1", "192.168.0.7:8000"),
            ("127.0.0.1", "0.0.0.0:8000"),
            ("127.0.0.1", ""),
        ] {
            assert!(
                !is_local(client, &[("host", host)]).await,
                "{client} {host}"
            );
        }
        assert!(!is_local("127.0.0.1", &[]).await);
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert!(!is_local("127.0.0.1", &twice).await);
    }

    #[tokio::test]
    async fn who_comes_by_a_proxy_may_be_anybody() {
        for header in ["forwarded", "via", "x-forwarded-for", "x-real-ip"] {
            let headers = [("host", "localhost"), (header, "127.0.0.1")];
            assert!(!is_local("127.0.0.1", &headers).await, "{header}");
        }
    }
}
