//! The answers that carry tokens.

use axum::response::{IntoResponse, Response};
use doorward::{Doorward, TokenPair};
use doorward_protocol::oauth::{AccessTokenResponse, TokenResponse, TokenType};
use serde::Serialize;
use utoipa::ToSchema;

use super::Unstored;
use crate::cookie_sessions::{LoginCookies, SetCookies};

/// The tokens of a session as OAuth 2.0 sends them (RFC 6749 §5.1): `access_token`,
/// `refresh_token`, `token_type` and `expires_in`, in seconds.
///
/// As a response it is 200, JSON, with `Cache-Control: no-store`. `Debug` shows the name alone;
/// the tokens are zeroed when it is dropped. In an OpenAPI document it is the schema `Token`.
///
/// ```
/// use axum::extract::State;
/// use doorward::{Doorward, LoginOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{LoginBody, TokenBody};
///
/// async fn log_in(
///     State(auth): State<Doorward>,
///     LoginBody(attempt): LoginBody,
/// ) -> Result<TokenBody, Problem> {
///     let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
///     Ok(TokenBody::from(&tokens))
/// }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct TokenBody(TokenResponse);

impl From<&TokenPair> for TokenBody {
    fn from(tokens: &TokenPair) -> Self {
        Self(TokenResponse {
            access_token: tokens.access_token.to_string(),
            refresh_token: tokens.refresh_token.to_string(),
            token_type: TokenType::Bearer,
            expires_in: tokens.expires_in.as_secs(),
        })
    }
}

impl IntoResponse for TokenBody {
    fn into_response(self) -> Response {
        Unstored(self).into_response()
    }
}

/// The access token of a session alone: `access_token` and `token_type`, for clients that know
/// of no refresh tokens.
///
/// They log in again when it has expired, after
/// [`Builder::access_token_ttl`](doorward::Builder::access_token_ttl). As a response it is 200,
/// JSON, with `Cache-Control: no-store`. `Debug` shows the name alone; the token is zeroed when
/// it is dropped. In an OpenAPI document it is the schema `AccessToken`.
///
/// ```
/// use axum::extract::State;
/// use doorward::{Doorward, LoginOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{AccessTokenBody, LoginBody};
///
/// async fn log_in(
///     State(auth): State<Doorward>,
///     LoginBody(attempt): LoginBody,
/// ) -> Result<AccessTokenBody, Problem> {
///     let LoginOutcome::LoggedIn(tokens) = auth.login(attempt).await?;
///     Ok(AccessTokenBody::from(&tokens))
/// }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct AccessTokenBody(AccessTokenResponse);

impl From<&TokenPair> for AccessTokenBody {
    fn from(tokens: &TokenPair) -> Self {
        Self(AccessTokenResponse {
            access_token: tokens.access_token.to_string(),
            token_type: TokenType::Bearer,
        })
    }
}

impl IntoResponse for AccessTokenBody {
    fn into_response(self) -> Response {
        Unstored(self).into_response()
    }
}

/// The answer of login and refresh: the tokens in the body and, where cookie sessions are on, in
/// cookies too.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    cookies: SetCookies,
    body: TokenBody,
}

impl TokenAnswer {
    pub(crate) fn new(engine: &Doorward, cookies: &LoginCookies, tokens: &TokenPair) -> Self {
        Self {
            cookies: cookies.kept(engine, tokens),
            body: TokenBody::from(tokens),
        }
    }
}

impl IntoResponse for TokenAnswer {
    fn into_response(self) -> Response {
        (self.cookies, self.body).into_response()
    }
}

documented_as!(TokenBody, Shape);
documented_as!(AccessTokenBody, AccessTokenShape);

/// The tokens of a session (RFC 6749 §5.1).
#[derive(ToSchema)]
#[schema(as = Token)]
#[expect(
    dead_code,
    reason = "the shape for the document; `TokenResponse` is what is sent"
)]
struct Shape {
    /// The access token, to be sent as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.…")]
    access_token: String,
    /// The refresh token, good for one exchange.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.…")]
    refresh_token: String,
    /// How the access token is to be sent.
    #[schema(example = "bearer")]
    token_type: String,
    /// For how many seconds the access token is good.
    #[schema(example = 1800)]
    expires_in: u64,
}

/// The access token of a session.
#[derive(ToSchema)]
#[schema(as = AccessToken)]
#[expect(
    dead_code,
    reason = "the shape for the document; `AccessTokenResponse` is what is sent"
)]
struct AccessTokenShape {
    /// The access token, to be sent as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.…")]
    access_token: String,
    /// How the access token is to be sent.
    #[schema(example = "bearer")]
    token_type: String,
}
