//! `POST /auth/logout`

use axum::extract::State;
use doorward::Doorward;
use utoipa::ToSchema;

use crate::cookie_sessions::{LogoutCookies, SetCookies};
use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::{Fields, FromFields, OptionalJsonBody};
use crate::problem::Problem;
use crate::wire::{MessageBody, Unstored};

/// Which sessions to end.
#[derive(Debug, ToSchema)]
#[schema(as = Logout)]
pub(crate) struct LogoutBody {
    /// Taken and not needed: the session of the access token ends with all its tokens.
    #[expect(dead_code, reason = "the shape for the document")]
    refresh_token: Option<String>,
    /// Whether to end all sessions of the account.
    #[schema(default = false)]
    all: Option<bool>,
}

impl FromFields for LogoutBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let refresh_token = fields.optional("refresh_token");
        let all = fields.optional("all");
        Some(Self {
            refresh_token: refresh_token?,
            all: all?,
        })
    }
}

/// Log out: end this session, or all of them, at once.
#[utoipa::path(
    post,
    path = "/logout",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(content = Option<LogoutBody>, example = json!({"all": true})),
    responses((status = 200, description = "The session is over.", body = MessageBody)),
)]
pub(crate) async fn logout(
    State(engine): State<Doorward>,
    cookies: LogoutCookies,
    origin: RequestOrigin,
    user: CurrentUser,
    OptionalJsonBody(body): OptionalJsonBody<LogoutBody>,
) -> Result<(SetCookies, Unstored<MessageBody>), Problem> {
    let caller = user.caller(origin);
    if body.all == Some(true) {
        engine.end_all_sessions(&user.0, &caller, false).await?;
    } else {
        engine.logout(&user.0, &caller).await?;
    }
    let message =
        MessageBody::done("Logged out successfully. Please delete tokens from client storage.");
    Ok((cookies.cleared(), message))
}
