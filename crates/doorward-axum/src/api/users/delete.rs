//! `DELETE /users/{id}`

use axum::extract::State;
use doorward::{Doorward, UserId, UsersDelete};
use http::StatusCode;

use crate::extract::RequirePermission;
use crate::fields::PathParam;
use crate::problem::Problem;

/// Delete an account with all that belongs to it, at once.
#[utoipa::path(
    delete,
    path = "/{id}",
    tag = "Users",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 204, description = "The account is gone."),
        (status = 403, description = "Insufficient privileges."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "It is the last active admin."),
    ),
)]
pub(crate) async fn delete_user(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<UsersDelete>,
    PathParam(id): PathParam<UserId>,
) -> Result<StatusCode, Problem> {
    engine.delete_user(&by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
