//! `DELETE /auth/sessions`

use axum::extract::State;
use doorward::Doorward;
use http::StatusCode;

use crate::extract::{CurrentUser, RequestOrigin};
use crate::problem::Problem;

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
