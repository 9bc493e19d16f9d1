//! Names of roles and permissions: as the document describes them, and as they are read.

use doorward::RoleName;
use utoipa::ToSchema;

use crate::fields::{FieldFault, Fields};

/// The name of a role: lower-case letters, digits, `_` and `-`, a letter first.
#[derive(Debug, ToSchema)]
#[schema(as = RoleName, max_length = 50, pattern = "^[a-z][a-z0-9_-]*$", example = "moderator")]
#[expect(
    dead_code,
    reason = "the shape for the document; `RoleName` is what is read"
)]
pub(crate) struct RoleNameText(String);

/// A permission, written `resource:action`.
#[derive(Debug, ToSchema)]
#[schema(
    as = Permission,
    max_length = 64,
    pattern = "^[a-z][a-z0-9_.-]*:[a-z][a-z0-9_.-]*$",
    example = "invoices:send"
)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Permission` is what is read"
)]
pub(crate) struct PermissionText(String);

/// `role` is the short form of `roles` with one.
pub(crate) fn read_roles(fields: &mut Fields) -> Option<Option<Vec<RoleName>>> {
    let role = fields.optional::<RoleName>("role");
    let roles = fields.optional::<Vec<RoleName>>("roles");
    match (role?, roles?) {
        (Some(_), Some(_)) => {
            fields.refuse("role", FieldFault::value_error("send either role or roles"))
        }
        (Some(role), None) => Some(Some(vec![role])),
        (None, roles) => Some(roles),
    }
}
