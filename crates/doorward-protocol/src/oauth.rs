//! OAuth 2.0 on the wire: the token response (RFC 6749 §5.1) and the use of
//! bearer tokens (RFC 6750).

pub mod bearer;
mod token_response;

pub use bearer::{BearerChallenge, BearerError};
pub use token_response::{AccessTokenResponse, TokenResponse, TokenType};
