//! Hosts, proxies and paths of URLs.

use std::net::IpAddr;

use ipnet::IpNet;

/// An IP address (an IPv6 one with or without brackets) or a host name.
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

/// Letters, digits, hyphens (and the underscores of container networks) between dots; RFC 1123, section 2.1.
pub(super) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // What is all digits and dots is a mistyped address, never a name.
    text.len() <= 253 && text.split('.').all(label) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether `host` is reached from this machine alone.
pub(in crate::settings) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What stands for `host` in a URL that a browser on this machine opens.
pub(in crate::settings) fn browsable(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => host.to_owned(),
    }
}

/// An address or network of proxies; never everybody, or clients could choose their own address.
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

/// First segments that the server uses for itself.
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

/// The beginning of the paths of the API: `/` and plain segments.
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
