//! Bearer tokens in HTTP headers (RFC 6750).

use std::fmt::{self, Write as _};

/// Takes the token out of the value of an `Authorization` header: the scheme
/// `Bearer` in any case, one or more spaces, exactly one token of the
/// characters that RFC 6750 §2.1 allows, and nothing else.
///
/// `None` means that there is no bearer token here: another scheme, or a value
/// that is not well formed. A header that is absent is another matter, and the
/// caller's to tell apart.
///
/// # Example
///
/// ```
/// use doorward_protocol::oauth::bearer::parse_authorization;
///
/// assert_eq!(parse_authorization("Bearer a.b.c"), Some("a.b.c"));
/// assert_eq!(parse_authorization("bearer a.b.c"), Some("a.b.c"));
/// assert_eq!(parse_authorization("Basic YTpi"), None);
/// assert_eq!(parse_authorization("Bearer a.b.c, Bearer d.e.f"), None);
/// ```
#[must_use]
pub fn parse_authorization(header: &str) -> Option<&str> {
    // RFC 9110 §11.1 and §11.4: auth-scheme 1*SP token68, the scheme in any case.
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return None;
    }
    let token = rest.trim_start_matches(' ');
    is_token68(token).then_some(token)
}

/// RFC 9110 §11.2: one or more characters of the alphabet, then `=` at will.
fn is_token68(token: &str) -> bool {
    let body = token.trim_end_matches('=').as_bytes();
    // Every request pays for this loop. Without an early exit or a branch it
    // runs many bytes at a time.
    let all_allowed = body
        .iter()
        .fold(true, |all, byte| all & is_token68_byte(*byte));
    all_allowed && !body.is_empty()
}

const fn is_token68_byte(byte: u8) -> bool {
    // `-`, `.`, `/` and the digits stand in one row.
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let row = byte.wrapping_sub(b'-') < 13;
    letter | row | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

/// What is wrong with a request that carried a token (RFC 6750 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BearerError {
    /// The request is malformed, for example with two tokens; goes with 400.
    InvalidRequest,
    /// The token is malformed, expired, revoked, or not valid for any other
    /// reason; goes with 401.
    InvalidToken,
    /// The token is good but does not allow this; goes with 403.
    InsufficientScope,
}

impl BearerError {
    /// The code as it stands in the challenge.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

/// The value of a `WWW-Authenticate` header that asks for a bearer token
/// (RFC 6750 §3), written by `Display`.
///
/// # Example
///
/// ```
/// use doorward_protocol::oauth::{BearerChallenge, BearerError};
///
/// // No token was sent: the challenge gives no reason.
/// assert_eq!(BearerChallenge::new().to_string(), "Bearer");
///
/// let challenge =
///     BearerChallenge::with_error(BearerError::InvalidToken, "Could not validate credentials");
/// assert_eq!(
///     challenge.to_string(),
///     r#"Bearer error="invalid_token", error_description="Could not validate credentials""#,
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BearerChallenge {
    error: Option<(BearerError, &'static str)>,
}

impl BearerChallenge {
    /// The challenge for a request without a token: it must give no reason
    /// (RFC 6750 §3.1).
    #[must_use]
    pub const fn new() -> Self {
        Self { error: None }
    }

    /// The challenge for a request whose token was refused.
    ///
    /// The description is for developers, and static so that nothing from
    /// inside ends up in it. Characters that RFC 6750 §3 does not allow there,
    /// quotes among them, are written as spaces.
    #[must_use]
    pub const fn with_error(error: BearerError, description: &'static str) -> Self {
        Self {
            error: Some((error, description)),
        }
    }
}

impl fmt::Display for BearerChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")?;
        if let Some((error, description)) = self.error {
            write!(f, " error=\"{}\", error_description=\"", error.code())?;
            for character in description.chars() {
                let allowed = matches!(character, ' '..='!' | '#'..='[' | ']'..='~');
                f.write_char(if allowed { character } else { ' ' })?;
            }
            f.write_char('"')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_exactly_one_token() {
        for (header, token) in [
            ("Bearer a", "a"),
            ("bEARER a.b.c", "a.b.c"),
            ("Bearer   abc", "abc"),
            ("Bearer AZaz09-._~+/==", "AZaz09-._~+/=="),
        ] {
            assert_eq!(parse_authorization(header), Some(token), "{header:?}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for header in [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer   ",
            " Bearer a",
            "Bearer a ",
            "Bearer\ta",
            "Bearer \ta",
            "Bearer a b",
            "Bearer a,b",
            "Bearer a, Bearer b",
            "Bearer =",
            "Bearer =a",
            "Bearer a=b",
            "Bearer \"a\"",
            "Bearer a\0",
            "Bearer a\n",
            "Bearer é",
            "Bearera a",
            "Beare a",
            "Basic YTpi",
            "Bearer token=abc",
            "Bearer:a",
            "Bearer %61",
        ] {
            assert_eq!(parse_authorization(header), None, "{header:?}");
        }
    }

    #[test]
    fn the_alphabet_is_that_of_rfc_9110() {
        let alphabet: String = (0..=u8::MAX)
            .filter(|byte| is_token68_byte(*byte))
            .map(char::from)
            .collect();
        assert_eq!(
            alphabet,
            "+-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        );
    }

    #[test]
    fn a_description_never_ends_its_quotes() {
        let challenge =
            BearerChallenge::with_error(BearerError::InvalidRequest, "a\"b\\c\r\nd\u{e9}");
        assert_eq!(
            challenge.to_string(),
            "Bearer error=\"invalid_request\", error_description=\"a b c  d \""
        );
    }

    #[test]
    fn codes_are_those_of_rfc_6750() {
        assert_eq!(BearerError::InvalidToken.code(), "invalid_token");
        assert_eq!(BearerError::InsufficientScope.code(), "insufficient_scope");
    }
}
