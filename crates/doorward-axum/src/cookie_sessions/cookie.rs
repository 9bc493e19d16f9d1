//! Cookies as they are written (RFC 6265 §4.1) and read (§4.2).

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use super::SameSite;

/// Where the access token is. The prefix makes a browser refuse a cookie of this name from
/// another host, so that no neighbouring host can plant one (RFC 6265bis §4.1.3.2).
pub(crate) const ACCESS_COOKIE: &str = "__Host-access_token";

/// Where the refresh token is. It has to be sent with every request: the prefix demands
/// `Path=/`.
pub(crate) const REFRESH_COOKIE: &str = "__Host-refresh_token";

/// How often a cookie was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent<'h> {
    Never,
    /// With this value; with an empty one where it was no text.
    Once(&'h str),
    Again,
}

/// Looks for a cookie.
///
/// Of several with one name a server can't tell which is the browser's own (RFC 6265
/// §4.2.2), so none is chosen.
pub(super) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Sent<'h> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| value_of(pair, name));
    match (values.next(), values.next()) {
        (None, _) => Sent::Never,
        (Some(value), None) => Sent::Once(str::from_utf8(value).unwrap_or_default()),
        (Some(_), Some(_)) => Sent::Again,
    }
}

/// Spaces of other alphabets are part of a name: a browser holds such a name for another
/// one, without the prefix, and takes it from anybody.
fn value_of<'h>(pair: &'h [u8], name: &str) -> Option<&'h [u8]> {
    let rest = pair.trim_ascii().strip_prefix(name.as_bytes())?;
    rest.strip_prefix(b"=")
}

/// `Set-Cookie` that keeps a token for as long as it is good.
pub(super) fn kept(
    name: &str,
    token: &str,
    ttl: Duration,
    same_site: SameSite,
) -> Option<HeaderValue> {
    written(name, token, ttl.as_secs(), same_site)
}

/// `Set-Cookie` that makes a browser forget a token.
pub(super) fn cleared(name: &str, same_site: SameSite) -> Option<HeaderValue> {
    written(name, "", 0, same_site)
}

/// `None` for a value that no header can hold, which a token never is.
fn written(name: &str, value: &str, max_age: u64, same_site: SameSite) -> Option<HeaderValue> {
    let same_site = match same_site {
        SameSite::Strict => "Strict",
        SameSite::Lax => "Lax",
    };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite={same_site}"
    );
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::{Sent, cleared, find, kept};
    use crate::cookie_sessions::SameSite;

    fn sent<'h>(headers: &'h mut HeaderMap, lines: &[&'static [u8]]) -> Sent<'h> {
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        find(headers, "__Host-t")
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let table: &[(&[&'static [u8]], Sent<'_>)] = &[
            (&[], Sent::Never),
            (&[b""], Sent::Never),
            (&[b"; ;;=; = ;"], Sent::Never),
            (&[b"__Host-t"], Sent::Never),
            (&[b"__Host-tt=a"], Sent::Never),
            (&[b"__host-t=a"], Sent::Never),
            (&[b"x__Host-t=a"], Sent::Never),
            (&[b"x=__Host-t=a"], Sent::Never),
            (&[b"__Host-t=a.b.c"], Sent::Once("a.b.c")),
            (&[b"__Host-t="], Sent::Once("")),
            (&[b"__Host-t=a=b"], Sent::Once("a=b")),
            (&[b"a=b; __Host-t=x; c=d"], Sent::Once("x")),
            (&[b"a=b;__Host-t=x;"], Sent::Once("x")),
            (&[b"\t__Host-t=x "], Sent::Once("x")),
            (&[b"__Host-t =x"], Sent::Never),
            (&[b"\xe2\x80\x80__Host-t=x"], Sent::Never),
            (&[b"\xa0__Host-t=x"], Sent::Never),
            // What RFC 2109 had, and some servers still read.
            (&[b"$Version=1,__Host-t=x"], Sent::Never),
            (&[b"a=\"b; __Host-t=x; c=d\""], Sent::Once("x")),
            (&[b"a=\xff; __Host-t=x"], Sent::Once("x")),
            (&[b"__Host-t=\xff"], Sent::Once("")),
            (&[b"__Host-t=\"x\""], Sent::Once("\"x\"")),
            (&[b"a=b", b"__Host-t=x"], Sent::Once("x")),
            (&[b"__Host-t=x; __Host-t=x"], Sent::Again),
            (&[b"__Host-t=x; __Host-t="], Sent::Again),
            (&[b"__Host-t=x", b"a=b; __Host-t=y"], Sent::Again),
        ];
        for (lines, expected) in table {
            assert_eq!(sent(&mut HeaderMap::new(), lines), *expected, "{lines:?}");
        }
    }

    #[test]
    fn a_cookie_is_written_for_this_host_and_for_no_page() {
        let hour = Duration::from_secs(3600);
        assert_eq!(
            kept("__Host-t", "a.b.c", hour, SameSite::Strict).unwrap(),
            "__Host-t=a.b.c; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Strict"
        );
        let gone = cleared("__Host-t", SameSite::Lax).unwrap();
        assert_eq!(
            gone,
            "__Host-t=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(format!("{gone:?}"), "Sensitive");
    }
}
