//! Links in mails.

/// What a link's template holds in the place of the token.
const TOKEN: &str = "{token}";

/// The links that mails hold: built from the public URL alone, never from a request.
///
/// The token stands in the fragment unless a template puts it elsewhere: a browser sends no
/// fragment to the server, so that it gets into no log and no `Referer`.
///
/// ```
/// use doorward::Links;
///
/// let links = Links::new("https://example.com/")?;
/// let link = links.link_to_reset_password("abc");
/// assert_eq!(link, "https://example.com/reset-password#token=abc");
/// # Ok::<(), doorward::InvalidLink>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    password_reset: String,
    email_verification: String,
}

/// Why a URL can't be what links are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLink {
    /// It is no URL of a web page.
    #[error("it must begin with http:// or https:// and name a host, in ASCII and without spaces")]
    NotWeb,
    /// It holds a name or a password.
    #[error("it must not hold a username or a password")]
    Credentials,
    /// A public URL that has more than a path.
    #[error("it must have neither a query nor a fragment")]
    QueryOrFragment,
    /// A template without a place for the token.
    #[error("it must hold {{token}} once, after the host")]
    NoToken,
}

impl Links {
    /// Links to `/reset-password` and `/verify-email` below this URL.
    ///
    /// # Errors
    /// [`InvalidLink`] where it is not an `http` or `https` URL with a host, or where it has
    /// credentials, a query or a fragment.
    pub fn new(public_url: &str) -> Result<Self, InvalidLink> {
        check_web(public_url)?;
        if public_url.contains(['?', '#']) {
            return Err(InvalidLink::QueryOrFragment);
        }
        let base = public_url.trim_end_matches('/');
        Ok(Self {
            password_reset: format!("{base}/reset-password#token={TOKEN}"),
            email_verification: format!("{base}/verify-email#token={TOKEN}"),
        })
    }

    /// The page where a new password is chosen, as a URL with `{token}` in it. Default:
    /// `<public URL>/reset-password#token={token}`.
    ///
    /// # Errors
    /// [`InvalidLink`] where it is not an `http` or `https` URL with a host, has credentials,
    /// or does not hold `{token}` once in its path, query or fragment.
    pub fn password_reset(mut self, template: &str) -> Result<Self, InvalidLink> {
        self.password_reset = check_template(template)?;
        Ok(self)
    }

    /// The page where an address is confirmed, as a URL with `{token}` in it. Default:
    /// `<public URL>/verify-email#token={token}`.
    ///
    /// # Errors
    /// [`InvalidLink`] as for [`password_reset`](Self::password_reset).
    pub fn email_verification(mut self, template: &str) -> Result<Self, InvalidLink> {
        self.email_verification = check_template(template)?;
        Ok(self)
    }

    /// The link that brings this token to the page where a new password is chosen.
    #[must_use]
    pub fn link_to_reset_password(&self, token: &str) -> String {
        self.password_reset.replace(TOKEN, token)
    }

    /// The link that brings this token to the page where an address is confirmed.
    #[must_use]
    pub fn link_to_verify_email(&self, token: &str) -> String {
        self.email_verification.replace(TOKEN, token)
    }
}

fn check_template(template: &str) -> Result<String, InvalidLink> {
    let authority = check_web(template)?;
    if template.matches(TOKEN).count() != 1 || authority.contains(TOKEN) {
        return Err(InvalidLink::NoToken);
    }
    Ok(template.to_owned())
}

/// The authority (RFC 3986 §3.2) of a URL that a browser opens and that reads as one.
fn check_web(url: &str) -> Result<&str, InvalidLink> {
    let readable = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`|".contains(&byte);
    if !url.bytes().all(readable) {
        return Err(InvalidLink::NotWeb);
    }
    let (scheme, rest) = url.split_once("://").ok_or(InvalidLink::NotWeb)?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(InvalidLink::NotWeb);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(InvalidLink::Credentials);
    }
    if authority.contains(TOKEN) {
        return Err(InvalidLink::NoToken);
    }
    check_authority(authority)?;
    Ok(authority)
}

fn check_authority(authority: &str) -> Result<(), InvalidLink> {
    // An IPv6 address has colons of its own, in brackets.
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok());
    let is_host = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte));
    if is_host && is_port {
        Ok(())
    } else {
        Err(InvalidLink::NotWeb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_below_the_public_url() {
        for (url, link) in [
            (
                "https://example.com",
                "https://example.com/verify-email#token=t",
            ),
            (
                "https://example.com/auth//",
                "https://example.com/auth/verify-email#token=t",
            ),
            (
                "http://localhost:8000/",
                "http://localhost:8000/verify-email#token=t",
            ),
            (
                "http://[::1]:8000",
                "http://[::1]:8000/verify-email#token=t",
            ),
        ] {
            assert_eq!(Links::new(url).unwrap().link_to_verify_email("t"), link);
        }
    }

    #[test]
    fn what_is_no_public_url_is_refused() {
        for (url, error) in [
            ("", InvalidLink::NotWeb),
            ("example.com", InvalidLink::NotWeb),
            ("https://", InvalidLink::NotWeb),
            ("https:///path", InvalidLink::NotWeb),
            ("javascript://example.com", InvalidLink::NotWeb),
            ("https://exa mple.com", InvalidLink::NotWeb),
            ("https://example.com\n", InvalidLink::NotWeb),
            ("https://example.com:x", InvalidLink::NotWeb),
            ("https://example.com:70000", InvalidLink::NotWeb),
            ("https://example.com/\"", InvalidLink::NotWeb),
            ("https://anna@example.com", InvalidLink::Credentials),
            ("https://anna:secret@example.com/", InvalidLink::Credentials),
            ("https://example.com/?a=b", InvalidLink::QueryOrFragment),
            ("https://example.com/#a", InvalidLink::QueryOrFragment),
        ] {
            assert_eq!(Links::new(url), Err(error), "{url:?}");
        }
    }

    #[test]
    fn templates_hold_the_token_once_and_not_in_the_host() {
        let links = || Links::new("https://example.com").unwrap();
        let link = links()
            .password_reset("https://app.example.com/new/{token}?a=b")
            .unwrap();
        assert_eq!(
            link.link_to_reset_password("t"),
            "https://app.example.com/new/t?a=b"
        );
        for template in [
            "https://example.com/reset",
            "https://example.com/{token}/{token}",
            "https://{token}.example.com/",
            "https://example.com/{ token }",
        ] {
            assert!(
                links().email_verification(template).is_err(),
                "{template:?}"
            );
        }
    }
}
