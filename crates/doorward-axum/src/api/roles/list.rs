//! `GET /roles`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, RolesRead};

use super::body::RoleBody;
use crate::extract::RequirePermission;
use crate::problem::Problem;

/// List all roles, the highest first.
#[utoipa::path(
    get,
    path = "",
    tag = "Roles",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    responses(
        (status = 200, description = "The roles.", body = [RoleBody]),
        (status = 403, description = "Insufficient privileges."),
    ),
)]
pub(crate) async fn list_roles(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<RolesRead>,
) -> Result<Json<Vec<RoleBody>>, Problem> {
    let roles = engine.list_roles(&by).await?;
    Ok(Json(roles.into_iter().map(RoleBody::from).collect()))
}
