//! A role in answers, and the fields that requests to create and to change one share.

use doorward::{Permission, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fields::{FieldFault, Fields};
use crate::wire::rfc3339;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;
/// The most permissions that one role lists.
const MOST_PERMISSIONS: usize = 200;

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

/// Reads the description, of at most 500 characters.
pub(super) fn read_description(fields: &mut Fields) -> Option<Option<String>> {
    match fields.optional::<String>("description")? {
        Some(text) if text.chars().count() > LONGEST_DESCRIPTION => fields.refuse(
            "description",
            FieldFault::string_too_long(LONGEST_DESCRIPTION),
        ),
        text => Some(text),
    }
}

/// Reads the permissions, at most 200.
pub(super) fn read_permissions(fields: &mut Fields) -> Option<Option<Vec<Permission>>> {
    match fields.optional::<Vec<Permission>>("permissions")? {
        Some(list) if list.len() > MOST_PERMISSIONS => fields.refuse(
            "permissions",
            FieldFault::new(
                "too_long",
                format!("List should have at most {MOST_PERMISSIONS} items"),
            ),
        ),
        list => Some(list),
    }
}
