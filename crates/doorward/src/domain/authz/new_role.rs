//! Roles to define, and changes of them.

use std::collections::BTreeSet;

use super::{Permission, RoleName};

/// The rank of a defined role where none is given: between `guest` and `user`.
pub(crate) const DEFAULT_RANK: i64 = 150;

/// No defined role stands as high as `admin`.
const HIGHEST_RANK: i64 = 399;

/// A role to define.
///
/// ```
/// use doorward::{NewRole, Permission, RoleName};
///
/// let role = NewRole::new(RoleName::new("billing"))
///     .rank(250)
///     .description("Sends invoices")
///     .permits([Permission::new("invoices:send")]);
/// assert_eq!(role.rank, Some(250));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewRole {
    /// Its name.
    pub name: RoleName,
    /// Where it stands, from 0 to 399. Default: 150, between `guest` and `user`.
    pub rank: Option<i64>,
    /// What it is for, in words.
    pub description: String,
    /// What it permits.
    pub permissions: BTreeSet<Permission>,
}

impl NewRole {
    /// A role that permits nothing yet.
    pub fn new(name: RoleName) -> Self {
        Self {
            name,
            rank: None,
            description: String::new(),
            permissions: BTreeSet::new(),
        }
    }

    /// The same at this rank, from 0 to 399.
    #[must_use]
    pub fn rank(mut self, rank: i64) -> Self {
        self.rank = Some(rank);
        self
    }

    /// The same with what it is for, in words.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same permitting this too.
    #[must_use]
    pub fn permits(mut self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        self.permissions.extend(permissions);
        self
    }
}

/// What to change of a role; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RoleChange {
    /// Where it stands, from 0 to 399.
    pub rank: Option<i64>,
    /// What it is for, in words.
    pub description: Option<String>,
    /// What it permits, from now on, for everybody who has it.
    pub permissions: Option<BTreeSet<Permission>>,
}

/// The text as every database can hold it: PostgreSQL has no texts with NUL.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

pub(crate) fn is_rank(rank: i64) -> bool {
    (0..=HIGHEST_RANK).contains(&rank)
}
