//! `POST /auth/refresh`

use axum::extract::{FromRequest, Request, State};
use doorward::Doorward;
use http::StatusCode;
use utoipa::ToSchema;

use crate::cookie_sessions::{CookieSessions, LoginCookies, REFRESH_COOKIE, SetCookies};
use crate::extract::RequestOrigin;
use crate::fields::{Fields, FromFields, JsonBody, OptionalJsonBody};
use crate::problem::Problem;
use crate::wire::{TokenAnswer, TokenBody};

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

/// A refresh token to exchange, which need not be in the body.
struct MaybeRefreshBody {
    refresh_token: Option<String>,
}

impl FromFields for MaybeRefreshBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let refresh_token = if fields.contains("refresh_token") {
            Some(fields.required("refresh_token")?)
        } else {
            None
        };
        Some(Self { refresh_token })
    }
}

/// The refresh token of a request: in the body, or in its cookie where that is on and the
/// body has none.
pub(crate) enum PresentedToken {
    InBody(String),
    /// An empty text where there is no such cookie: it is refused as any other that is no
    /// good, for a page that finds out whether somebody is logged in.
    InCookie(String),
}

impl<S: Send + Sync> FromRequest<S> for PresentedToken {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let in_cookie = CookieSessions::of(&parts).map(|cookies| {
            let token = cookies.find_token(REFRESH_COOKIE, &parts)?;
            Ok(token.unwrap_or_default().to_owned())
        });
        let request = Request::from_parts(parts, body);
        let Some(in_cookie) = in_cookie else {
            let JsonBody(body) = JsonBody::<RefreshBody>::from_request(request, state).await?;
            return Ok(Self::InBody(body.refresh_token));
        };
        let OptionalJsonBody(body) = OptionalJsonBody::from_request(request, state).await?;
        match body {
            MaybeRefreshBody {
                refresh_token: Some(token),
            } => Ok(Self::InBody(token)),
            MaybeRefreshBody {
                refresh_token: None,
            } => in_cookie.map(Self::InCookie),
        }
    }
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
        (status = 429, description = "Too many requests."),
    ),
)]
pub(crate) async fn refresh(
    State(engine): State<Doorward>,
    cookies: LoginCookies,
    origin: RequestOrigin,
    presented: PresentedToken,
) -> Result<TokenAnswer, (SetCookies, Problem)> {
    let (PresentedToken::InBody(token) | PresentedToken::InCookie(token)) = &presented;
    match engine.refresh(token, &origin.anonymous()).await {
        Ok(tokens) => Ok(TokenAnswer::new(&engine, &cookies, &tokens)),
        Err(error) => {
            let problem = Problem::from(error);
            let is_over = problem.status() == StatusCode::UNAUTHORIZED;
            Err(match presented {
                PresentedToken::InCookie(_) if is_over => (cookies.cleared(), problem),
                _ => (SetCookies::default(), problem),
            })
        }
    }
}
