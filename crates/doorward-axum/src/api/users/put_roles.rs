//! `PUT /users/{id}/roles`

use axum::extract::State;
use doorward::{Doorward, Reauthentication, RoleName, RolesAssign, UserChange, UserId};
use utoipa::ToSchema;

use crate::extract::RequirePermission;
use crate::fields::{Fields, FromFields, JsonBody, PathParam};
use crate::problem::Problem;
use crate::wire::{RoleNameText, Unstored, UserBody};

/// The roles that an account is to have, and no others.
#[derive(Debug, ToSchema)]
#[schema(as = RoleAssignment)]
pub(crate) struct RolesBody {
    /// Their names.
    #[schema(value_type = Vec<RoleNameText>, example = json!(["moderator", "user"]))]
    roles: Vec<RoleName>,
}

impl FromFields for RolesBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            roles: fields.required("roles")?,
        })
    }
}

/// Give an account these roles, and no others, at once.
#[utoipa::path(
    put,
    path = "/{id}/roles",
    tag = "Roles",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    request_body(content = RolesBody, example = json!({"roles": ["moderator", "user"]})),
    responses(
        (status = 200, description = "The account as it is now.", body = UserBody),
        (status = 403, description = "Insufficient privileges."),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "It is the last active admin."),
    ),
)]
pub(crate) async fn put_roles(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<RolesAssign>,
    PathParam(id): PathParam<UserId>,
    JsonBody(body): JsonBody<RolesBody>,
) -> Result<Unstored<UserBody>, Problem> {
    let change = UserChange {
        roles: Some(body.roles),
        ..UserChange::default()
    };
    let proof = Reauthentication::default();
    let user = engine.update_user(by.caller(), id, change, &proof).await?;
    Ok(Unstored(UserBody::from(&user)))
}
