//! `PATCH /roles/{name}`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, RoleChange, RoleName, RolesWrite};
use utoipa::ToSchema;

use super::body::{RoleBody, read_description, read_permissions};
use crate::extract::RequirePermission;
use crate::fields::{Bounded, Fields, FromFields, JsonBody, PathParam};
use crate::problem::Problem;
use crate::wire::PermissionText;

/// What to change of a role; what is left out stays as it is.
#[derive(Debug, ToSchema)]
#[schema(as = RoleUpdate)]
#[expect(
    dead_code,
    reason = "the shape for the document; `RoleChange` is what is read"
)]
pub(crate) struct UpdateBody {
    /// Where it stands, from 0 to 399.
    #[schema(minimum = 0, maximum = 399)]
    rank: Option<i64>,
    /// What it is for, in words.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// What it permits from now on, and nothing else.
    #[schema(max_items = 200, example = json!(["invoices:send"]))]
    permissions: Option<Vec<PermissionText>>,
}

impl FromFields for RoleChange {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let rank = fields.optional::<Bounded<0, 399>>("rank");
        let description = read_description(fields);
        let permissions = read_permissions(fields);
        Some(Self {
            rank: rank?.map(|rank| rank.value()),
            description: description?,
            permissions: permissions?.map(|list| list.into_iter().collect()),
        })
    }
}

/// Change a role, at once for everybody who has it.
#[utoipa::path(
    patch,
    path = "/{name}",
    tag = "Roles",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("name" = String, Path, description = "The role.", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")),
    request_body(content = UpdateBody, example = json!({"permissions": ["invoices:send"]})),
    responses(
        (status = 200, description = "The role as it is now.", body = RoleBody),
        (status = 403, description = "Insufficient privileges, or the role permits more than the caller may do."),
        (status = 404, description = "There is no such role."),
        (status = 409, description = "The role is built in."),
    ),
)]
pub(crate) async fn update_role(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<RolesWrite>,
    PathParam(name): PathParam<RoleName>,
    JsonBody(change): JsonBody<RoleChange>,
) -> Result<Json<RoleBody>, Problem> {
    let role = engine.update_role(&by, &name, change).await?;
    Ok(Json(role.into()))
}
