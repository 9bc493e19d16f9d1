//! `GET` and `DELETE /auth/sessions`, `DELETE /auth/sessions/{id}`

use axum::extract::State;
use doorward::{Doorward, Session, SessionId};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::PathParam;
use crate::problem::Problem;
use crate::wire::{Unstored, rfc3339};

/// A session: one login on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    /// The id, the `sid` of its tokens.
    id: Uuid,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last refreshed, or opened.
    #[schema(format = DateTime)]
    last_used_at: String,
    /// When it ends if it is not refreshed.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The address that it was opened from.
    #[schema(required, example = "203.0.113.7")]
    ip: Option<String>,
    /// What the client said it was.
    #[schema(required, example = "curl/8.5.0")]
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.as_uuid(),
            created_at: rfc3339(session.created_at),
            last_used_at: rfc3339(session.last_used_at),
            expires_at: rfc3339(session.expires_at),
            ip: session.ip,
            user_agent: session.user_agent,
            current: session.is_current,
        }
    }
}

/// List the own live sessions, the newest first, a thousand at the most.
#[utoipa::path(
    get,
    path = "/sessions",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses((status = 200, description = "The sessions.", body = [SessionBody])),
)]
pub(crate) async fn list_sessions(
    State(engine): State<Doorward>,
    user: CurrentUser,
) -> Result<Unstored<Vec<SessionBody>>, Problem> {
    let sessions = engine.list_sessions(&user.0).await?;
    Ok(Unstored(
        sessions.into_iter().map(SessionBody::from).collect(),
    ))
}

/// End all of the own sessions but this one, at once.
#[utoipa::path(
    delete,
    path = "/sessions",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses((status = 204, description = "The other sessions are over.")),
)]
pub(crate) async fn end_all_sessions(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
) -> Result<StatusCode, Problem> {
    let caller = user.caller(origin);
    engine.end_all_sessions(&user.0, &caller, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one of the own sessions, at once.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = Uuid, Path, description = "The session.")),
    responses(
        (status = 204, description = "The session is over."),
        (status = 404, description = "The account has no such live session."),
    ),
)]
pub(crate) async fn end_session(
    State(engine): State<Doorward>,
    origin: RequestOrigin,
    user: CurrentUser,
    PathParam(id): PathParam<SessionId>,
) -> Result<StatusCode, Problem> {
    let caller = user.caller(origin);
    engine.end_session(&user.0, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
