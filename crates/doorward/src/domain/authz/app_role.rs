//! Roles as an enum of the app that embeds the engine.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::new_role::{DEFAULT_RANK, is_rank, storable};
use super::{NewRole, Role, RoleName, built_in_permissions};
use crate::domain::clock::Timestamp;

/// An app's own roles: an enum, so that one that there is not does not compile.
///
/// [`Builder::roles`](crate::Builder::roles) brings them into the database. A variant may
/// also stand for a built-in role, which stays as it is whatever its definition says.
///
/// ```
/// use doorward::{AppRole, NewRole, Permission, RoleName};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// enum Staff {
///     Editor,
///     Author,
/// }
///
/// impl AppRole for Staff {
///     const ALL: &'static [Self] = &[Self::Editor, Self::Author];
///
///     fn name(self) -> RoleName {
///         match self {
///             Self::Editor => RoleName::new("editor"),
///             Self::Author => RoleName::new("author"),
///         }
///     }
///
///     fn definition(self) -> NewRole {
///         let role = NewRole::new(self.name());
///         match self {
///             Self::Editor => role.rank(250).permits([Permission::new("articles:publish")]),
///             Self::Author => role.rank(240),
///         }
///     }
/// }
///
/// assert_eq!(Staff::Editor.definition().rank, Some(250));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of the app's roles",
    label = "is no `AppRole`",
    note = "one role alone, such as the built-in `Admin`, belongs into `RequireRole`"
)]
pub trait AppRole: Copy + Send + Sync + 'static {
    /// Every one of them.
    const ALL: &'static [Self];

    /// The role's name, of which there is one for each variant.
    fn name(self) -> RoleName;

    /// What the role is. Default: its name at rank 150, permitting nothing.
    ///
    /// It is called what [`name`](Self::name) says, whatever name stands in it.
    fn definition(self) -> NewRole {
        NewRole::new(self.name())
    }
}

/// The roles that the app itself defines, less those that are built in.
///
/// They are in an order, so that two processes that start at once take them up in the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppRoles(BTreeMap<RoleName, NewRole>);

/// Roles that no app can define.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InvalidAppRole {
    /// The rank is not within 0 and 399.
    Rank(RoleName),
    /// There are two definitions of this name.
    DefinedTwice(RoleName),
}

/// What the app says of each of its roles.
pub(crate) fn definitions<R: AppRole>() -> impl Iterator<Item = NewRole> {
    R::ALL.iter().map(|role| NewRole {
        name: role.name(),
        ..role.definition()
    })
}

impl AppRoles {
    pub(crate) fn new(
        definitions: impl IntoIterator<Item = NewRole>,
    ) -> Result<Self, InvalidAppRole> {
        let mut roles = BTreeMap::new();
        let own = |new: &NewRole| built_in_permissions(&new.name).is_none();
        for new in definitions.into_iter().filter(own) {
            if !is_rank(new.rank.unwrap_or(DEFAULT_RANK)) {
                return Err(InvalidAppRole::Rank(new.name));
            }
            match roles.entry(new.name.clone()) {
                Entry::Vacant(place) => drop(place.insert(new)),
                Entry::Occupied(other) if *other.get() == new => {}
                Entry::Occupied(_) => return Err(InvalidAppRole::DefinedTwice(new.name)),
            }
        }
        Ok(Self(roles))
    }

    pub(crate) fn defines(&self, name: &RoleName) -> bool {
        self.0.contains_key(name)
    }

    /// The roles as they are to be stored.
    pub(crate) fn wanted(&self, now: Timestamp) -> Vec<Role> {
        let role = |new: &NewRole| Role {
            name: new.name.clone(),
            rank: new.rank.unwrap_or(DEFAULT_RANK),
            description: storable(&new.description),
            permissions: new.permissions.clone(),
            built_in: true,
            created_at: now,
            updated_at: now,
        };
        self.0.values().map(role).collect()
    }
}
