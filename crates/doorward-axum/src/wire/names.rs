//! Names as the document describes them, where they stand in lists.

use utoipa::ToSchema;

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
