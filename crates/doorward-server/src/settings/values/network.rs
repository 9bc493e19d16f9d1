//! Hosts, networks, origins and URLs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use doorward::{DatabaseUrl, InvalidDatabaseUrl, Links};
use ipnet::IpNet;

/// The error for a text that is not an origin.
const EXPECTED_ORIGINS: &str = "expected origins like https://app.example.com or \
                                http://localhost:3000, without path, separated by commas or as a \
                                JSON list";

/// Reads an IP address (an IPv6 one with or without brackets) or a host name.
pub(in crate::settings) fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() || is_host_name(text) {
        return Ok(bare.to_owned());
    }
    Err("expected an IP address like 127.0.0.1 or a host name, without port or path".to_owned())
}

/// Returns whether `text` is a host name (RFC 1123, section 2.1), where container networks may
/// also use underscores.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Only digits and dots: a mistyped address, never a name.
    text.len() <= 253 && text.split('.').all(label) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Returns whether `host` is a loopback address or `localhost`.
pub(in crate::settings) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Returns `host` as it stands in a URL that a browser on this machine opens.
pub(in crate::settings) fn browsable(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => host.to_owned(),
    }
}

/// Reads an address or network of proxies. Rejects a network of all addresses, because any client
/// could then choose the address that the server believes.
pub(in crate::settings) fn proxy(text: &str) -> Result<IpNet, String> {
    let network = text
        .parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    match network {
        Some(network) if network.prefix_len() > 0 => Ok(network.trunc()),
        _ => Err(
            "expected the addresses or networks of your proxies, like 10.0.0.1 or 10.0.0.0/8; \
                  to believe everybody would let clients choose their own address"
                .to_owned(),
        ),
    }
}

/// The first path segments that the server uses itself.
const RESERVED: &[&str] = &[
    "docs",
    "redoc",
    "openapi.json",
    "health",
    "metrics",
    "dev",
    "reset-password",
    "verify-email",
    ".well-known",
];

/// Reads the prefix of the API's paths: `/` and plain segments.
pub(in crate::settings) fn api_prefix(text: &str) -> Result<String, String> {
    let expected = "expected a path that starts with / and does not end with it, \
                    of letters, digits and - . _ ~, like /api/v1";
    let text = text.trim();
    let path = text
        .strip_prefix('/')
        .filter(|path| path.len() <= 100)
        .ok_or(expected)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let segment = |s: &str| !matches!(s, "" | "." | "..") && s.bytes().all(plain);
    if !path.split('/').all(segment) {
        return Err(expected.to_owned());
    }
    if path
        .split('/')
        .next()
        .is_some_and(|first| RESERVED.contains(&first))
    {
        return Err(format!(
            "expected a path that does not begin with one of {}",
            RESERVED.join(", ")
        ));
    }
    Ok(text.to_owned())
}

/// Reads a web origin (RFC 6454) in the form that browsers send in the `Origin` header: lower case,
/// without the scheme's own port.
///
/// Accepts a single `/` at the end, because URL types of other languages add it.
pub(in crate::settings) fn origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err(
            "* is refused, because credentials are allowed: any web site could act for your \
                    users; list the origins of your own"
                .to_owned(),
        );
    }
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://").ok_or(EXPECTED_ORIGINS)?;
    let (host, port) = split_port(authority)?;
    if !is_scheme(scheme) || !is_host(host) {
        return Err(EXPECTED_ORIGINS.to_owned());
    }
    match (scheme, port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => Ok(format!("{scheme}://{host}")),
        (_, Some(port)) => Ok(format!("{scheme}://{host}:{port}")),
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let after_address = authority.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = authority[after_address..].find(':') else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_address + colon);
    let digits = port
        .strip_prefix(':')
        .filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
    let port = digits
        .and_then(|port| port.parse().ok())
        .ok_or(EXPECTED_ORIGINS)?;
    Ok((host, Some(port)))
}

/// Returns whether `scheme` is a URL scheme (RFC 3986, section 3.1). It need not be `http`: apps
/// in a native shell have schemes of their own.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && scheme != "file"
}

fn is_host(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let ipv4 = || host.parse::<Ipv4Addr>().is_ok();
    address.map_or_else(
        || ipv4() || is_host_name(host),
        |address| address.parse::<Ipv6Addr>().is_ok(),
    )
}

/// Reads the URL of the server, and removes slashes at its end.
pub(in crate::settings) fn public_url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    Links::new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("expected a URL like https://auth.example.com; {error}"))
}

/// Reads the URL of a link in a mail, with `{token}` in it.
pub(in crate::settings) fn link_template(text: &str) -> Result<String, String> {
    let text = text.trim();
    Links::new("http://localhost")
        .and_then(|links| links.password_reset(text))
        .map(|_| text.to_owned())
        .map_err(|error| {
            format!("expected a URL like https://example.com/#token={{token}}; {error}")
        })
}

/// Reads the URL of a database.
pub(in crate::settings) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    text.parse()
        .map_err(|error: InvalidDatabaseUrl| error.to_string())
}
