//! `DELETE /auth/sessions/{id}`

use axum::extract::State;
use doorward::{Doorward, SessionId};
use http::StatusCode;

use crate::extract::{CurrentUser, RequestOrigin};
use crate::fields::PathParam;
use crate::problem::Problem;

/// End one of the own sessions, at once.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    tag = "Authentication",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The session.")),
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
