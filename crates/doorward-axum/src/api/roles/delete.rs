//! `DELETE /roles/{name}`

use axum::extract::State;
use doorward::{Doorward, RoleName, RolesWrite};
use http::StatusCode;

use crate::extract::RequirePermission;
use crate::fields::PathParam;
use crate::problem::Problem;

/// Delete a role that nobody has.
#[utoipa::path(
    delete,
    path = "/{name}",
    tag = "Roles",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("name" = String, Path, description = "The role.", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")),
    responses(
        (status = 204, description = "The role is gone."),
        (status = 403, description = "Insufficient privileges, or the role permits more than the caller may do."),
        (status = 404, description = "There is no such role."),
        (status = 409, description = "The role is built in, or somebody has it."),
    ),
)]
pub(crate) async fn delete_role(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<RolesWrite>,
    PathParam(name): PathParam<RoleName>,
) -> Result<StatusCode, Problem> {
    engine.delete_role(&by, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
