//! The answer that carries tokens (RFC 6749 §5.1).

use std::fmt;

use serde::Serialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A pair of tokens, as it is sent to the client.
///
/// `Debug` shows the name alone; both tokens are zeroed when it is dropped.
///
/// # Example
///
/// ```
/// use doorward_protocol::oauth::{TokenResponse, TokenType};
///
/// let response = TokenResponse {
///     access_token: "a.b.c".into(),
///     refresh_token: "d.e.f".into(),
///     token_type: TokenType::Bearer,
///     expires_in: 1800,
/// };
/// assert_eq!(
///     serde_json::to_string(&response)?,
///     r#"{"access_token":"a.b.c","refresh_token":"d.e.f","token_type":"bearer","expires_in":1800}"#,
/// );
/// assert_eq!(format!("{response:?}"), "TokenResponse");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct TokenResponse {
    /// The token that requests are made with.
    pub access_token: String,
    /// The token that the next pair is asked for with.
    pub refresh_token: String,
    /// How the access token is used.
    #[zeroize(skip)]
    pub token_type: TokenType,
    /// The lifetime of the access token in seconds, counted from the response.
    pub expires_in: u64,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse")
    }
}

/// An access token without another to refresh it by, as it is sent to the client.
///
/// `Debug` shows the name alone; the token is zeroed when it is dropped.
///
/// # Example
///
/// ```
/// use doorward_protocol::oauth::{AccessTokenResponse, TokenType};
///
/// let response = AccessTokenResponse {
///     access_token: "a.b.c".into(),
///     token_type: TokenType::Bearer,
/// };
/// assert_eq!(
///     serde_json::to_string(&response)?,
///     r#"{"access_token":"a.b.c","token_type":"bearer"}"#,
/// );
/// assert_eq!(format!("{response:?}"), "AccessTokenResponse");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct AccessTokenResponse {
    /// The token that requests are made with.
    pub access_token: String,
    /// How it is used.
    #[zeroize(skip)]
    pub token_type: TokenType,
}

impl fmt::Debug for AccessTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokenResponse")
    }
}

/// How an access token is used (RFC 6749 §7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    /// Whoever has it may use it, by RFC 6750. Written `bearer`.
    #[default]
    Bearer,
}
