//! `DELETE /users/{id}/lock`

use axum::extract::State;
use doorward::{Doorward, UserId, UsersWrite};
use http::StatusCode;

use crate::extract::RequirePermission;
use crate::fields::PathParam;
use crate::problem::Problem;

/// Let logins of an account in again, which too many failures had locked.
#[utoipa::path(
    delete,
    path = "/{id}/lock",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 204, description = "The account is not locked, whether it was or not."),
        (status = 403, description = "Insufficient privileges."),
        (status = 404, description = "There is no such account."),
    ),
)]
pub(crate) async fn unlock_user(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersWrite>,
    PathParam(id): PathParam<UserId>,
) -> Result<StatusCode, Problem> {
    engine.unlock_user(&by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
