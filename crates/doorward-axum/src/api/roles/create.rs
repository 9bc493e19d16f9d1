//! `POST /roles`

use axum::Json;
use axum::extract::State;
use doorward::{Doorward, NewRole, RolesWrite};
use http::StatusCode;
use utoipa::ToSchema;

use super::body::{RoleBody, read_description, read_permissions};
use crate::extract::RequirePermission;
use crate::fields::{Bounded, Fields, FromFields, JsonBody};
use crate::problem::Problem;
use crate::wire::PermissionText;

/// A role to define.
#[derive(Debug, ToSchema)]
#[schema(as = RoleCreate)]
#[expect(
    dead_code,
    reason = "the shape for the document; `NewRole` is what is read"
)]
pub(crate) struct CreateBody {
    /// The name: lower-case letters, digits, `_` and `-`.
    #[schema(max_length = 50, pattern = "^[a-z][a-z0-9_-]*$", example = "billing")]
    name: String,
    /// Where it stands, from 0 to 399; the built-in ones have 400, 300, 200 and 100.
    #[schema(minimum = 0, maximum = 399, default = 150)]
    rank: Option<i64>,
    /// What it is for, in words.
    #[schema(max_length = 500, default = "", example = "Sends invoices")]
    description: Option<String>,
    /// What it permits, each written `resource:action`.
    #[schema(max_items = 200, example = json!(["invoices:send", "users:read"]))]
    permissions: Option<Vec<PermissionText>>,
}

impl FromFields for NewRole {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name");
        let rank = fields.optional::<Bounded<0, 399>>("rank");
        let description = read_description(fields);
        let permissions = read_permissions(fields);
        let mut new = Self::new(name?)
            .description(description?.unwrap_or_default())
            .permits(permissions?.unwrap_or_default());
        new.rank = rank?.map(|rank| rank.value());
        Some(new)
    }
}

/// Define a role.
#[utoipa::path(
    post,
    path = "",
    tag = "Roles",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    request_body(
        content = CreateBody,
        example = json!({
            "name": "billing",
            "description": "Sends invoices",
            "permissions": ["invoices:send", "users:read"],
        }),
    ),
    responses(
        (status = 201, description = "The role.", body = RoleBody),
        (status = 403, description = "Insufficient privileges, or the role would permit more than the caller may do."),
        (status = 409, description = "There is a role of this name."),
    ),
)]
pub(crate) async fn create_role(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<RolesWrite>,
    JsonBody(new): JsonBody<NewRole>,
) -> Result<(StatusCode, Json<RoleBody>), Problem> {
    let role = engine.create_role(&by, new).await?;
    Ok((StatusCode::CREATED, Json(role.into())))
}
