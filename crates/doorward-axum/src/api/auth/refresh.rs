//! `POST /auth/refresh`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, TokenPair};
use doorward_protocol::oauth::{TokenResponse, TokenType};
use utoipa::ToSchema;

use crate::extract::RequestOrigin;
use crate::fields::{Fields, FromFields, JsonBody};
use crate::problem::Problem;

/// A refresh token to exchange.
#[derive(ToSchema)]
#[schema(as = Refresh)]
pub(crate) struct RefreshBody {
    /// The refresh token of the last answer.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.…")]
    refresh_token: String,
}

impl FromFields for RefreshBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            refresh_token: fields.required("refresh_token")?,
        })
    }
}

/// The tokens of a session (RFC 6749 §5.1).
#[derive(ToSchema)]
#[schema(as = Token)]
#[expect(
    dead_code,
    reason = "the shape for the document; `TokenResponse` is what is sent"
)]
pub(crate) struct TokenBody {
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

/// Exchange a refresh token for new tokens.
///
/// The exchanged token is used up. Sent once more within ten seconds, while its successor
/// is unused, it yields the same successor; at any other time it ends the session.
#[utoipa::path(
    post,
    path = "/refresh",
    tag = "Authentication",
    request_body(
        content = RefreshBody,
        example = json!({"refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.…"}),
    ),
    responses(
        (status = 200, description = "New tokens of the same session.", body = TokenBody),
        (status = 401, description = "Invalid refresh token."),
    ),
)]
pub(crate) async fn refresh(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    JsonBody(body): JsonBody<RefreshBody>,
) -> Result<Json<TokenResponse>, Problem> {
    let tokens = engine
        .refresh(&body.refresh_token, &origin.anonymous())
        .await?;
    Ok(token_answer(&tokens))
}

pub(super) fn token_answer(tokens: &TokenPair) -> Json<TokenResponse> {
    Json(TokenResponse {
        access_token: tokens.access_token.to_string(),
        refresh_token: tokens.refresh_token.to_string(),
        token_type: TokenType::Bearer,
        expires_in: tokens.expires_in.as_secs(),
    })
}
