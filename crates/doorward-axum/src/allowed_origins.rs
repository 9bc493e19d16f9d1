//! The origins of browser pages that CORS and the CSRF defence trust.

use std::fmt;

use http::{HeaderValue, Uri};

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

    /// Returns whether the list names exactly this origin.
    pub(crate) fn contains(&self, origin: &HeaderValue) -> bool {
        matches!(self, Self::Exact(allowed) if allowed.contains(origin))
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
