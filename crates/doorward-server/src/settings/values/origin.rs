//! Web origins (RFC 6454) as browsers write them in the `Origin` header.

use std::net::Ipv6Addr;

use super::network::is_host_name;

const EXPECTED: &str = "expected origins like https://app.example.com or http://localhost:3000, \
                        without path, separated by commas or as a JSON list";

/// An origin in the form that browsers send: lower case, without the scheme's own port.
///
/// A single `/` at the end is forgiven, because URL types of other languages add it.
pub(in crate::settings) fn origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err(
            "* is refused, because credentials are allowed: any web site could act for your \
                    users; list the origins of your own"
                .to_owned(),
        );
    }
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://").ok_or(EXPECTED)?;
    let (host, port) = split_port(authority)?;
    if !is_scheme(scheme) || !is_host(host) {
        return Err(EXPECTED.to_owned());
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
    let port = digits.and_then(|port| port.parse().ok()).ok_or(EXPECTED)?;
    Ok((host, Some(port)))
}

/// RFC 3986, section 3.1; not only `http`: apps in a shell have schemes of their own.
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
    let ipv4 = || host.parse::<std::net::Ipv4Addr>().is_ok();
    address.map_or_else(
        || ipv4() || is_host_name(host),
        |address| address.parse::<Ipv6Addr>().is_ok(),
    )
}
