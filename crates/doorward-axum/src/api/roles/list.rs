//! `GET /roles`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, Role, RolesRead};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::RequirePermission;
use crate::problem::Problem;
use crate::wire::rfc3339;

/// A role: a named set of permissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleBody {
    /// The name.
    #[schema(example = "billing")]
    name: String,
    /// Where it stands; the highest of an account's roles is its `role`.
    #[schema(example = 150)]
    rank: i64,
    /// What it is for, in words.
    #[schema(example = "Sends invoices")]
    description: String,
    /// What it permits.
    #[schema(example = json!(["invoices:send", "users:read"]))]
    permissions: Vec<String>,
    /// Whether it belongs to the release, and so can't be changed or deleted.
    built_in: bool,
    /// When it was defined.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        Self {
            name: role.name.to_string(),
            rank: role.rank,
            description: role.description,
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            built_in: role.built_in,
            created_at: rfc3339(role.created_at),
            updated_at: rfc3339(role.updated_at),
        }
    }
}

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
